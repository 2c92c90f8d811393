// SPDX-License-Identifier: LGPL-2.1-or-later
// timm's names of Swin 1 and 2, and those of the authors' own files.
#include <cstdint>
#include <string>

#include <torch/torch.h>

#include "models/names/mappings.h"
#include "models/relative_position.h"

namespace torchclassify::names {
namespace {

constexpr int kStages = 4;
constexpr int kTorchvisionWindow = 8;  // Swin 2's, pixels of the feature map

// The window's side from a table of (2 * side - 1)^2 rows; 0: of none.
std::int64_t window_of(const torch::Tensor& table) {
  constexpr std::int64_t kLargest = 32;
  if (table.defined() && table.dim() == 2) {
    for (std::int64_t side = 1; side <= kLargest; ++side) {
      if (table.size(0) == nn::relative_positions(side))
        return side;
    }
  }
  return 0;
}

// Swin 2's biases are computed, so that no shape tells the window.
void expect_window(const Renaming& renaming, const Surroundings& surroundings) {
  const auto index =
      renaming.get("layers.0.blocks.0.attn.relative_position_index");
  constexpr int kPlaces = kTorchvisionWindow * kTorchvisionWindow;
  const bool told = index.defined() ? index.numel() == kPlaces * kPlaces
                                    : surroundings.mentions("window8");
  if (!told)
    renaming.refuse(
        "a Swin Transformer V2 without a sign that its window is 8 (the file's "
        "or folder's name or config.json would have \"window8\")");
}

// Keys have no bias of their own: torchvision keeps zeros for them.
void join_biases(Renaming& renaming, const std::string& from,
                 const std::string& to) {
  const torch::Tensor query = renaming.get(from + ".q_bias");
  const torch::Tensor value = renaming.get(from + ".v_bias");
  if (!query.defined() || !value.defined() || query.dim() != 1 ||
      !query.is_floating_point() || query.sizes() != value.sizes() ||
      query.scalar_type() != value.scalar_type())
    return;
  renaming.drop(from + ".q_bias");
  renaming.drop(from + ".v_bias");
  renaming.put(to + ".qkv.bias",
               torch::cat({query, torch::zeros_like(query), value}));
}

// What is computed from the window's side alone, which torchvision's files
// have. All blocks share it: however many there are, it takes no more memory.
struct WindowTables {
  torch::Tensor index;   // [side^4]; undefined: not Swin's
  torch::Tensor coords;  // version 2 only
};

WindowTables tables_of(const Renaming& renaming) {
  const std::string attention = "layers.0.blocks.0.attn.";
  if (renaming.has(attention + "logit_scale"))
    return {nn::relative_position_index(kTorchvisionWindow).flatten(),
            nn::relative_coords_table(kTorchvisionWindow)};
  const std::int64_t side =
      window_of(renaming.get(attention + "relative_position_bias_table"));
  if (side == 0)
    return {};
  return {nn::relative_position_index(side).flatten(), {}};
}

void move_attention(Renaming& renaming, const WindowTables& tables,
                    const std::string& from, const std::string& to) {
  if (!renaming.has(from))
    return;
  renaming.drop(from + ".relative_position_index");
  renaming.drop(from + ".relative_coords_table");
  if (tables.index.defined())
    renaming.put(to + ".relative_position_index", tables.index);
  if (tables.coords.defined())
    renaming.put(to + ".relative_coords_table", tables.coords);
  join_biases(renaming, from, to);
  renaming.move(from, to);
}

void move_block(Renaming& renaming, const WindowTables& tables,
                const std::string& from, const std::string& to) {
  renaming.drop(from + ".attn_mask");
  renaming.move(from + ".norm1", to + ".norm1");
  move_attention(renaming, tables, from + ".attn", to + ".attn");
  renaming.move(from + ".norm2", to + ".norm2");
  renaming.move(from + ".mlp.fc1", to + ".mlp.0");
  renaming.move(from + ".mlp.fc2", to + ".mlp.3");
}

}  // namespace

bool rename_timm_swin(Renaming& renaming, const Surroundings& surroundings) {
  if (!renaming.has("patch_embed.proj") ||
      !renaming.has("layers.0.blocks.0.attn.qkv"))
    return false;
  if (renaming.has("layers.0.blocks.0.attn.logit_scale"))
    expect_window(renaming, surroundings);
  const WindowTables tables = tables_of(renaming);
  renaming.move("patch_embed.proj", "features.0.0");
  renaming.move("patch_embed.norm", "features.0.2");
  // A stage ends with the merging of patches in the authors' files, in timm
  // begins with it.
  const int merging = renaming.has("layers.0.downsample") ? 2 : 0;
  for (int stage = 0; stage < kStages; ++stage) {
    const std::string from = numbered("layers", stage);
    renaming.move(from + ".downsample",
                  numbered("features", 2 * stage + merging));
    const std::string to = numbered("features", 2 * stage + 1);
    for (int i = 0; renaming.has(numbered(from + ".blocks", i)); ++i)
      move_block(renaming, tables, numbered(from + ".blocks", i),
                 numbered(to, i));
  }
  renaming.move("norm", "norm");
  const bool authors = renaming.has("head.weight");
  renaming.move(authors ? "head" : "head.fc", "head");
  return true;
}

}  // namespace torchclassify::names
