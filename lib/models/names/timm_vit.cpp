// SPDX-License-Identifier: LGPL-2.1-or-later
// timm's names of the vision transformer (ViT, DeiT).
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include <torch/torch.h>

#include "models/names/mappings.h"

namespace torchclassify::names {
namespace {

// What a ViT may have that torchvision's has not, by a name of it.
constexpr std::pair<const char*, const char*> kOtherTransformers[] = {
    {"dist_token", "a distillation token (DeiT)"},
    {"reg_token", "register tokens"},
    {"norm_pre", "a normalisation before the blocks (CLIP)"},
    {"fc_norm", "an average over the tokens instead of a class token"},
    {"attn_pool", "attention pooling"},
    {"blocks.0.ls1", "layer scales"},
    {"blocks.0.gamma_1", "layer scales"},
    {"blocks.0.attn.q_norm", "normalised queries"},
    {"blocks.0.attn.q_bias", "queries' and values' biases apart (BEiT)"},
};

// [1, places, width], the places being a square's and no more.
bool is_square(const torch::Tensor& positions) {
  if (!positions.defined() || positions.dim() != 3)
    return false;
  const auto side = static_cast<std::int64_t>(
      std::sqrt(static_cast<double>(positions.size(1))));
  return side * side == positions.size(1);
}

void refuse_other_transformers(const Renaming& renaming) {
  for (const auto& [name, what] : kOtherTransformers) {
    if (renaming.has(name))
      renaming.refuse(std::string("a vision transformer with ") + what);
  }
  if (!renaming.has("cls_token"))
    renaming.refuse("a vision transformer without a class token");
  if (is_square(renaming.get("pos_embed")))
    renaming.refuse(
        "a vision transformer without a position for its class token");
}

void move_vit_block(Renaming& renaming, const std::string& from,
                    const std::string& to) {
  renaming.move(from + ".norm1", to + ".ln_1");
  const std::string attention = to + ".self_attention";
  renaming.move(from + ".attn.qkv.weight", attention + ".in_proj_weight");
  renaming.move(from + ".attn.qkv.bias", attention + ".in_proj_bias");
  renaming.move(from + ".attn.proj", attention + ".out_proj");
  renaming.move(from + ".norm2", to + ".ln_2");
  renaming.move(from + ".mlp.fc1", to + ".mlp.0");
  renaming.move(from + ".mlp.fc2", to + ".mlp.3");
}

}  // namespace

bool rename_timm_vision_transformer(Renaming& renaming, const Surroundings&) {
  if (!renaming.has("patch_embed.proj") || !renaming.has("blocks.0.attn"))
    return false;
  refuse_other_transformers(renaming);
  renaming.move("cls_token", "class_token");
  renaming.move("pos_embed", "encoder.pos_embedding");
  renaming.move("patch_embed.proj", "conv_proj");
  for (int i = 0; renaming.has(numbered("blocks", i)); ++i)
    move_vit_block(renaming, numbered("blocks", i),
                   "encoder.layers.encoder_layer_" + std::to_string(i));
  renaming.move("norm", "encoder.ln");
  renaming.move("head", "heads.head");
  return true;
}

}  // namespace torchclassify::names
