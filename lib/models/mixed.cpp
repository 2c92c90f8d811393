// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/mixed.h"

#include <torch/torch.h>

namespace torchclassify::nn {
namespace {

torch::Tensor pool(BranchPooling pooling, const torch::Tensor& x) {
  switch (pooling) {
    case BranchPooling::kNone:
      return x;
    case BranchPooling::kAverage:
      return torch::avg_pool2d(x, /*kernel_size=*/3, /*stride=*/1,
                               /*padding=*/1);
    case BranchPooling::kMaximum:
      return torch::max_pool2d(x, /*kernel_size=*/3, /*stride=*/2);
  }
  TORCH_CHECK(false, "a pooling that is none");
}

// A convolution of stride 1 that keeps height and width.
BasicConvShape conv(std::int64_t in, std::int64_t out, std::int64_t height = 1,
                    std::int64_t width = 1) {
  return {.in = in, .out = out, .height = height, .width = width};
}

// A 3x3 convolution that halves height and width as pooling does.
BasicConvShape halving(std::int64_t in, std::int64_t out) {
  return {.in = in,
          .out = out,
          .height = 3,
          .width = 3,
          .stride = 2,
          .padded = false};
}

}  // namespace

MixedImpl::MixedImpl(const std::vector<BranchShape>& branches) {
  for (const BranchShape& branch : branches) {
    // In this order: the same seed gives torchvision's initial weights.
    auto convolutions = make(branch.convolutions);
    auto ends = make(branch.ends);
    branches_.push_back(
        {branch.pooling, std::move(convolutions), std::move(ends)});
  }
}

std::vector<BasicConv2d> MixedImpl::make(
    const std::vector<NamedConv>& convolutions) {
  std::vector<BasicConv2d> made;
  for (const NamedConv& each : convolutions)
    made.push_back(register_module(each.name, BasicConv2d(each.shape)));
  return made;
}

torch::Tensor MixedImpl::forward(torch::Tensor x) {
  std::vector<torch::Tensor> outputs;
  for (Branch& branch : branches_) {
    auto y = pool(branch.pooling, x);
    for (BasicConv2d& convolution : branch.convolutions) y = convolution(y);
    for (BasicConv2d& end : branch.ends) outputs.push_back(end(y));
    if (branch.ends.empty())
      outputs.push_back(y);
  }
  return torch::cat(outputs, /*dim=*/1);
}

// The names are the checkpoint's keys: renaming one is a format change.
Mixed mixed_a(std::int64_t in, std::int64_t pooled_width) {
  return Mixed(std::vector<BranchShape>{
      {.convolutions = {{"branch1x1", conv(in, 64)}}},
      {.convolutions = {{"branch5x5_1", conv(in, 48)},
                        {"branch5x5_2", conv(48, 64, 5, 5)}}},
      {.convolutions = {{"branch3x3dbl_1", conv(in, 64)},
                        {"branch3x3dbl_2", conv(64, 96, 3, 3)},
                        {"branch3x3dbl_3", conv(96, 96, 3, 3)}}},
      {.pooling = BranchPooling::kAverage,
       .convolutions = {{"branch_pool", conv(in, pooled_width)}}},
  });
}

Mixed mixed_b(std::int64_t in) {
  return Mixed(std::vector<BranchShape>{
      {.convolutions = {{"branch3x3", halving(in, 384)}}},
      {.convolutions = {{"branch3x3dbl_1", conv(in, 64)},
                        {"branch3x3dbl_2", conv(64, 96, 3, 3)},
                        {"branch3x3dbl_3", halving(96, 96)}}},
      {.pooling = BranchPooling::kMaximum},
  });
}

Mixed mixed_c(std::int64_t in, std::int64_t width) {
  constexpr std::int64_t kOut = 192;  // channels of each branch
  return Mixed(std::vector<BranchShape>{
      {.convolutions = {{"branch1x1", conv(in, kOut)}}},
      {.convolutions = {{"branch7x7_1", conv(in, width)},
                        {"branch7x7_2", conv(width, width, 1, 7)},
                        {"branch7x7_3", conv(width, kOut, 7, 1)}}},
      {.convolutions = {{"branch7x7dbl_1", conv(in, width)},
                        {"branch7x7dbl_2", conv(width, width, 7, 1)},
                        {"branch7x7dbl_3", conv(width, width, 1, 7)},
                        {"branch7x7dbl_4", conv(width, width, 7, 1)},
                        {"branch7x7dbl_5", conv(width, kOut, 1, 7)}}},
      {.pooling = BranchPooling::kAverage,
       .convolutions = {{"branch_pool", conv(in, kOut)}}},
  });
}

Mixed mixed_d(std::int64_t in) {
  return Mixed(std::vector<BranchShape>{
      {.convolutions = {{"branch3x3_1", conv(in, 192)},
                        {"branch3x3_2", halving(192, 320)}}},
      {.convolutions = {{"branch7x7x3_1", conv(in, 192)},
                        {"branch7x7x3_2", conv(192, 192, 1, 7)},
                        {"branch7x7x3_3", conv(192, 192, 7, 1)},
                        {"branch7x7x3_4", halving(192, 192)}}},
      {.pooling = BranchPooling::kMaximum},
  });
}

Mixed mixed_e(std::int64_t in) {
  return Mixed(std::vector<BranchShape>{
      {.convolutions = {{"branch1x1", conv(in, 320)}}},
      {.convolutions = {{"branch3x3_1", conv(in, 384)}},
       .ends = {{"branch3x3_2a", conv(384, 384, 1, 3)},
                {"branch3x3_2b", conv(384, 384, 3, 1)}}},
      {.convolutions = {{"branch3x3dbl_1", conv(in, 448)},
                        {"branch3x3dbl_2", conv(448, 384, 3, 3)}},
       .ends = {{"branch3x3dbl_3a", conv(384, 384, 1, 3)},
                {"branch3x3dbl_3b", conv(384, 384, 3, 1)}}},
      {.pooling = BranchPooling::kAverage,
       .convolutions = {{"branch_pool", conv(in, 192)}}},
  });
}

}  // namespace torchclassify::nn
