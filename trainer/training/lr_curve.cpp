// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/lr_curve.h"

#include <algorithm>
#include <cmath>

#include "formatted.h"

namespace torchclassify {
namespace {

constexpr double kSmoothing = 0.98;  // share of the past, as fastai has it
constexpr double kExplosion = 4;     // times the least loss

using Points = std::vector<LearningRatePoint>;

// The first losses are hardly smoothed, and at rates too low to teach anything.
std::size_t settled(const Points& points) { return points.size() / 10; }

double slope(const LearningRatePoint& a, const LearningRatePoint& b) {
  return (b.smoothed - a.smoothed) /
         std::log(b.learning_rate / a.learning_rate);
}

// Between points on both sides: a single lucky step is no descent.
std::optional<double> steepest(const Points& points) {
  const std::size_t apart = std::max<std::size_t>(1, points.size() / 20);
  std::optional<double> rate;
  double least = 0;
  for (std::size_t i = settled(points) + apart; i + apart < points.size();
       ++i) {
    const double here = slope(points[i - apart], points[i + apart]);
    if (here < least) {
      least = here;
      rate = points[i].learning_rate;
    }
  }
  return rate;
}

std::optional<double> minimum_tenth(const Points& points) {
  const auto first =
      points.begin() + static_cast<std::ptrdiff_t>(settled(points));
  const auto lowest = std::ranges::min_element(first, points.end(), {},
                                               &LearningRatePoint::smoothed);
  if (lowest == points.end() || lowest == first)
    return {};
  return lowest->learning_rate / 10;
}

}  // namespace

bool LearningRateRecorder::add(double learning_rate, double loss) {
  if (!std::isfinite(loss)) {
    curve_.exploded = true;
    return false;
  }
  Points& points = curve_.points;
  average_ = kSmoothing * average_ + (1 - kSmoothing) * loss;
  const int step = static_cast<int>(points.size()) + 1;
  const double smoothed = average_ / (1 - std::pow(kSmoothing, step));
  points.push_back({.step = step,
                    .learning_rate = learning_rate,
                    .loss = loss,
                    .smoothed = smoothed});
  least_ = step == 1 ? smoothed : std::min(least_, smoothed);
  curve_.exploded = smoothed > kExplosion * least_;
  return !curve_.exploded;
}

LearningRateCurve LearningRateRecorder::finish() {
  curve_.steepest = steepest(curve_.points);
  curve_.minimum_tenth = minimum_tenth(curve_.points);
  return curve_;
}

std::string to_csv(const LearningRateCurve& curve) {
  std::string text = "step,lr,loss,smoothed_loss\n";
  for (const LearningRatePoint& point : curve.points)
    text += formatted("%d,%.8g,%.8g,%.8g\n", point.step, point.learning_rate,
                      point.loss, point.smoothed);
  return text;
}

}  // namespace torchclassify
