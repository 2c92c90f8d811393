// SPDX-License-Identifier: LGPL-2.1-or-later
#include "outage.h"

namespace support {
namespace {

constexpr int kFramesBefore = 3'000;
constexpr gint64 kOutage = 10 * G_USEC_PER_SEC;
constexpr gulong kBetweenFrames = 2'000;  // microseconds

struct Paces {
  Pace up;
  Pace down;
};

Paces push_all(Publisher& publisher, const Outage& outage) {
  Paces paces;
  gint64 began = 0;
  bool over = false;
  for (int i = 0; i < kOutageFrames; ++i) {
    if (i == kFramesBefore) {
      outage.begin();
      began = g_get_monotonic_time();
    }
    if (began && !over && g_get_monotonic_time() - began > kOutage) {
      outage.end();
      over = true;
    }
    Pace& pace = began && !over ? paces.down : paces.up;
    pace.push(publisher, result_frame(i));
    g_usleep(kBetweenFrames);
  }
  g_assert_true(over);
  return paces;
}

}  // namespace

void assert_all_are_acknowledged(Publisher& publisher, const Outage& outage) {
  const Paces paces = push_all(publisher, outage);
  publisher.end();

  g_assert_cmpuint(publisher.count("acknowledged"), ==, kOutageFrames);
  g_assert_cmpuint(publisher.count("dropped"), ==, 0);
  g_assert_cmpuint(publisher.count("failed"), ==, 0);
  g_assert_cmpuint(publisher.said(GST_MESSAGE_WARNING).size(), ==, 1);
  g_assert_cmpuint(publisher.said(GST_MESSAGE_INFO).size(), ==, 1);
  g_test_message(
      "us per frame, broker up: p50 %.1f p99 %.1f; down: p50 %.1f p99 %.1f",
      paces.up.percentile(0.5), paces.up.percentile(0.99),
      paces.down.percentile(0.5), paces.down.percentile(0.99));
  assert_unhindered(paces.down);
}

}  // namespace support
