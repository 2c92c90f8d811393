// SPDX-License-Identifier: LGPL-2.1-or-later
// Other libraries' names of weights, and torchvision's for them.
#include <glib.h>

#include <string>
#include <vector>

#include <torch/torch.h>

#include "model_tests.h"
#include "models/weight_names.h"
#include "support/rows.h"

namespace {
using namespace torchclassify;

constexpr char kOrigin[] = "folder/weights.pth";
using Shape = std::vector<std::int64_t>;

struct Renamed {
  const char* from;
  Shape shape;
  const char* to;
  Shape new_shape = {};  // empty: the same
};

struct Library {
  const char* name;
  Naming naming;
  std::vector<Renamed> tensors;
};

const Library kLibraries[] = {
    {"densenet-of-old",
     Naming::kOldTorchvision,
     {{"features.conv0.weight", {8, 3, 7, 7}, "features.conv0.weight"},
      {"features.denseblock1.denselayer1.norm.1.running_mean",
       {8},
       "features.denseblock1.denselayer1.norm1.running_mean"},
      {"features.denseblock1.denselayer2.conv.2.weight",
       {4, 16, 3, 3},
       "features.denseblock1.denselayer2.conv2.weight"},
      {"features.transition1.norm.weight",
       {8},
       "features.transition1.norm.weight"}}},
    {"vit-of-old",
     Naming::kOldTorchvision,
     {{"encoder.layers.encoder_layer_0.mlp.linear_1.weight",
       {8, 4},
       "encoder.layers.encoder_layer_0.mlp.0.weight"},
      {"encoder.layers.encoder_layer_0.mlp.linear_2.bias",
       {4},
       "encoder.layers.encoder_layer_0.mlp.3.bias"}}},
    {"timm-vgg",
     Naming::kTimm,
     {{"features.0.weight", {4, 3, 3, 3}, "features.0.weight"},
      {"pre_logits.fc1.weight", {6, 4, 7, 7}, "classifier.0.weight", {6, 196}},
      {"pre_logits.fc1.bias", {6}, "classifier.0.bias"},
      {"pre_logits.fc2.weight", {6, 6, 1, 1}, "classifier.3.weight", {6, 6}},
      {"head.fc.weight", {3, 6}, "classifier.6.weight"}}},
    {"timm-regnet",
     Naming::kTimm,
     {{"stem.conv.weight", {4, 3, 3, 3}, "stem.0.weight"},
      {"stem.bn.bias", {4}, "stem.1.bias"},
      {"s1.b1.conv1.conv.weight",
       {4, 4, 1, 1},
       "trunk_output.block1.block1-0.f.a.0.weight"},
      {"s1.b1.downsample.bn.running_var",
       {4},
       "trunk_output.block1.block1-0.proj.1.running_var"},
      {"s4.b2.se.fc2.bias", {4}, "trunk_output.block4.block4-1.f.se.fc2.bias"},
      {"s4.b1.conv3.bn.weight",
       {4},
       "trunk_output.block4.block4-0.f.c.1.weight"},
      {"head.fc.bias", {3}, "fc.bias"}}},
    {"timm-convnext",
     Naming::kTimm,
     {{"stem.0.weight", {4, 3, 4, 4}, "features.0.0.weight"},
      {"stages.0.blocks.0.gamma", {4}, "features.1.0.layer_scale", {4, 1, 1}},
      {"stages.0.blocks.0.conv_dw.bias", {4}, "features.1.0.block.0.bias"},
      {"stages.0.blocks.0.norm.bias", {4}, "features.1.0.block.2.bias"},
      {"stages.0.blocks.0.mlp.fc1.weight",
       {16, 4, 1, 1},
       "features.1.0.block.3.weight",
       {16, 4}},
      {"stages.0.blocks.0.mlp.fc2.weight",
       {4, 16},
       "features.1.0.block.5.weight"},
      {"stages.3.downsample.1.bias", {8}, "features.6.1.bias"},
      {"stages.3.blocks.0.norm.weight", {8}, "features.7.0.block.2.weight"},
      {"head.norm.weight", {8}, "classifier.0.weight"},
      {"head.fc.weight", {3, 8}, "classifier.2.weight"}}},
    {"timm-efficientnet",
     Naming::kTimm,
     {{"conv_stem.weight", {4, 3, 3, 3}, "features.0.0.weight"},
      {"bn1.running_mean", {4}, "features.0.1.running_mean"},
      {"blocks.0.0.conv_dw.weight",
       {4, 1, 3, 3},
       "features.1.0.block.0.0.weight"},
      {"blocks.0.0.se.conv_reduce.bias", {2}, "features.1.0.block.1.fc1.bias"},
      {"blocks.0.0.conv_pw.weight",
       {4, 4, 1, 1},
       "features.1.0.block.2.0.weight"},
      {"blocks.0.0.bn2.bias", {4}, "features.1.0.block.2.1.bias"},
      {"blocks.1.0.conv_pw.weight",
       {8, 4, 1, 1},
       "features.2.0.block.0.0.weight"},
      {"blocks.1.0.conv_pwl.weight",
       {4, 8, 1, 1},
       "features.2.0.block.2.0.weight"},
      {"blocks.1.1.conv_pw.weight",
       {8, 4, 1, 1},
       "features.2.1.block.0.0.weight"},
      {"blocks.1.1.conv_dw.weight",
       {8, 1, 3, 3},
       "features.2.1.block.1.0.weight"},
      {"blocks.1.1.se.conv_expand.bias", {8}, "features.2.1.block.2.fc2.bias"},
      {"blocks.1.1.conv_pwl.weight",
       {4, 8, 1, 1},
       "features.2.1.block.3.0.weight"},
      {"conv_head.weight", {8, 4, 1, 1}, "features.3.0.weight"},
      {"bn2.bias", {8}, "features.3.1.bias"},
      {"classifier.weight", {3, 8}, "classifier.1.weight"}}},
    {"timm-efficientnet-v2",
     Naming::kTimm,
     {{"conv_stem.weight", {4, 3, 3, 3}, "features.0.0.weight"},
      {"blocks.0.0.conv.weight", {4, 4, 3, 3}, "features.1.0.block.0.0.weight"},
      {"blocks.1.0.conv_exp.weight",
       {8, 4, 3, 3},
       "features.2.0.block.0.0.weight"},
      {"blocks.1.0.conv_pwl.weight",
       {4, 8, 1, 1},
       "features.2.0.block.1.0.weight"},
      {"blocks.1.0.bn2.bias", {4}, "features.2.0.block.1.1.bias"},
      {"classifier.bias", {3}, "classifier.1.bias"}}},
    {"timm-mobilenet-v2",
     Naming::kTimm,
     {{"conv_stem.weight", {4, 3, 3, 3}, "features.0.0.weight"},
      {"blocks.0.0.conv_dw.weight", {4, 1, 3, 3}, "features.1.conv.0.0.weight"},
      {"blocks.0.0.conv_pw.weight", {4, 4, 1, 1}, "features.1.conv.1.weight"},
      {"blocks.0.0.bn2.bias", {4}, "features.1.conv.2.bias"},
      {"blocks.1.0.conv_pw.weight", {8, 4, 1, 1}, "features.2.conv.0.0.weight"},
      {"blocks.1.0.conv_dw.weight", {8, 1, 3, 3}, "features.2.conv.1.0.weight"},
      {"blocks.1.0.conv_pwl.weight", {4, 8, 1, 1}, "features.2.conv.2.weight"},
      {"blocks.1.0.bn3.bias", {4}, "features.2.conv.3.bias"},
      {"blocks.1.1.conv_pwl.weight", {4, 8, 1, 1}, "features.3.conv.2.weight"},
      {"conv_head.weight", {8, 4, 1, 1}, "features.4.0.weight"},
      {"classifier.weight", {3, 8}, "classifier.1.weight"}}},
    {"timm-mobilenet-v3",
     Naming::kTimm,
     {{"conv_stem.weight", {4, 3, 3, 3}, "features.0.0.weight"},
      {"blocks.0.0.conv_dw.weight",
       {4, 1, 3, 3},
       "features.1.block.0.0.weight"},
      {"blocks.1.0.conv_pw.weight",
       {8, 4, 1, 1},
       "features.2.block.0.0.weight"},
      {"blocks.1.0.conv_pwl.weight",
       {4, 8, 1, 1},
       "features.2.block.2.0.weight"},
      {"blocks.1.1.se.conv_reduce.bias", {2}, "features.3.block.2.fc1.bias"},
      {"blocks.1.1.conv_pwl.weight",
       {4, 8, 1, 1},
       "features.3.block.3.0.weight"},
      {"blocks.2.0.conv.weight", {8, 4, 1, 1}, "features.4.0.weight"},
      {"blocks.2.0.bn1.bias", {8}, "features.4.1.bias"},
      {"conv_head.weight", {9, 8, 1, 1}, "classifier.0.weight", {9, 8}},
      {"conv_head.bias", {9}, "classifier.0.bias"},
      {"classifier.weight", {3, 9}, "classifier.3.weight"}}},
    {"timm-vit",
     Naming::kTimm,
     {{"cls_token", {1, 1, 4}, "class_token"},
      {"pos_embed", {1, 5, 4}, "encoder.pos_embedding"},
      {"patch_embed.proj.bias", {4}, "conv_proj.bias"},
      {"blocks.0.norm1.weight",
       {4},
       "encoder.layers.encoder_layer_0.ln_1.weight"},
      {"blocks.0.attn.qkv.weight",
       {12, 4},
       "encoder.layers.encoder_layer_0.self_attention.in_proj_weight"},
      {"blocks.0.attn.qkv.bias",
       {12},
       "encoder.layers.encoder_layer_0.self_attention.in_proj_bias"},
      {"blocks.10.attn.proj.bias", {4}, "blocks.10.attn.proj.bias"},  // no 9
      {"blocks.1.mlp.fc2.bias",
       {4},
       "encoder.layers.encoder_layer_1.mlp.3.bias"},
      {"norm.bias", {4}, "encoder.ln.bias"},
      {"head.weight", {3, 4}, "heads.head.weight"}}},
    {"timm-swin",
     Naming::kTimm,
     {{"patch_embed.proj.bias", {4}, "features.0.0.bias"},
      {"patch_embed.norm.bias", {4}, "features.0.2.bias"},
      {"layers.0.blocks.0.attn.qkv.bias", {12}, "features.1.0.attn.qkv.bias"},
      {"layers.0.blocks.0.norm2.bias", {4}, "features.1.0.norm2.bias"},
      {"layers.0.blocks.1.mlp.fc1.bias", {16}, "features.1.1.mlp.0.bias"},
      {"layers.1.downsample.norm.bias", {16}, "features.2.norm.bias"},
      {"layers.3.blocks.0.mlp.fc2.bias", {8}, "features.7.0.mlp.3.bias"},
      {"norm.weight", {8}, "norm.weight"},
      {"head.fc.bias", {3}, "head.bias"}}},
    {"authors-swin",
     Naming::kTimm,
     {{"patch_embed.proj.bias", {4}, "features.0.0.bias"},
      {"layers.0.blocks.0.attn.qkv.bias", {12}, "features.1.0.attn.qkv.bias"},
      {"layers.0.downsample.reduction.weight",
       {8, 16},
       "features.2.reduction.weight"},
      {"layers.2.downsample.norm.bias", {8}, "features.6.norm.bias"},
      {"head.weight", {3, 8}, "head.weight"}}},
    {"transformers-resnet",
     Naming::kTransformers,
     {{"resnet.embedder.embedder.convolution.weight",
       {4, 3, 7, 7},
       "conv1.weight"},
      {"resnet.embedder.embedder.normalization.running_mean",
       {4},
       "bn1.running_mean"},
      {"resnet.encoder.stages.3.layers.0.layer.1.normalization.bias",
       {4},
       "layer4.0.bn2.bias"},
      {"resnet.encoder.stages.3.layers.0.layer.0.convolution.weight",
       {4, 4, 1, 1},
       "layer4.0.conv1.weight"},
      {"resnet.encoder.stages.3.layers.0.shortcut.normalization.bias",
       {4},
       "layer4.0.downsample.1.bias"},
      {"classifier.1.weight", {3, 4}, "fc.weight"}}},
    {"transformers-convnext",
     Naming::kTransformers,
     {{"convnext.embeddings.patch_embeddings.bias", {4}, "features.0.0.bias"},
      {"convnext.embeddings.layernorm.bias", {4}, "features.0.1.bias"},
      {"convnext.encoder.stages.1.downsampling_layer.0.bias",
       {4},
       "features.2.0.bias"},
      {"convnext.encoder.stages.1.layers.0.layer_scale_parameter",
       {4},
       "features.3.0.layer_scale",
       {4, 1, 1}},
      {"convnext.encoder.stages.1.layers.0.dwconv.bias",
       {4},
       "features.3.0.block.0.bias"},
      {"convnext.encoder.stages.1.layers.0.pwconv2.bias",
       {4},
       "features.3.0.block.5.bias"},
      {"convnext.layernorm.bias", {8}, "classifier.0.bias"},
      {"classifier.bias", {3}, "classifier.2.bias"}}},
    {"transformers-vit",
     Naming::kTransformers,
     {{"vit.embeddings.cls_token", {1, 1, 4}, "class_token"},
      {"vit.embeddings.position_embeddings",
       {1, 5, 4},
       "encoder.pos_embedding"},
      {"vit.encoder.layer.0.attention.output.dense.bias",
       {4},
       "encoder.layers.encoder_layer_0.self_attention.out_proj.bias"},
      {"vit.encoder.layer.0.output.dense.bias",
       {4},
       "encoder.layers.encoder_layer_0.mlp.3.bias"},
      {"vit.layernorm.bias", {4}, "encoder.ln.bias"},
      {"classifier.bias", {3}, "heads.head.bias"}}},
    {"transformers-5-vit",
     Naming::kTransformers,
     {{"vit.embeddings.cls_token", {1, 1, 4}, "class_token"},
      {"vit.layers.0.attention.o_proj.bias",
       {4},
       "encoder.layers.encoder_layer_0.self_attention.out_proj.bias"},
      {"vit.layers.0.mlp.fc2.bias",
       {4},
       "encoder.layers.encoder_layer_0.mlp.3.bias"}}},
    {"torchvision",
     Naming::kTorchvision,
     {{"layer1.0.conv1.weight", {4, 4, 3, 3}, "layer1.0.conv1.weight"},
      {"layer2.0.downsample.1.weight", {4}, "layer2.0.downsample.1.weight"},
      {"fc.bias", {3}, "fc.bias"}}},
    {"somebody-elses",
     Naming::kTorchvision,
     {{"net.body.0.w", {4}, "net.body.0.w"}, {"blocks.0", {2}, "blocks.0"}}},
};

std::int64_t elements(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t side : shape) count *= side;
  return count;
}

// No two elements of all the tensors are the same.
NamedTensors tensors_of(const Library& library) {
  NamedTensors tensors;
  std::int64_t next = 0;
  for (const Renamed& row : library.tensors) {
    const std::int64_t count = elements(row.shape);
    tensors[row.from] =
        torch::arange(next, next + count, torch::kFloat).reshape(row.shape);
    next += count;
  }
  return tensors;
}

void test_names(gconstpointer data) {
  const Library& library = *static_cast<const Library*>(data);
  const NamedTensors tensors = tensors_of(library);

  const RenamedWeights renamed = torchvision_names(tensors, kOrigin);

  g_assert_cmpstr(naming_name(renamed.naming), ==, naming_name(library.naming));
  g_assert_cmpuint(renamed.tensors.size(), ==, library.tensors.size());
  for (const Renamed& row : library.tensors) {
    g_test_message("%s as %s", row.from, row.to);
    const torch::Tensor& tensor = renamed.tensors.at(row.to);
    const Shape& shape = row.new_shape.empty() ? row.shape : row.new_shape;
    g_assert_true(tensor.sizes() == torch::IntArrayRef(shape));
    g_assert_true(torch::equal(tensor, tensors.at(row.from).reshape(shape)));
    g_assert_true(tensor.is_alias_of(tensors.at(row.from)));
  }
}

struct Attention {
  const char* name;
  std::vector<const char*> biases;  // query's, key's, value's
};

const Attention kAttentions[] = {
    {"file",
     {"vit.encoder.layer.0.attention.attention.query.bias",
      "vit.encoder.layer.0.attention.attention.key.bias",
      "vit.encoder.layer.0.attention.attention.value.bias"}},
    {"transformers-5-in-memory",
     {"vit.layers.0.attention.q_proj.bias",
      "vit.layers.0.attention.k_proj.bias",
      "vit.layers.0.attention.v_proj.bias"}},
};

void test_query_key_value(gconstpointer data) {
  const Attention& row = *static_cast<const Attention*>(data);
  NamedTensors tensors = {
      {"vit.embeddings.cls_token", torch::zeros({1, 1, 2})}};
  int value = 0;
  for (const char* bias : row.biases)
    tensors[bias] = torch::full({2}, ++value, torch::kFloat);

  const auto renamed = torchvision_names(tensors, kOrigin).tensors;

  g_assert_true(torch::equal(
      renamed.at("encoder.layers.encoder_layer_0.self_attention.in_proj_bias"),
      torch::tensor({1.0f, 1.0f, 2.0f, 2.0f, 3.0f, 3.0f})));
  g_assert_cmpuint(renamed.size(), ==, 2);
}

void test_query_without_key() {
  const std::string query =
      "vit.encoder.layer.0.attention.attention.query.bias";

  const auto renamed =
      torchvision_names({{"vit.embeddings.cls_token", torch::zeros({1, 1, 2})},
                         {query, torch::zeros({2})}},
                        kOrigin)
          .tensors;

  g_assert_true(renamed.contains(query));
}

void test_window_index() {
  const std::string attention = "layers.0.blocks.0.attn.";

  const auto renamed =
      torchvision_names(
          {{"patch_embed.proj.bias", torch::zeros({4})},
           {attention + "qkv.bias", torch::zeros({12})},
           {attention + "relative_position_bias_table", torch::zeros({9, 1})},
           {attention + "relative_position_index", torch::zeros({4, 4})},
           {"layers.0.blocks.1.attn_mask", torch::zeros({1, 4, 4})}},
          kOrigin)
          .tensors;

  // A window of two by two: the row for each pair of its places.
  g_assert_true(torch::equal(
      renamed.at("features.1.0.attn.relative_position_index"),
      torch::tensor({4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4},
                    torch::kLong)));
  g_assert_cmpuint(renamed.size(), ==, 4);
}

NamedTensors second_swin() {
  const std::string attention = "layers.0.blocks.0.attn.";
  return {{"patch_embed.proj.bias", torch::zeros({4})},
          {attention + "qkv.weight", torch::zeros({6, 2})},
          {attention + "q_bias", torch::full({2}, 1.0f)},
          {attention + "v_bias", torch::full({2}, 3.0f)},
          {attention + "logit_scale", torch::zeros({1, 1, 1})}};
}

void test_second_swin() {
  const auto renamed =
      torchvision_names(second_swin(), "swinv2_tiny_window8_256.pth").tensors;

  const auto& table = renamed.at("features.1.0.attn.relative_coords_table");
  g_assert_true(table.sizes() == torch::IntArrayRef({1, 15, 15, 2}));
  g_assert_cmpfloat(table[0][7][7][0].item<float>(), ==, 0);
  // 7 of 7 is 8, and the binary logarithm of 8 + 1 in parts of that of 8.
  g_assert_cmpfloat_with_epsilon(table[0][0][14][0].item<float>(), -1.056642,
                                 1e-6);
  g_assert_cmpfloat_with_epsilon(table[0][0][14][1].item<float>(), 1.056642,
                                 1e-6);
  g_assert_true(
      torch::equal(renamed.at("features.1.0.attn.qkv.bias"),
                   torch::tensor({1.0f, 1.0f, 0.0f, 0.0f, 3.0f, 3.0f})));
  g_assert_cmpint(
      renamed.at("features.1.0.attn.relative_position_index").numel(), ==,
      64 * 64);
}

struct Epsilon {
  const char* name;
  NamedTensors more;
  double expected;  // of a weight of 2 with a variance of 0
};

const Epsilon kEpsilons[] = {
    {"mobilenet-v2", {}, 2},
    {"efficientnet-b4",
     {{"blocks.0.0.se.conv_reduce.bias", torch::zeros({1})},
      {"conv_head.weight", torch::zeros({1792, 1, 1, 1})}},
     2},
    // sqrt(0.001 / 0.00001) = 10 times
    {"efficientnet-b5",
     {{"blocks.0.0.se.conv_reduce.bias", torch::zeros({1})},
      {"conv_head.weight", torch::zeros({2048, 1, 1, 1})}},
     20},
    {"efficientnet-v2",
     {{"blocks.1.0.conv_exp.weight", torch::zeros({1, 1, 1, 1})}},
     20},
    {"mobilenet-v3", {{"conv_head.bias", torch::zeros({1})}}, 20},
};

void test_epsilon(gconstpointer data) {
  const Epsilon& row = *static_cast<const Epsilon*>(data);
  NamedTensors tensors = row.more;
  tensors["conv_stem.weight"] = torch::zeros({1, 3, 3, 3});
  tensors["bn1.weight"] = torch::full({1}, 2.0, torch::kHalf);
  tensors["bn1.running_var"] = torch::zeros({1}, torch::kHalf);
  tensors["blocks.0.0.conv_dw.weight"] = torch::zeros({1, 1, 3, 3});

  const auto renamed = torchvision_names(tensors, kOrigin).tensors;

  g_assert_cmpfloat_with_epsilon(
      renamed.at("features.0.1.weight").item<double>(), row.expected, 1e-5);
  g_assert_cmpfloat(renamed.at("features.0.1.running_var").item<double>(), ==,
                    0);
}

// Whatever the sides are, renaming does not fail: the strict comparison tells
// what is wrong.
void test_odd_shapes(gconstpointer data) {
  const Library& library = *static_cast<const Library*>(data);
  for (const Shape& shape : {Shape{}, Shape{0}, Shape{2, 0}, Shape{5}}) {
    NamedTensors tensors;
    for (const Renamed& row : library.tensors)
      tensors[row.from] = torch::zeros(shape, torch::kLong);

    const auto renamed = torchvision_names(tensors, kOrigin);

    g_assert_cmpuint(renamed.tensors.size(), ==, library.tensors.size());
  }
}

}  // namespace

void add_weight_names_tests() {
  support::add_rows("/weight-names/are-given-torchvision's", kLibraries,
                    test_names);
  support::add_rows("/weight-names/odd-shapes-are-left-to-others", kLibraries,
                    test_odd_shapes);
  support::add_rows("/weight-names/query-key-and-value-are-joined", kAttentions,
                    test_query_key_value);
  g_test_add_func("/weight-names/a-query-without-a-key-stays",
                  test_query_without_key);
  g_test_add_func("/weight-names/a-window's-index-is-made", test_window_index);
  g_test_add_func("/weight-names/swin-2-is-completed", test_second_swin);
  support::add_rows("/weight-names/another-epsilon-moves-into-the-weight",
                    kEpsilons, test_epsilon);
}
