// SPDX-License-Identifier: LGPL-2.1-or-later
// Which learning rates a training could use: the range test of Smith (2015),
// "Cyclical Learning Rates for Training Neural Networks".
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "torchclassify/train/train.h"

namespace torchclassify {

struct LearningRateRange {
  double start = 1e-7;  // > 0
  double end = 10;      // > start, at most 1e6
  int steps = 100;      // optimiser steps from start to end, 10 to 100 000
};

// One optimiser step.
struct LearningRatePoint {
  int step = 0;  // from 1
  double learning_rate = 0;
  double loss = 0;      // of its pictures, before the step
  double smoothed = 0;  // moving average of the losses up to here
};

struct LearningRateCurve {
  std::vector<LearningRatePoint> points;  // of ascending learning rates
  // The loss got out of hand before the last step: the smoothed one came to
  // more than 4 times its least, or was not finite any more. points ends there.
  bool exploded = false;
  // Two rates to train with; nothing where the loss did not fall. Of a curve
  // over the logarithm of the rate: where it falls most steeply, and a tenth of
  // where it is lowest.
  std::optional<double> steepest;
  std::optional<double> minimum_tenth;
};

// Trains a fresh model (or options.weights) for range.steps steps, on batches
// as train() makes them in its first epochs, while the learning rate grows by
// the same factor at every step. Writes no file. Same options, pictures and
// number of LibTorch threads: same curve. on_step is told of every step; may be
// empty. Schedule, average, epochs and the options of the run do not matter.
//
// Throws Error kInvalidArgument for a range or options outside theirs; kBadData
// for a set that cannot be trained on, weights that do not fit, an unreadable
// picture, or a loss that is not finite from the first step on.
LearningRateCurve find_learning_rate(
    const Dataset& training, const TrainOptions& options,
    const LearningRateRange& range,
    const std::function<void(const LearningRatePoint&)>& on_step = {});

// A step a line, with a header line: step,lr,loss,smoothed_loss.
std::string to_csv(const LearningRateCurve& curve);

// A complete SVG document: the losses over the learning rate, with the rates
// that the curve suggests. Throws Error kInvalidArgument for fewer than two
// points.
std::string to_svg(const LearningRateCurve& curve);

}  // namespace torchclassify
