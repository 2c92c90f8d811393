// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sender.h"

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <utility>

namespace torchclassify {
namespace {

using std::chrono::milliseconds;

// What is still to be sent when the element stops gets this long.
constexpr milliseconds kGrace{1000};
// A broker that refuses this client is asked again, and the user told, so
// often.
constexpr milliseconds kRefusedPause = Backoff::kLongest;
// Time-outs of the transports are noticed this late at most.
constexpr milliseconds kLongestWait{500};

// A peer that has gone is an error of write(), and no end of the process.
void block_sigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

Sender::Sender(std::unique_ptr<Transport> transport, bool again,
               SenderListener& listener)
    : listener_(listener),
      again_(again),
      transport_(std::move(transport)),
      next_try_(Clock::now()),
      thread_([this] { run(); }) {}

Sender::~Sender() {
  queue_.interrupt();
  give_up_at_ = Clock::now() + kGrace;
  stopping_ = true;
  transport_->give_up();
  wakeup_.ring();
  thread_.join();
}

void Sender::publish(std::string line, std::size_t limit) {
  queue_.push(std::move(line), limit);
  wakeup_.ring();
}

void Sender::run() {
  block_sigpipe();
  while (!finished()) {
    try {
      step();
    } catch (const Error& e) {
      recover(e);
    } catch (const std::exception& e) {
      recover(Error(ErrorCode::kInternal, e.what()));
    }
  }
  end();
}

// Where a connection has just failed, lines that wait are not waited for.
bool Sender::finished() const {
  if (!stopping_)
    return false;
  const auto now = Clock::now();
  return failed_ || queue_.empty() || now >= give_up_at_ ||
         (!open_ && now < next_try_);
}

void Sender::step() {
  connect_if_due();
  hand_over();
  wait();
}

void Sender::connect_if_due() {
  if (open_ || failed_ || Clock::now() < next_try_)
    return;
  open_ = true;  // also what must be closed after half a connection
  transport_->connect(*this);
}

void Sender::hand_over() {
  if (failed_)
    queue_.clear();
  while (open_ && transport_->accepts() &&
         queue_.on_their_way() < transport_->window()) {
    const Line* line = queue_.take();
    if (!line)
      return;
    transport_->send(*line);
  }
}

int Sender::milliseconds_to_wait() const {
  if (open_ || failed_)
    return static_cast<int>(kLongestWait.count());
  const auto left = std::chrono::ceil<milliseconds>(next_try_ - Clock::now());
  return static_cast<int>(
      std::clamp(left, milliseconds(0), kLongestWait).count());
}

void Sender::wait() {
  pollfd fds[] = {{wakeup_.fd(), POLLIN, 0}, {-1, 0, 0}};
  if (open_)
    fds[1] = transport_->interest();
  poll(fds, 2, milliseconds_to_wait());
  if (fds[0].revents)
    wakeup_.clear();
  if (open_)
    transport_->work(fds[1].revents);
}

void Sender::recover(const Error& error) {
  transport_->disconnect();
  open_ = false;
  connected_ = false;
  const bool final = transport_->recovery() == Recovery::kNobody;
  if (again_ && !final)
    queue_.rewind();
  else
    queue_.fail_on_their_way();
  if (final) {
    failed_ = true;
    queue_.clear();
    listener_.fail(error);
    return;
  }
  const bool refused = error.code() == ErrorCode::kDeviceUnavailable;
  next_try_ =
      Clock::now() + (refused ? kRefusedPause : milliseconds(backoff_.next()));
  report_outage(error.what(), refused);
}

void Sender::report_outage(const std::string& reason, bool refused) {
  const auto now = Clock::now();
  const bool first = !outage_since_;
  const bool tell_refusal =
      refused && (!refused_at_ || now - *refused_at_ >= kRefusedPause);
  if (first)
    outage_since_ = now;
  if (tell_refusal)
    refused_at_ = now;
  if (tell_refusal || (first && !refused))
    listener_.warn(reason);
}

void Sender::end() {
  if (open_)
    transport_->disconnect();
  connected_ = false;
  const std::size_t lost = queue_.clear();
  if (lost > 0)
    listener_.warn(std::to_string(lost) +
                   " results were not acknowledged before the element stopped");
}

void Sender::connected() {
  if (connected_.exchange(true))
    return;
  refused_at_.reset();
  loss_told_ = false;
  if (!outage_since_)
    return;
  ++reconnects_;
  const auto outage = std::chrono::duration_cast<std::chrono::seconds>(
      Clock::now() - *outage_since_);
  outage_since_.reset();
  listener_.inform("publishing again after " + std::to_string(outage.count()) +
                   " s");
}

void Sender::acknowledged(std::uint64_t number) {
  backoff_.reset();
  queue_.acknowledge(number);
}

void Sender::failed(std::uint64_t number, const std::string& reason) {
  queue_.fail(number);
  // In an outage it is no news.
  if (!outage_since_ && !std::exchange(loss_told_, true))
    listener_.warn(reason);
}

void Sender::trouble(const std::string& reason, bool refused) {
  connected_ = false;
  report_outage(reason, refused);
}

}  // namespace torchclassify
