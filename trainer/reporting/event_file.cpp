// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/event_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "formats/atomic_file.h"
#include "formats/mapped_file.h"
#include "formats/unique_fd.h"
#include "reporting/event_record.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

namespace fs = std::filesystem;

constexpr char kPrefix[] = "events.out.tfevents.";
constexpr std::size_t kBuffered = 64 << 10;  // bytes

[[noreturn]] void refuse(const std::string& what, const fs::path& path) {
  throw Error(ErrorCode::kCannotWrite, what + ": " + path.string());
}

double seconds_now() {
  using Seconds = std::chrono::duration<double>;
  return Seconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string host_name() {
  char name[256] = "";
  // A name that does not fit may lack its end.
  if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0')
    return "localhost";
  return name;
}

// The one that was started last, by the seconds in its name; empty: none.
fs::path newest_in(const fs::path& folder) {
  fs::path newest;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kPrefix) && entry.is_regular_file(error) &&
        name > newest.filename().string())
      newest = entry.path();
  }
  if (error)
    refuse("cannot list the folder: " + error.message(), folder);
  return newest;
}

fs::path path_in(const fs::path& folder) {
  make_folder(folder);
  const fs::path newest = newest_in(folder);
  if (!newest.empty())
    return newest;
  const auto seconds = static_cast<std::int64_t>(seconds_now());
  return folder / (kPrefix + std::to_string(seconds) + "." + host_name());
}

std::size_t size_of_whole_records(const fs::path& path) try {
  const MappedFile file(path);
  return whole_records(
      {reinterpret_cast<const char*>(file.data()), file.size()});
} catch (const Error& error) {
  throw Error(ErrorCode::kCannotWrite,
              std::string("cannot go on with the file: ") + error.what());
}

}  // namespace

struct EventFile::Impl {
  explicit Impl(const fs::path& folder)
      : path(path_in(folder)),
        fd(open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
    if (fd.get() < 0)
      refuse("cannot open the file", errno);
    // Readers stop at a record that was cut off when the run was.
    const std::size_t whole = size_of_whole_records(path);
    if (ftruncate(fd.get(), static_cast<off_t>(whole)) < 0)
      refuse("cannot write the file", errno);
    if (whole == 0)
      add(version_event(seconds_now()));
    flush();
  }

  [[noreturn]] void refuse(const char* what, int code) const {
    torchclassify::refuse(std::string(what) + ": " + std::strerror(code), path);
  }

  void add(const std::string& event) {
    pending += framed_record(event);
    if (pending.size() >= kBuffered)
      flush();
  }

  void flush() {
    std::size_t done = 0;
    while (done < pending.size()) {
      const ssize_t written =
          ::write(fd.get(), pending.data() + done, pending.size() - done);
      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0) {
        const int code = errno;
        pending.erase(0, done);
        refuse("cannot write the file", code);
      }
      done += static_cast<std::size_t>(written);
    }
    pending.clear();
  }

  const fs::path path;
  const UniqueFd fd;
  std::string pending;  // whole records that are not written yet
};

EventFile::EventFile(const fs::path& folder)
    : impl_(std::make_unique<Impl>(folder)) {}

EventFile::~EventFile() {
  try {
    impl_->flush();
  } catch (const Error&) {
    // Who wants to know calls flush().
  }
}

void EventFile::restart(std::int64_t step) {
  impl_->add(restart_event(seconds_now(), step));
}

void EventFile::add_scalars(std::int64_t step,
                            const std::map<std::string, double>& values) {
  impl_->add(scalar_event(seconds_now(), step, values));
}

void EventFile::flush() { impl_->flush(); }

}  // namespace torchclassify
