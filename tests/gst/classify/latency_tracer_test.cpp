// SPDX-License-Identifier: LGPL-2.1-or-later
// What GStreamer's own tracer says of the time that frames spend here.
#include <glib.h>

#include <cstdlib>
#include <sstream>

#include "subprocess.h"

namespace {

using namespace support;

// Nanoseconds, one for each frame.
std::vector<guint64> latencies_in(const std::string& log) {
  constexpr char kTime[] = "time=(guint64)";
  std::vector<guint64> latencies;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const auto ours = line.find("element-latency, ");
    if (ours == std::string::npos ||
        line.find("element=(string)torchclassify0", ours) == std::string::npos)
      continue;
    const auto time = line.find(kTime, ours);
    g_assert_true(time != std::string::npos);
    latencies.push_back(
        std::strtoull(line.c_str() + time + sizeof kTime - 1, nullptr, 10));
  }
  return latencies;
}

// A pipeline with this in its middle, under the tracer, for 30 s at most.
Ended traced(const std::vector<std::string>& middle) {
  std::vector<std::string> words = {"timeout", "30",           "gst-launch-1.0",
                                    "-q",      "videotestsrc", "num-buffers=5",
                                    "!"};
  words.insert(words.end(), middle.begin(), middle.end());
  words.insert(words.end(), {"!", "fakesink"});
  return run(words, {"GST_TRACERS=latency(flags=element)",
                     "GST_DEBUG=GST_TRACER:7", "GST_DEBUG_NO_COLOR=1"});
}

// The late engine takes 50 ms a frame, and they queue up.
void test_the_tracer_sees_how_long_frames_wait(void) {
  if (!program_or_skip("gst-launch-1.0") || !program_or_skip("timeout"))
    return;
  // Seen with Debian's 1.26.2.
  if (traced({"identity"}).status != 0) {
    g_test_skip("GStreamer's own elements hang under its tracer here");
    return;
  }

  const Ended ended = traced({"torchclassify", "model-file=late"});

  g_assert_cmpint(ended.status, ==, 0);
  const std::vector<guint64> latencies = latencies_in(ended.err);
  g_assert_cmpuint(latencies.size(), ==, 5);
  for (const guint64 latency : latencies) {
    g_test_message("%.1f ms", static_cast<double>(latency) / 1e6);
    g_assert_cmpuint(latency, >=, 50'000'000);
    g_assert_cmpuint(latency, <, 60'000'000'000);
  }
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/latency-tracer/it-sees-how-long-frames-wait",
                  test_the_tracer_sees_how_long_frames_wait);
  return g_test_run();
}
