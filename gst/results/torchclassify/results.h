/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads what the element torchclassify has put on a buffer or on the bus. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct {
  const gchar* label; /* UTF-8 */
  gint label_id;      /* index into the model's classes */
  gdouble confidence; /* after temperature and activation */
  gboolean present;   /* at or above the class's own threshold (models of
                         several labels); else true for the reported label */
} TorchClassifyClass;

typedef struct {
  const gchar* region;       /* "full-frame", "object" or a static region's */
  const gchar* label;        /* UTF-8; "unknown" with the label_id -1 */
  gint label_id;             /* index into the model's classes, or -1 */
  gdouble confidence;        /* of the label; of the best class if unknown */
  GstClockTime age;          /* ns since the frame that was classified */
  gint object_id;            /* the tracker's id, or -1 */
  const gchar* object_class; /* what the detector calls it; "" if nothing */
  gint x, y, width, height;  /* the region, in pixels of the frame */
  guint n_top;
  const TorchClassifyClass* top; /* descending confidence */
} TorchClassifyResult;

/* What one element says of one frame. Everything in it lives as long as it. */
typedef struct {
  GstClockTime timestamp;   /* the buffer's PTS; each may be */
  GstClockTime stream_time; /* GST_CLOCK_TIME_NONE */
  GstClockTime running_time;
  GstClockTime duration;
  const gchar* model; /* the model file's name without folder and suffix */
  guint n_results;
  const TorchClassifyResult* results;
} TorchClassifyFrame;

/* Each call gives what the next element in line has put on the buffer, in their
 * order; NULL after the last. *state is NULL at the first call. The buffer must
 * not change between the calls. Free each with torchclassify_frame_free().
 *
 * Any thread. What is missing in a meta, or cannot be meant, is "" or 0; labels
 * are "unknown", ids -1, a frame's times GST_CLOCK_TIME_NONE. No pointer to a
 * string is NULL; strings are made valid UTF-8. */
TorchClassifyFrame* torchclassify_frame_next(GstBuffer* buffer,
                                             gpointer* state);

/* The same of the element message "torchclassify"; NULL for any other. */
TorchClassifyFrame* torchclassify_frame_from_message(GstMessage* message);

void torchclassify_frame_free(TorchClassifyFrame* frame); /* NULL is fine */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(TorchClassifyFrame, torchclassify_frame_free)

G_END_DECLS
