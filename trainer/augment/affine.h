// SPDX-License-Identifier: LGPL-2.1-or-later
// Affine changes of a picture, with Pillow's arithmetic bit for bit.
#pragma once

#include <array>

#include "torchclassify/train/augment.h"
#include "torchclassify/train/picture.h"

namespace torchclassify {

// From output to source, in pixels whose centres lie at halves:
// x = m[0] X + m[1] Y + m[2], y = m[3] X + m[4] Y + m[5].
using AffineMatrix = std::array<double, 6>;

// What torchvision.transforms.functional.affine() takes.
struct AffineChange {
  double degrees = 0;  // clockwise
  double translate_x = 0;
  double translate_y = 0;  // pixels
  double scale = 1;        // > 0
  double shear_x = 0;
  double shear_y = 0;  // degrees
};

// Its matrix, turning about (centre_x, centre_y).
AffineMatrix affine_matrix(const AffineChange& change, double centre_x,
                           double centre_y);

enum class SampleKind { kNearest, kBilinear };

// Image.transform(AFFINE): to, another object whose buffer is reused, gets the
// size of from. A border other than kBlack is ours, for kBilinear only: a pixel
// outside is that of the edge, or mirrored at it as numpy.pad's "reflect".
void affine(const Picture& from, const AffineMatrix& matrix,
            SampleKind sampling, Border border, Picture& to);

// Image.rotate(): anticlockwise about the centre, black outside.
void rotate(const Picture& from, double degrees, SampleKind sampling,
            Picture& to);

// The coordinate inside [0, size) that stands for one that may lie outside;
// -1 for none (kBlack).
int border_index(int position, int size, Border border);

}  // namespace torchclassify
