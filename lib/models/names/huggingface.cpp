// SPDX-License-Identifier: LGPL-2.1-or-later
// Names in Hugging Face's transformers: ResNet, ConvNeXt and ViT.
#include <cstdint>
#include <string>

#include <torch/torch.h>

#include "formats/strict_json.h"
#include "models/names/mappings.h"

namespace torchclassify::names {
namespace {

constexpr int kStages = 4;  // ResNet's and ConvNeXt's

// What the names do not tell, the config.json beside the file does; where there
// is none, the usual value is assumed.
void expect_config(const Renaming& renaming, const Surroundings& surroundings,
                   const std::string& key, const std::string& expected) {
  const std::string got = surroundings.value(key, expected);
  if (got != expected)
    renaming.refuse("a model with " + key + " " + quoted_text(got) +
                    " in config.json");
}

// Convolution and normalisation.
void move_convolution(Renaming& renaming, const std::string& from,
                      const std::string& convolution,
                      const std::string& normalisation) {
  renaming.move(from + ".convolution", convolution);
  renaming.move(from + ".normalization", normalisation);
}

void move_resnet_block(Renaming& renaming, const std::string& from,
                       const std::string& to) {
  for (int i = 0; renaming.has(numbered(from + ".layer", i)); ++i) {
    const std::string number = std::to_string(i + 1);
    move_convolution(renaming, numbered(from + ".layer", i),
                     to + ".conv" + number, to + ".bn" + number);
  }
  move_convolution(renaming, from + ".shortcut", to + ".downsample.0",
                   to + ".downsample.1");
}

void move_convnext_block(Renaming& renaming, const std::string& from,
                         const std::string& to) {
  renaming.move_as(from + ".layer_scale_parameter", to + ".layer_scale",
                   as_layer_scale);
  renaming.move(from + ".dwconv", to + ".block.0");
  renaming.move(from + ".layernorm", to + ".block.2");
  renaming.move(from + ".pwconv1", to + ".block.3");
  renaming.move(from + ".pwconv2", to + ".block.5");
}

// Files have the names of transformers 4; in transformers 5 a state_dict() has
// others ("vit.layers"), and torch.save() keeps them.
struct VitNames {
  const char* layers;
  const char* query;
  const char* key;
  const char* value;
  const char* out;
  const char* first;  // of the multilayer perceptron
  const char* second;
};
constexpr VitNames kVitNames[] = {
    {"vit.encoder.layer", "attention.attention.query",
     "attention.attention.key", "attention.attention.value",
     "attention.output.dense", "intermediate.dense", "output.dense"},
    {"vit.layers", "attention.q_proj", "attention.k_proj", "attention.v_proj",
     "attention.o_proj", "mlp.fc1", "mlp.fc2"},
};

void move_vit_block(Renaming& renaming, const VitNames& names, int number) {
  const std::string from = numbered(names.layers, number) + ".";
  const std::string to =
      "encoder.layers.encoder_layer_" + std::to_string(number) + ".";
  renaming.move(from + "layernorm_before", to + "ln_1");
  for (const std::string kind : {"weight", "bias"})
    renaming.join(
        {from + names.query + "." + kind, from + names.key + "." + kind,
         from + names.value + "." + kind},
        to + "self_attention.in_proj_" + kind);
  renaming.move(from + names.out, to + "self_attention.out_proj");
  renaming.move(from + "layernorm_after", to + "ln_2");
  renaming.move(from + names.first, to + "mlp.0");
  renaming.move(from + names.second, to + "mlp.3");
}

// Shapes do not tell how many heads a width is divided into; torchvision's ViTs
// have these.
std::string usual_heads(const Renaming& renaming) {
  const torch::Tensor token = renaming.get("vit.embeddings.cls_token");
  const std::int64_t width =
      token.defined() && token.dim() > 0 ? token.size(-1) : 0;
  return width == 768 ? "12" : "16";
}

}  // namespace

// Its default strides are torchvision's: on the middle convolution of a
// bottleneck, with a first stage that keeps the size.
bool rename_huggingface_resnet(Renaming& renaming,
                               const Surroundings& surroundings) {
  if (!renaming.has("resnet.embedder.embedder"))
    return false;
  expect_config(renaming, surroundings, "hidden_act", "relu");
  expect_config(renaming, surroundings, "downsample_in_bottleneck", "false");
  expect_config(renaming, surroundings, "downsample_in_first_stage", "false");
  move_convolution(renaming, "resnet.embedder.embedder", "conv1", "bn1");
  for (int stage = 0; stage < kStages; ++stage) {
    const std::string from =
        numbered("resnet.encoder.stages", stage) + ".layers";
    const std::string to = "layer" + std::to_string(stage + 1);
    for (int i = 0; renaming.has(numbered(from, i)); ++i)
      move_resnet_block(renaming, numbered(from, i), numbered(to, i));
  }
  renaming.move("classifier.1", "fc");
  return true;
}

// The last normalisation adds 1e-12 to the variance (config.json's
// layer_norm_eps), where torchvision and all the others add 1e-6: about 3e-6 of
// the largest logit.
bool rename_huggingface_convnext(Renaming& renaming,
                                 const Surroundings& surroundings) {
  if (renaming.has("convnextv2.embeddings"))
    renaming.refuse("a ConvNeXt V2 (global response normalisation)");
  if (!renaming.has("convnext.embeddings"))
    return false;
  expect_config(renaming, surroundings, "hidden_act", "gelu");
  renaming.move("convnext.embeddings.patch_embeddings", "features.0.0");
  renaming.move("convnext.embeddings.layernorm", "features.0.1");
  for (int stage = 0; stage < kStages; ++stage) {
    const std::string from = numbered("convnext.encoder.stages", stage);
    renaming.move(from + ".downsampling_layer",
                  numbered("features", 2 * stage));
    const std::string to = numbered("features", 2 * stage + 1);
    for (int i = 0; renaming.has(numbered(from + ".layers", i)); ++i)
      move_convnext_block(renaming, numbered(from + ".layers", i),
                          numbered(to, i));
  }
  renaming.move("convnext.layernorm", "classifier.0");
  renaming.move("classifier", "classifier.2");
  return true;
}

// Its normalisations add 1e-12 to the variance (layer_norm_eps), torchvision's
// 1e-6, which is also what Google trained these models with. No weight can make
// up for that; it moves logits by about 1e-6 of the largest.
bool rename_huggingface_vit(Renaming& renaming,
                            const Surroundings& surroundings) {
  if (renaming.has("deit.embeddings"))
    renaming.refuse("transformers' DeiT");
  if (!renaming.has("vit.embeddings"))
    return false;
  expect_config(renaming, surroundings, "hidden_act", "gelu");
  expect_config(renaming, surroundings, "num_attention_heads",
                usual_heads(renaming));
  renaming.move("vit.embeddings.cls_token", "class_token");
  renaming.move("vit.embeddings.position_embeddings", "encoder.pos_embedding");
  renaming.move("vit.embeddings.patch_embeddings.projection", "conv_proj");
  for (const VitNames& names : kVitNames) {
    for (int i = 0; renaming.has(numbered(names.layers, i)); ++i)
      move_vit_block(renaming, names, i);
  }
  renaming.move("vit.layernorm", "encoder.ln");
  renaming.move("classifier", "heads.head");
  return true;
}

}  // namespace torchclassify::names
