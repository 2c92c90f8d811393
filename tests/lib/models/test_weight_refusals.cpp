// SPDX-License-Identifier: LGPL-2.1-or-later
// Weights whose names look like torchvision's, but are another function's.
#include <glib.h>

#include <string>
#include <vector>

#include <torch/torch.h>

#include "model_tests.h"
#include "models/weight_names.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {
using namespace torchclassify;

constexpr char kOrigin[] = "folder/weights.pth";

struct Refusal {
  const char* name;
  std::vector<const char*> names;
  const char* origin;
  const char* word;
};

const Refusal kRefusals[] = {
    {"tensorflow-padding-by-file",
     {"conv_stem.weight", "blocks.0.0.conv_dw.weight"},
     "tf_efficientnet_b0_aa-827b6e33.pth",
     "TensorFlow's padding"},
    {"tensorflow-padding-by-folder",
     {"conv_stem.weight", "blocks.0.0.conv_dw.weight"},
     "models--timm--tf_mobilenetv3_small_100.in1k/snapshots/0/m.safetensors",
     "TensorFlow's padding"},
    {"efficientnet-with-blur",
     {"conv_stem.weight", "blocks.0.0.conv_dw.weight"},
     "efficientnet_blur_b0.pth",
     "anti-aliasing"},
    {"deep-stem",
     {"conv1.0.weight", "layer1.0.conv1.weight"},
     kOrigin,
     "deep stem"},
    {"channel-attention",
     {"conv1.weight", "layer1.0.conv1.weight", "layer1.0.se.fc1.weight"},
     kOrigin,
     "channel attention"},
    {"pooled-shortcut",
     {"layer1.0.conv1.weight", "layer2.0.downsample.1.weight"},
     kOrigin,
     "shortcuts"},
    {"resnet-with-blur",
     {"conv1.weight", "layer1.0.conv1.weight"},
     "resnetblur50-84f4748f.pth",
     "anti-aliasing"},
    {"densenet-with-deep-stem",
     {"features.conv0.weight", "features.conv1.weight",
      "features.denseblock1.denselayer1.conv1.weight"},
     kOrigin,
     "deep stem"},
    {"convnext-v2",
     {"stem.0.weight", "stages.0.blocks.0.conv_dw.weight",
      "stages.0.blocks.0.mlp.grn.weight"},
     kOrigin,
     "ConvNeXt V2"},
    {"convnext-that-normalises-first",
     {"stem.0.weight", "stages.0.blocks.0.conv_dw.weight", "norm_pre.weight"},
     kOrigin,
     "before it pools"},
    {"distillation",
     {"patch_embed.proj.weight", "blocks.0.attn.qkv.weight", "cls_token",
      "dist_token"},
     kOrigin,
     "distillation"},
    {"registers",
     {"patch_embed.proj.weight", "blocks.0.attn.qkv.weight", "reg_token"},
     kOrigin,
     "register"},
    {"layer-scale",
     {"patch_embed.proj.weight", "blocks.0.attn.qkv.weight",
      "blocks.0.ls1.gamma"},
     kOrigin,
     "layer scales"},
    {"no-class-token",
     {"patch_embed.proj.weight", "blocks.0.attn.qkv.weight"},
     kOrigin,
     "without a class token"},
    {"unplaced-class-token",
     {"patch_embed.proj.weight", "blocks.0.attn.qkv.weight", "cls_token",
      "pos_embed"},
     kOrigin,
     "position for its class token"},
    {"transformers-convnext-v2",
     {"convnextv2.embeddings.patch_embeddings.weight"},
     kOrigin,
     "ConvNeXt V2"},
    {"transformers-deit", {"deit.embeddings.cls_token"}, kOrigin, "DeiT"},
};

void test_refusal(gconstpointer data) {
  const Refusal& row = *static_cast<const Refusal*>(data);
  NamedTensors tensors;
  for (const std::string name : row.names)
    tensors[name] = name == "pos_embed" ? torch::zeros({1, 4, 1})
                                        : torch::zeros({1, 1, 1, 1});

  support::expect_error(
      ErrorCode::kUnsupported, [&] { torchvision_names(tensors, row.origin); },
      row.word, row.origin);
}

void test_unknown_window() {
  const std::string attention = "layers.0.blocks.0.attn.";
  const NamedTensors tensors = {
      {"patch_embed.proj.bias", torch::zeros({4})},
      {attention + "qkv.weight", torch::zeros({6, 2})},
      {attention + "logit_scale", torch::zeros({1})}};

  support::expect_error(
      ErrorCode::kUnsupported,
      [&] { torchvision_names(tensors, "swinv2_tiny_window16_256.pth"); },
      "window");
}

struct Config {
  const char* name;
  const char* text;
  const char* tensor;
  const char* word;  // empty: it is taken
};

constexpr char kHuggingFace[] = "resnet.embedder.embedder.convolution.weight";
constexpr char kHuggingFaceVit[] = "vit.embeddings.cls_token";

const Config kConfigs[] = {
    {"tensorflow-padding", R"({"architecture": "tf_efficientnet_b0"})",
     "conv_stem.weight", "TensorFlow's padding"},
    {"stride-on-the-first",
     R"({"model_type": "resnet", "downsample_in_bottleneck": true})",
     kHuggingFace, "downsample_in_bottleneck"},
    {"another-activation", R"({"hidden_act": "gelu"})", kHuggingFace,
     "hidden_act \"gelu\""},
    {"more-heads", R"({"num_attention_heads": 12})", kHuggingFaceVit,
     "num_attention_heads"},
    {"heads-as-usual", R"({"num_attention_heads": 16, "hidden_act": "gelu"})",
     kHuggingFaceVit, ""},
    {"the-usual", R"({"hidden_act": "relu", "downsample_in_bottleneck": false,
                      "depths": [3, 4, 6, 3], "label2id": {"a": 0}})",
     kHuggingFace, ""},
    {"another-architecture", R"({"architecture": "efficientnet_b0"})",
     "conv_stem.weight", ""},
    {"no-json", "# hidden_act: gelu", kHuggingFace, ""},
    {"no-object", R"(["tf_efficientnet_b0"])", "conv_stem.weight", ""},
    {"empty", "", kHuggingFace, ""},
};

void test_config(gconstpointer data) {
  const Config& row = *static_cast<const Config*>(data);
  const support::TemporaryFolder folder;
  support::write_file(folder / "config.json", row.text);
  const NamedTensors tensors = {
      {row.tensor, torch::zeros({1, 1, 2})},
      {"blocks.0.0.conv_dw.weight", torch::zeros({1, 1, 1, 1})}};
  const auto rename = [&] {
    return torchvision_names(tensors, folder / "model.safetensors");
  };

  if (*row.word)
    support::expect_error(ErrorCode::kUnsupported, rename, row.word);
  else
    g_assert_true(rename().naming != Naming::kTorchvision);
}

void test_two_for_one() {
  support::expect_error(
      ErrorCode::kBadData,
      [] {
        torchvision_names({{"stem.conv.weight", torch::zeros({1})},
                           {"stem.0.weight", torch::zeros({1})},
                           {"s1.b1.conv1.conv.weight", torch::zeros({1})}},
                          kOrigin);
      },
      "stem.0.weight", kOrigin);
}

}  // namespace

void add_weight_refusal_tests() {
  support::add_rows("/weight-names/another-function-is-refused", kRefusals,
                    test_refusal);
  g_test_add_func("/weight-names/an-unknown-window-is-refused",
                  test_unknown_window);
  support::add_rows("/weight-names/the-config-is-heeded", kConfigs,
                    test_config);
  g_test_add_func("/weight-names/two-tensors-for-one-weight-are-refused",
                  test_two_for_one);
}
