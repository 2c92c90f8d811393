// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model_slot.h"

#include <poll.h>

#include <utility>

#include "engine_loader.h"
#include "errors.h"

namespace torchclassify {

using Lock = std::unique_lock<std::mutex>;

ModelSlot::~ModelSlot() { close(); }

// The last user of a model may be a streaming thread, which must not wait for
// what the model still computes, or the model's own, which cannot.
ModelPtr ModelSlot::share(OpenModel model) {
  auto owner = std::make_unique<OpenModel>(std::move(model));
  {
    const Lock lock(mutex_);
    ++shared_;
  }
  return ModelPtr(owner.release(), [this](const OpenModel* unused) {
    const Lock lock(mutex_);
    unused_.emplace_back(unused);
    // Under the lock: after it, this may be gone.
    wakeup_.ring();
    returned_.notify_all();
  });
}

void ModelSlot::open(const ClassifierOptions& options) try {
  {
    const Lock lock(mutex_);
    options_ = options;
  }
  watch();
  ModelPtr model = share(load_model(options));
  const Lock lock(mutex_);
  current_ = std::move(model);
  open_ = true;
  if (watching_)
    start_thread();
} catch (const std::exception&) {
  stop_watching();
  throw;
}

void ModelSlot::close() {
  ModelPtr last;
  {
    const Lock lock(mutex_);
    open_ = false;
    wish_.reset();
    last.swap(current_);
  }
  wakeup_.ring();
  if (thread_.joinable())
    thread_.join();
  stop_watching();
  last.reset();
  {
    Lock lock(mutex_);
    returned_.wait(lock, [this] { return shared_ == unused_.size(); });
  }
  free_unused();
}

ModelPtr ModelSlot::current() const {
  const Lock lock(mutex_);
  return current_;
}

// Under the lock.
void ModelSlot::start_thread() {
  if (!thread_.joinable())
    thread_ = std::thread([this] { run(); });
}

void ModelSlot::replace(const ClassifierOptions& options) {
  const Lock lock(mutex_);
  if (!open_)
    return;
  wish_ = options;
  start_thread();
  wakeup_.ring();
}

void ModelSlot::watch_file(bool on) {
  const Lock lock(mutex_);
  watching_ = on;
  if (!open_)
    return;
  start_thread();
  wakeup_.ring();
}

std::optional<ClassifierOptions> ModelSlot::next_wish() {
  const Lock lock(mutex_);
  if (wish_)
    options_ = *wish_;
  return std::exchange(wish_, std::nullopt);
}

void ModelSlot::free_unused() {
  std::vector<std::unique_ptr<const OpenModel>> unused;
  const Lock lock(mutex_);
  unused.swap(unused_);
  shared_ -= unused.size();
}

void ModelSlot::load(const ClassifierOptions& options) try {
  ModelPtr model = share(load_model(options));
  const Lock lock(mutex_);
  if (open_)
    current_.swap(model);
} catch (const std::exception& e) {
  post_warning(element_, e);
}

// The file of the model that was asked for last, even if that was no use: it
// may be mended. Called before the file is read, so that no change is missed.
void ModelSlot::watch() {
  std::string path;
  {
    const Lock lock(mutex_);
    if (watching_)
      path = options_.model_file;
  }
  if (path == std::exchange(watched_, path))
    return;
  try {
    file_watch_.watch(path);
  } catch (const std::exception&) {
    refusal_ = std::current_exception();
  }
}

void ModelSlot::stop_watching() {
  file_watch_.watch({});
  watched_.clear();
  refusal_ = nullptr;
}

void ModelSlot::tell_refusal() try {
  if (const auto refusal = std::exchange(refusal_, nullptr))
    std::rethrow_exception(refusal);
} catch (const std::exception& e) {
  post_warning(element_, e);
}

void ModelSlot::note_changed_file() {
  if (!file_watch_.changed())
    return;
  const Lock lock(mutex_);
  if (!wish_)
    wish_ = options_;
}

bool ModelSlot::is_open() const {
  const Lock lock(mutex_);
  return open_;
}

void ModelSlot::wait_for_work() {
  pollfd sources[] = {{wakeup_.fd(), POLLIN, 0},
                      {file_watch_.descriptor(), POLLIN, 0}};
  poll(sources, G_N_ELEMENTS(sources), -1);
  wakeup_.clear();
}

void ModelSlot::run() {
  while (is_open()) {
    watch();
    note_changed_file();
    while (const auto wish = next_wish()) {
      watch();
      load(*wish);
    }
    tell_refusal();
    free_unused();
    wait_for_work();
  }
}

}  // namespace torchclassify
