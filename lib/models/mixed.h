// SPDX-License-Identifier: LGPL-2.1-or-later
// The blocks that Inception v3 is a chain of.
#pragma once

#include <cstdint>
#include <vector>

#include "models/inception_blocks.h"

namespace torchclassify::nn {

struct NamedConv {
  const char* name;
  BasicConvShape shape;
};

enum class BranchPooling {
  kNone,
  kAverage,  // 3x3, keeps height and width
  kMaximum,  // 3x3 with stride 2 and no padding
};

// Pooling, then the convolutions one after the other, then the ends side by
// side; each part may be none.
struct BranchShape {
  BranchPooling pooling = BranchPooling::kNone;
  std::vector<NamedConv> convolutions = {};
  std::vector<NamedConv> ends = {};
};

// Branches side by side: [N, in, h, w] to [N, the sum of the branches'
// channels, _, _].
class MixedImpl : public torch::nn::Module {
 public:
  explicit MixedImpl(const std::vector<BranchShape>& branches);
  torch::Tensor forward(torch::Tensor x);

 private:
  struct Branch {
    BranchPooling pooling;
    std::vector<BasicConv2d> convolutions;
    std::vector<BasicConv2d> ends;
  };

  std::vector<BasicConv2d> make(const std::vector<NamedConv>& convolutions);

  std::vector<Branch> branches_;
};
TORCH_MODULE(Mixed);

// torchvision's InceptionA to InceptionE; figures 5 to 7 and 10 of the paper
// (Szegedy et al. 2015). A, C and E keep height and width, B and D halve them.
Mixed mixed_a(std::int64_t in, std::int64_t pooled_width);  // to 224 + that
Mixed mixed_b(std::int64_t in);                             // to in + 480
Mixed mixed_c(std::int64_t in, std::int64_t width);         // to 768
Mixed mixed_d(std::int64_t in);                             // to in + 512
Mixed mixed_e(std::int64_t in);                             // to 2048

}  // namespace torchclassify::nn
