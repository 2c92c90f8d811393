// SPDX-License-Identifier: LGPL-2.1-or-later
// Several pictures in a classifier at once, answers in the order of submission.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <future>

#include "torchclassify/classifier.h"

namespace torchclassify {

// Bounds what a Classifier has in flight and hands the answers out on the
// submitting thread. One thread.
class InFlight {
 public:
  // Gets the answer, or throws the error that came instead.
  using Answer = std::function<Classification()>;
  using Consumer = std::function<void(const Answer& answer)>;

  // Enough in flight to keep the workers' batches full. The classifier must
  // outlive this object.
  InFlight(Classifier& classifier, const RequestOptions& options);
  ~InFlight();
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

  // Consumers run in the order of these calls, inside them and finish().
  void submit(const ImageView& image, Consumer consumer);
  // Something that needs no classifier, at its place in the order.
  void pass(std::function<void()> consumer);
  void finish();

 private:
  struct Entry {
    std::future<Classification> answer;  // not valid: passed
    Consumer consumer;
  };

  void make_room(std::size_t limit);

  Classifier& classifier_;
  const RequestOptions options_;
  const std::size_t limit_;
  std::deque<Entry> entries_;
};

}  // namespace torchclassify
