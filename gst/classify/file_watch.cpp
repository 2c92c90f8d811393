// SPDX-License-Identifier: LGPL-2.1-or-later
#include "file_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "torchclassify/error.h"

namespace torchclassify {

namespace fs = std::filesystem;

FileWatch::~FileWatch() { close(); }

void FileWatch::close() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
  descriptor_ = -1;
}

void FileWatch::watch(const std::string& path) {
  close();
  if (path.empty())
    return;
  const fs::path file = fs::absolute(path);
  name_ = file.filename();
  descriptor_ = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor_ >= 0 &&
      inotify_add_watch(descriptor_, file.parent_path().c_str(),
                        IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) >= 0)
    return;
  const int reason = errno;
  close();
  throw Error(ErrorCode::kCannotRead,
              "expected a folder that can be watched for " + path +
                  ", got: " + std::strerror(reason));
}

bool FileWatch::changed() {
  bool found = false;
  alignas(inotify_event) char events[4096];
  while (descriptor_ >= 0) {
    const ssize_t length = read(descriptor_, events, sizeof events);
    if (length <= 0)
      break;
    for (ssize_t at = 0; at < length;) {
      const auto* event = reinterpret_cast<const inotify_event*>(events + at);
      found = found || (event->mask & IN_Q_OVERFLOW) != 0 ||
              (event->len > 0 && name_ == event->name);
      at += static_cast<ssize_t>(sizeof *event + event->len);
    }
  }
  return found;
}

}  // namespace torchclassify
