// SPDX-License-Identifier: LGPL-2.1-or-later
// Tells ThreadSanitizer of GLib's locks and queues: GLib is not built with it
// and does not use pthread's. Linked into tests, in whose stead GLib's own
// functions are called.
#include <dlfcn.h>
#include <glib.h>
#include <sanitizer/tsan_interface.h>

namespace {

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

// What was popped, if anything.
gpointer popped(GAsyncQueue* queue, gpointer item) {
  if (item)
    __tsan_acquire(queue);
  return item;
}

}  // namespace

extern "C" {

void g_mutex_lock(GMutex* mutex) {
  static auto* const lock = next<void(GMutex*)>("g_mutex_lock");
  lock(mutex);
  __tsan_acquire(mutex);
}

gboolean g_mutex_trylock(GMutex* mutex) {
  static auto* const trylock = next<gboolean(GMutex*)>("g_mutex_trylock");
  const gboolean locked = trylock(mutex);
  if (locked)
    __tsan_acquire(mutex);
  return locked;
}

void g_mutex_unlock(GMutex* mutex) {
  static auto* const unlock = next<void(GMutex*)>("g_mutex_unlock");
  __tsan_release(mutex);
  unlock(mutex);
}

void g_cond_wait(GCond* cond, GMutex* mutex) {
  static auto* const wait = next<void(GCond*, GMutex*)>("g_cond_wait");
  __tsan_release(mutex);
  wait(cond, mutex);
  __tsan_acquire(mutex);
}

gboolean g_cond_wait_until(GCond* cond, GMutex* mutex, gint64 end) {
  static auto* const wait =
      next<gboolean(GCond*, GMutex*, gint64)>("g_cond_wait_until");
  __tsan_release(mutex);
  const gboolean signalled = wait(cond, mutex, end);
  __tsan_acquire(mutex);
  return signalled;
}

void g_async_queue_push(GAsyncQueue* queue, gpointer item) {
  static auto* const push =
      next<void(GAsyncQueue*, gpointer)>("g_async_queue_push");
  __tsan_release(queue);
  push(queue, item);
}

gpointer g_async_queue_pop(GAsyncQueue* queue) {
  static auto* const pop = next<gpointer(GAsyncQueue*)>("g_async_queue_pop");
  return popped(queue, pop(queue));
}

gpointer g_async_queue_try_pop(GAsyncQueue* queue) {
  static auto* const pop =
      next<gpointer(GAsyncQueue*)>("g_async_queue_try_pop");
  return popped(queue, pop(queue));
}

gpointer g_async_queue_timeout_pop(GAsyncQueue* queue, guint64 timeout) {
  static auto* const pop =
      next<gpointer(GAsyncQueue*, guint64)>("g_async_queue_timeout_pop");
  return popped(queue, pop(queue, timeout));
}

}  // extern "C"
