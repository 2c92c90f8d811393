// SPDX-License-Identifier: LGPL-2.1-or-later
// The model that new frames are classified with, replaced while they flow.
#pragma once

#include <gst/gst.h>

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "file_watch.h"
#include "model.h"
#include "wakeup.h"

namespace torchclassify {

// Any thread, but for open() and close(), which are for one thread at a time.
class ModelSlot {
 public:
  // Borrows the element, on which it warns of models that cannot be used.
  explicit ModelSlot(GstElement* element) : element_(element) {}
  ~ModelSlot();
  ModelSlot(const ModelSlot&) = delete;
  ModelSlot& operator=(const ModelSlot&) = delete;

  // Opens the model before it returns. Throws Error.
  void open(const ClassifierOptions& options);
  // Ends what is being opened. Waits for that, and until nobody has a model any
  // more: what they still compute has been answered then.
  void close();
  // Null unless open. A frame's submitter and labeller use the same one.
  ModelPtr current() const;

  // Opens another one beside the current, which it replaces then; one that
  // cannot be opened is warned of and changes nothing. Returns at once; of
  // several, the last one counts. Nothing happens unless it is open.
  void replace(const ClassifierOptions& options);
  // Whether the model is replaced when its file is.
  void watch_file(bool on);

 private:
  ModelPtr share(OpenModel model);
  void start_thread();
  void run();
  void watch();
  void stop_watching();
  void tell_refusal();
  void note_changed_file();
  bool is_open() const;
  void load(const ClassifierOptions& options);
  std::optional<ClassifierOptions> next_wish();
  void free_unused();
  void wait_for_work();

  GstElement* const element_;
  Wakeup wakeup_;
  std::thread thread_;  // of open() to close(), once there is work for it

  // The thread's while there is one.
  FileWatch file_watch_;
  std::string watched_;         // what it was told last
  std::exception_ptr refusal_;  // of that, not yet told

  mutable std::mutex mutex_;  // protects all that follows
  std::condition_variable returned_;
  ClassifierOptions options_;  // of the model that was asked for last
  ModelPtr current_;
  std::optional<ClassifierOptions> wish_;
  std::size_t shared_ = 0;  // models given out, until they are freed
  std::vector<std::unique_ptr<const OpenModel>> unused_;  // of those
  bool watching_ = false;
  bool open_ = false;
};

}  // namespace torchclassify
