// SPDX-License-Identifier: LGPL-2.1-or-later
// A pipeline with a source that never stops, which checks each frame's label.
#pragma once

#include <atomic>
#include <string>

#include "classify_harness.h"

namespace support {

// Every frame waits for its own result. The first word of each of a model's
// class names must be the name of its file.
class Camera {
 public:
  // Plays until end(), or the end of its life. A first frame has come: a model
  // set from now on is news.
  explicit Camera(const std::string& model_file);
  ~Camera();
  Camera(const Camera&) = delete;
  Camera& operator=(const Camera&) = delete;

  void set_model(const std::string& file);
  // Stops the source, and waits until its last frame has come.
  void end();

  // Frames.
  int sent() const { return sent_; }
  int received() const { return received_; }
  // Without the class of its pixels, or the name of the model that was last
  // announced on the bus.
  int mislabelled() const { return mislabelled_; }
  // Messages.
  int swaps() const { return swaps_; }
  int warnings() const { return warnings_; }

 private:
  static GstPadProbeReturn on_source(GstPad*, GstPadProbeInfo* info,
                                     gpointer self);
  static void on_sink(GstElement*, GstBuffer* buffer, GstPad*, Camera* self);
  static GstBusSyncReply on_message(GstBus*, GstMessage* message,
                                    gpointer self);

  const ElementPtr pipeline_;
  const ElementPtr classify_;
  std::string model_;  // the source pad's task's: the one announced last
  std::atomic<int> sent_ = 0;
  std::atomic<int> received_ = 0;
  std::atomic<int> mislabelled_ = 0;
  std::atomic<int> swaps_ = 0;
  std::atomic<int> warnings_ = 0;
  std::atomic<bool> ended_ = false;
};

// Of this process, in kB, without what is free.
long resident_memory();

}  // namespace support
