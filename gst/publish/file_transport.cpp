// SPDX-License-Identifier: LGPL-2.1-or-later
#include "file_transport.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

Error cannot(const char* what, const std::string& path, int error) {
  return Error(error == ENOSPC || error == EDQUOT ? ErrorCode::kOutOfMemory
                                                  : ErrorCode::kCannotWrite,
               std::string(what) + path + ": " + std::strerror(error));
}

// A pipe that nobody reads is refused instead of waited for.
int open_file(const TransportOptions& options) {
  const std::string& path = options.file_path;
  if (path.empty())
    throw Error(ErrorCode::kInvalidArgument,
                "expected the property file-path to name a file, got none");
  if (path == "-")
    return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
  int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_APPEND;
  if (!options.append)
    flags |= O_TRUNC;
  return open(path.c_str(), flags, 0644);
}

// Lines go one by one, in steps that a reader cannot make wait: a pipe that
// poll() finds writable takes PIPE_BUF bytes.
class FileTransport final : public Transport {
 public:
  explicit FileTransport(const TransportOptions& options)
      : path_(options.file_path == "-" ? "standard output" : options.file_path),
        fd_(open_file(options)) {
    if (fd_ < 0)
      throw cannot("cannot write to ", path_, errno);
    struct stat status {};
    regular_ = fstat(fd_, &status) == 0 && S_ISREG(status.st_mode);
  }
  ~FileTransport() override { close(fd_); }
  FileTransport(const FileTransport&) = delete;
  FileTransport& operator=(const FileTransport&) = delete;

  Recovery recovery() const override { return Recovery::kNobody; }
  std::size_t window() const override { return 1; }

  void connect(TransportListener& listener) override {
    listener_ = &listener;
    listener.connected();
  }

  // A reader never sees half a line of a file that is full.
  void disconnect() override {
    if (regular_ && written_ > 0 && !text_.empty()) {
      struct stat status {};
      if (fstat(fd_, &status) == 0 &&
          status.st_size >= static_cast<off_t>(written_)) [[maybe_unused]]
        const int cut =
            ftruncate(fd_, status.st_size - static_cast<off_t>(written_));
    }
    text_.clear();
  }

  bool accepts() const override { return text_.empty(); }

  void send(const Line& line) override {
    number_ = line.number;
    text_ = line.text + '\n';
    written_ = 0;
    if (regular_)
      write_on();
  }

  pollfd interest() const override {
    return {text_.empty() ? -1 : fd_, POLLOUT, 0};
  }

  void work(short events) override {
    if (events != 0)
      write_on();
  }

 private:
  void write_on() {
    const std::size_t left = text_.size() - written_;
    const ssize_t count =
        write(fd_, text_.data() + written_,
              regular_ ? left : std::min<std::size_t>(left, PIPE_BUF));
    if (count < 0) {
      if (errno == EAGAIN || errno == EINTR)
        return;
      throw cannot("cannot write to ", path_, errno);
    }
    written_ += static_cast<std::size_t>(count);
    if (written_ < text_.size())
      return;
    text_.clear();
    listener_->acknowledged(number_);
  }

  const std::string path_;
  const int fd_;
  bool regular_ = false;
  TransportListener* listener_ = nullptr;

  // The line that is being written; empty if none is.
  std::string text_;
  std::uint64_t number_ = 0;
  std::size_t written_ = 0;  // bytes of it
};

}  // namespace

std::unique_ptr<Transport> make_file_transport(
    const TransportOptions& options) {
  return std::make_unique<FileTransport>(options);
}

}  // namespace torchclassify
