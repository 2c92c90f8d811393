// SPDX-License-Identifier: LGPL-2.1-or-later
// Chooses the path by format and keeps it for the next frame.
#include "preprocess/byte_path.h"
#include "preprocess/pixel_layout.h"
#include "preprocess/preprocess.h"
#include "preprocess/upright.h"
#include "preprocess/yuv_path.h"

namespace torchclassify {

struct Preprocessor::Impl {
  explicit Impl(const Preprocessing& preprocessing)
      : bytes(preprocessing), yuv(preprocessing) {}

  Upright upright;
  BytePath bytes;
  YuvPath yuv;
};

Preprocessor::Preprocessor(const Preprocessing& preprocessing) {
  check_preprocessing(preprocessing);
  impl_ = std::make_unique<Impl>(preprocessing);
}

Preprocessor::~Preprocessor() = default;

void Preprocessor::run(const ImageView& given, float* output) {
  check_image(given);
  const ImageView image = impl_->upright.of(given);
  if (layout_of(image.format).yuv)
    impl_->yuv.run(image, output);
  else
    impl_->bytes.run(image, output);
}

}  // namespace torchclassify
