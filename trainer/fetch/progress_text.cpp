// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fetch/progress_text.h"

#include <cmath>

#include "formatted.h"

namespace torchclassify {
namespace {

constexpr double kMebibyte = 1 << 20;

std::string amount(std::uint64_t done, std::uint64_t total) {
  const double mebibytes = static_cast<double>(done) / kMebibyte;
  if (total == 0)
    return formatted("%.1f MiB", mebibytes);
  return formatted("%.1f of %.1f MiB (%d %%)", mebibytes,
                   static_cast<double>(total) / kMebibyte,
                   static_cast<int>(100.0 * static_cast<double>(done) /
                                    static_cast<double>(total)));
}

std::string time_left(double seconds) {
  constexpr double kMinute = 60;
  if (seconds < 2 * kMinute)
    return formatted(", %.0f s left", std::ceil(seconds));
  return formatted(", %.0f min left", std::ceil(seconds / kMinute));
}

std::uint64_t tenths(std::uint64_t done, std::uint64_t total) {
  return static_cast<std::uint64_t>(10.0 * static_cast<double>(done) /
                                    static_cast<double>(total));
}

}  // namespace

bool ProgressText::is_due(std::uint64_t done, std::uint64_t total,
                          double seconds) const {
  constexpr double kTerminalInterval = 0.1;  // seconds
  constexpr double kLineInterval = 10;       // seconds
  const bool complete = done == total;
  if (terminal_)
    return !line_open_ || complete ||
           seconds - printed_seconds_ >= kTerminalInterval;
  return total == 0 ? seconds - printed_seconds_ >= kLineInterval
                    : complete || tenths(done, total) > printed_tenths_;
}

std::string ProgressText::update(std::uint64_t done, std::uint64_t total,
                                 double seconds) {
  if (!started_) {
    started_ = true;
    first_done_ = done;
    first_seconds_ = printed_seconds_ = seconds;
    printed_tenths_ = total == 0 ? 0 : tenths(done, total);
  }
  if (!is_due(done, total, seconds))
    return {};
  printed_seconds_ = seconds;
  printed_tenths_ = total == 0 ? 0 : tenths(done, total);
  std::string text = amount(done, total);
  constexpr double kMeasurable = 0.5;  // seconds
  const double elapsed = seconds - first_seconds_;
  const auto fetched = static_cast<double>(done - first_done_);
  if (elapsed >= kMeasurable && fetched > 0) {
    const double rate = fetched / elapsed;  // bytes per second
    text += formatted(", %.1f MiB/s", rate / kMebibyte);
    if (total > done)
      text += time_left(static_cast<double>(total - done) / rate);
  }
  line_open_ = terminal_;
  constexpr const char* kOverwrite = "\r\x1b[K";  // the line from its beginning
  return terminal_ ? kOverwrite + text : text + "\n";
}

std::string ProgressText::finish() {
  const bool open = line_open_;
  line_open_ = false;
  return open ? "\n" : "";
}

}  // namespace torchclassify
