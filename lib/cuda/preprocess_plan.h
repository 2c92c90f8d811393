// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures in the form that the preprocessing kernels read them in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "torchclassify/image.h"
#include "torchclassify/model_info.h"

namespace torchclassify::cuda {

// One component's samples: preprocess/pixel_layout.h.
struct Samples {
  const std::uint8_t* first;  // of the plane
  std::int64_t stride;        // bytes
  int offset;
  int step;
  int shift_x;
  int shift_y;
};

// Pixels in device memory, and how they become R'G'B'.
struct Source {
  Samples samples[3];
  int components;  // 1: grey
  int yuv;         // 0 or 1
  int limited;     // 0 or 1: grey of limited range
  float y_offset;  // and the others: preprocess/color.h
  float y_scale;
  float u[3];
  float v[3];
  int x;  // of the part, pixels
  int y;
  int width;
  int height;
};

// preprocess/geometry.h's Axis; resized pixels from begin on, count of them,
// are in the input, from place on.
struct ResizedAxis {
  int source;
  int resized;
  int begin;
  int count;
  int place;
  int most_taps;           // of a pixel
  std::int64_t first_tap;  // where its Taps begin in the workspace
  std::int64_t weights;    // likewise its weights, most_taps for each
};

// A rectangle that is turned upright first: preprocess/upright.h.
struct TurnedPart {
  Source source;
  double across[2];  // from one pixel to the next, x and y
  double down[2];
  double corner[2];
  int width;
  int height;
  std::int64_t pixels;  // where its R'G'B' is in the workspace, bytes
};

struct Picture {
  Source source;
  ResizedAxis x;
  ResizedAxis y;
  std::int64_t upright;  // where its pixels are in the workspace; -1: in source
};

// What all pictures become.
struct Input {
  int width;
  int height;
  int channels;  // 1 or 3
  int bicubic;   // 0 or 1
  int pad_value;
  float mean[3];
  float std[3];
};

// Of one launch. In device memory: pictures and turned as they are, and a
// workspace of three arrays.
struct PreprocessPlan {
  Input input{};
  std::vector<Picture> pictures;
  std::vector<TurnedPart> turned;
  std::int64_t taps = 0;           // Taps in the workspace
  std::int64_t weights = 0;        // weights (int32)
  std::int64_t upright_bytes = 0;  // of turned parts
  int most_turned_pixels = 0;      // of one of them
};

// images: of device memory, checked. Throws Error kInvalidArgument as
// check_preprocessing() does.
PreprocessPlan make_preprocess_plan(std::span<const ImageView> images,
                                    const Preprocessing& preprocessing);

}  // namespace torchclassify::cuda
