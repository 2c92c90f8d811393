// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data_summary/picture_scan.h"

#include <openssl/evp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "data/picture_mat.h"
#include "data_summary/file_kind.h"
#include "torchclassify/error.h"
#include "torchclassify/train/split.h"

namespace torchclassify {
namespace {

void add(Findings<Remark>& to, Remark remark, std::size_t most) {
  ++to.count;
  to.listed.push_back(std::move(remark));
  // Threads come in any order: the first by index stay.
  if (to.listed.size() > 2 * most + 100) {
    std::sort(to.listed.begin(), to.listed.end());
    to.listed.resize(most);
  }
}

void finish(Findings<Remark>& findings, std::size_t most) {
  std::sort(findings.listed.begin(), findings.listed.end());
  findings.listed.resize(std::min(findings.listed.size(), most));
}

std::array<std::uint8_t, 16> digest_of(const std::vector<std::uint8_t>& bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> whole = {};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), whole.data(), &size, EVP_sha256(),
                 nullptr) != 1)
    throw Error(ErrorCode::kInternal, "OpenSSL cannot compute SHA-256");
  std::array<std::uint8_t, 16> digest = {};
  std::copy_n(whole.begin(), digest.size(), digest.begin());
  return digest;
}

void add_moments(const Picture& picture, PictureFacts& facts) {
  const std::size_t channels = static_cast<std::size_t>(picture.channels);
  const double pixels = 1.0 * picture.width * picture.height;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    std::uint64_t sum = 0, squares = 0;
    for (std::size_t at = std::min(channel, channels - 1);
         at < picture.pixels.size(); at += channels) {
      const std::uint64_t value = picture.pixels[at];
      sum += value;
      squares += value * value;
    }
    facts.mean[channel] =
        static_cast<float>(static_cast<double>(sum) / pixels / 255);
    facts.mean_square[channel] =
        static_cast<float>(static_cast<double>(squares) / pixels / 255 / 255);
  }
}

std::array<std::uint8_t, 64> thumbnail_of(const Picture& picture) {
  std::array<std::uint8_t, 64> grey = {};
  cv::Mat small, result(8, 8, CV_8UC1, grey.data());
  cv::resize(as_mat(picture), small, {8, 8}, 0, 0, cv::INTER_AREA);
  if (picture.channels == 1)
    small.copyTo(result);
  else
    cv::cvtColor(small, result, cv::COLOR_RGB2GRAY);
  return grey;
}

PictureFacts facts_of(const Picture& picture) {
  PictureFacts facts{.width = picture.width,
                     .height = picture.height,
                     .channels = picture.channels,
                     .look = difference_hash(picture),
                     .thumbnail = thumbnail_of(picture),
                     .digest = digest_of(picture.pixels)};
  add_moments(picture, facts);
  return facts;
}

bool is_flat(const Picture& picture) {
  const auto channels = static_cast<std::ptrdiff_t>(picture.channels);
  return std::equal(picture.pixels.begin() + channels, picture.pixels.end(),
                    picture.pixels.begin());
}

std::string size_text(const Picture& picture) {
  return std::to_string(picture.width) + "x" + std::to_string(picture.height);
}

std::vector<Remark> suspicions(const Picture& picture) {
  std::vector<Remark> remarks;
  const auto [shorter, longer] = std::minmax(picture.width, picture.height);
  if (shorter < kTinySide)
    remarks.push_back({.suspicion = Suspicion::kTiny,
                       .reason = size_text(picture) + " pixels"});
  if (std::int64_t{shorter} * longer > kHugePixels)
    remarks.push_back({.suspicion = Suspicion::kHuge,
                       .reason = size_text(picture) + " pixels"});
  if (std::int64_t{longer} > std::int64_t{shorter} * kExtremeAspect)
    remarks.push_back({.suspicion = Suspicion::kAspect,
                       .reason = size_text(picture) + " pixels"});
  if (is_flat(picture))
    remarks.push_back({.suspicion = Suspicion::kFlat,
                       .reason = "all pixels have one colour"});
  return remarks;
}

// "what: NAME" without the name, which findings carry beside it.
std::string reason_of(const Error& error, const std::string& name) {
  std::string reason = error.what();
  const std::string end = ": " + name;
  if (reason.ends_with(end))
    reason.resize(reason.size() - end.size());
  return reason;
}

bool is_of_picture(ErrorCode code) {
  return code == ErrorCode::kNotFound || code == ErrorCode::kCannotRead ||
         code == ErrorCode::kBadData || code == ErrorCode::kUnsupported;
}

// Lets the threads end, also where progress throws.
struct NoMore {
  ~NoMore() { next = end; }

  std::atomic<std::size_t>& next;
  std::size_t end;
};

class Scanner {
 public:
  Scanner(const Dataset& dataset, std::size_t most)
      : most_(most), data_(dataset) {
    scan_.facts.resize(data_.size());
  }

  PictureScan run(int threads,
                  const std::function<void(std::size_t)>& progress);

 private:
  void work();
  void look_at(std::size_t index);
  // kind: of its file, if it is one of its own.
  Picture read(std::size_t index, const std::string& name, FileKind& kind);
  FileKind look_at_file(std::size_t index, const std::string& name,
                        std::span<const std::uint8_t> bytes);
  void remark(std::size_t index, Remark remark);
  void wait(const std::function<void(std::size_t)>& progress);

  const std::size_t most_;
  const Dataset& data_;
  std::atomic<std::size_t> next_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Protected by mutex_, but for scan_.facts: each element is one thread's.
  PictureScan scan_;
  std::size_t done_ = 0;
  std::exception_ptr failure_;
};

FileKind Scanner::look_at_file(std::size_t index, const std::string& name,
                               std::span<const std::uint8_t> bytes) {
  const FileKind kind = file_kind(bytes);
  const PictureFormat promised = format_of_extension(name);
  if (kind.format != PictureFormat::kNone && promised != PictureFormat::kNone &&
      kind.format != promised)
    remark(index, {.suspicion = Suspicion::kExtension,
                   .reason = std::string("named as ") + format_name(promised) +
                             ", is " + format_name(kind.format)});
  const std::lock_guard lock(mutex_);
  scan_.file_bytes += bytes.size();
  return kind;
}

void Scanner::remark(std::size_t index, Remark remark) {
  remark.index = index;
  const std::lock_guard lock(mutex_);
  add(scan_.suspicious, std::move(remark), most_);
}

Picture Scanner::read(std::size_t index, const std::string& name,
                      FileKind& kind) {
  const auto bytes = data_.encoded(index);
  if (!bytes)
    return data_.picture(index);
  kind = look_at_file(index, name, *bytes);
  return decode_picture(bytes->data(), bytes->size(), name);
}

void Scanner::look_at(std::size_t index) {
  const std::string name = data_.name(index);
  try {
    FileKind kind;
    const Picture picture = read(index, name, kind);
    scan_.facts[index] = facts_of(picture);
    for (Remark& found : suspicions(picture)) remark(index, std::move(found));
    if (kind.mode.empty())
      kind.mode = picture.channels == 1 ? "grey" : "RGB";
    const std::lock_guard lock(mutex_);
    ++scan_.kinds[kind.format == PictureFormat::kNone
                      ? kind.mode
                      : std::string(format_name(kind.format)) + ", " +
                            kind.mode];
  } catch (const Error& error) {
    if (!is_of_picture(error.code()))
      throw;
    const std::lock_guard lock(mutex_);
    add(scan_.unreadable, {.index = index, .reason = reason_of(error, name)},
        most_);
  }
}

void Scanner::work() {
  try {
    for (std::size_t i = next_++; i < data_.size(); i = next_++) {
      look_at(i);
      const std::lock_guard lock(mutex_);
      ++done_;
    }
  } catch (const std::exception&) {
    next_ = data_.size();
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
  }
  changed_.notify_one();
}

void Scanner::wait(const std::function<void(std::size_t)>& progress) {
  std::unique_lock lock(mutex_);
  while (done_ < data_.size() && !failure_) {
    changed_.wait_for(lock, std::chrono::milliseconds(100));
    if (!progress)
      continue;
    const std::size_t done = done_;
    lock.unlock();
    progress(done);
    lock.lock();
  }
}

PictureScan Scanner::run(int threads,
                         const std::function<void(std::size_t)>& progress) {
  {
    std::vector<std::jthread> workers;
    const NoMore no_more{next_, data_.size()};
    for (int i = 0; i < threads; ++i) workers.emplace_back([this] { work(); });
    wait(progress);
  }
  if (failure_)
    std::rethrow_exception(failure_);
  finish(scan_.unreadable, most_);
  finish(scan_.suspicious, most_);
  return std::move(scan_);
}

}  // namespace

PictureScan scan_pictures(const Dataset& dataset, int threads,
                          std::size_t most_listed,
                          const std::function<void(std::size_t)>& progress) {
  return Scanner(dataset, most_listed).run(threads, progress);
}

}  // namespace torchclassify
