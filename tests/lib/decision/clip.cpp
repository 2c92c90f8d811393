// SPDX-License-Identifier: LGPL-2.1-or-later
#include "clip.h"

#include <glib.h>

#include <cctype>
#include <cmath>

namespace support {

std::vector<float> probabilities(char frame) {
  if (frame == '-')
    return std::vector<float>(3, 1.0f / 3);
  if (frame == '!')
    return {0.8f, NAN, 0.1f};
  const bool sure = std::islower(frame) != 0;
  std::vector<float> values(3, sure ? 0.1f : 0.3f);
  values.at(std::tolower(frame) - 'a') = sure ? 0.8f : 0.4f;
  return values;
}

char letter(int label_id) {
  g_assert_cmpint(label_id, >=, -1);
  g_assert_cmpint(label_id, <, 3);
  return "-abc"[label_id + 1];
}

std::string labels(const std::string& frames, std::int64_t interval_ns,
                   const torchclassify::DecisionOptions& options) {
  torchclassify::Decision decision;
  std::string reported;
  std::int64_t time_ns = 0;
  for (const char frame : frames) {
    reported += letter(
        decision.update(time_ns, probabilities(frame), options).label_id);
    time_ns += interval_ns;
  }
  return reported;
}

}  // namespace support
