// SPDX-License-Identifier: LGPL-2.1-or-later
#include "in_flight.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace torchclassify {
namespace {

std::size_t limit_for(const Statistics& statistics) {
  const int places = statistics.batch_size * std::max(statistics.workers, 1);
  return static_cast<std::size_t>(std::max(2 * places, 4));
}

}  // namespace

InFlight::InFlight(Classifier& classifier, const RequestOptions& options)
    : classifier_(classifier),
      options_(options),
      limit_(limit_for(classifier.statistics())) {}

InFlight::~InFlight() {
  for (Entry& entry : entries_) {
    if (entry.answer.valid())
      entry.answer.wait();
  }
}

void InFlight::submit(const ImageView& image, Consumer consumer) {
  make_room(limit_ - 1);
  // Shared: a Completion is copied.
  auto promise = std::make_shared<std::promise<Classification>>();
  std::future<Classification> answer = promise->get_future();
  classifier_.submit(
      image, options_,
      [promise](std::exception_ptr error, Classification result) {
        if (error)
          promise->set_exception(error);
        else
          promise->set_value(std::move(result));
      });
  entries_.push_back({std::move(answer), std::move(consumer)});
}

void InFlight::pass(std::function<void()> consumer) {
  entries_.push_back(
      {{}, [consumer = std::move(consumer)](const Answer&) { consumer(); }});
  make_room(limit_);
}

void InFlight::finish() { make_room(0); }

void InFlight::make_room(std::size_t limit) {
  while (entries_.size() > limit) {
    Entry entry = std::move(entries_.front());
    entries_.pop_front();
    entry.consumer([&entry] { return entry.answer.get(); });
  }
}

}  // namespace torchclassify
