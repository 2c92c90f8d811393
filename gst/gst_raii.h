// SPDX-License-Identifier: LGPL-2.1-or-later
// Scoped owners of GStreamer objects and locks.
#pragma once

#include <gst/gst.h>

#include <memory>

namespace torchclassify {

// Holds GST_OBJECT_LOCK for its lifetime.
class ObjectLock {
 public:
  explicit ObjectLock(gpointer object) : object_(GST_OBJECT(object)) {
    GST_OBJECT_LOCK(object_);
  }
  ~ObjectLock() { GST_OBJECT_UNLOCK(object_); }
  ObjectLock(const ObjectLock&) = delete;
  ObjectLock& operator=(const ObjectLock&) = delete;

 private:
  GstObject* object_;
};

struct MiniObjectUnref {
  void operator()(gpointer object) const {
    gst_mini_object_unref(GST_MINI_OBJECT_CAST(object));
  }
};
using BufferPtr = std::unique_ptr<GstBuffer, MiniObjectUnref>;
using EventPtr = std::unique_ptr<GstEvent, MiniObjectUnref>;

struct StructureFree {
  void operator()(GstStructure* structure) const {
    gst_structure_free(structure);
  }
};
using StructurePtr = std::unique_ptr<GstStructure, StructureFree>;

}  // namespace torchclassify
