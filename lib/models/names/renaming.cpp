// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/names/renaming.h"

#include <algorithm>
#include <utility>

#include <torch/torch.h>

#include "formats/strict_json.h"
#include "torchclassify/error.h"

namespace torchclassify::names {
namespace {

// visit may take its entry out of the map.
template <typename Visit>
void visit_prefix(NamedTensors& tensors, const std::string& prefix,
                  Visit visit) {
  if (const auto at = tensors.find(prefix); at != tensors.end())
    visit(at);
  const std::string below = prefix + ".";
  for (auto i = tensors.lower_bound(below);
       i != tensors.end() && i->first.starts_with(below);)
    visit(i++);
}

}  // namespace

Renaming::Renaming(NamedTensors tensors, std::string origin)
    : old_(std::move(tensors)), origin_(std::move(origin)) {}

bool Renaming::has(const std::string& prefix) const {
  if (old_.contains(prefix))
    return true;
  const auto below = old_.lower_bound(prefix + ".");
  return below != old_.end() && below->first.starts_with(prefix + ".");
}

bool Renaming::has_text(std::string_view text) const {
  return std::any_of(old_.begin(), old_.end(), [&](const auto& entry) {
    return entry.first.find(text) != std::string::npos;
  });
}

torch::Tensor Renaming::get(const std::string& name) const {
  const auto found = old_.find(name);
  return found == old_.end() ? torch::Tensor() : found->second;
}

torch::Tensor Renaming::take(const std::string& name) {
  auto node = old_.extract(name);
  return node.empty() ? torch::Tensor() : std::move(node.mapped());
}

void Renaming::move(const std::string& from, const std::string& to) {
  visit_prefix(old_, from, [&](NamedTensors::iterator entry) {
    const auto node = old_.extract(entry);
    put(to + node.key().substr(from.size()), std::move(node.mapped()));
  });
}

void Renaming::join(const std::vector<std::string>& from,
                    const std::string& to) {
  std::vector<torch::Tensor> parts;
  for (const std::string& name : from) parts.push_back(get(name));
  for (const torch::Tensor& part : parts) {
    if (!part.defined() || part.dim() == 0 || !part.is_floating_point() ||
        part.sizes() != parts.front().sizes() ||
        part.scalar_type() != parts.front().scalar_type())
      return;
  }
  for (const std::string& name : from) take(name);
  put(to, torch::cat(parts));
}

void Renaming::drop(const std::string& prefix) {
  visit_prefix(old_, prefix,
               [&](NamedTensors::iterator entry) { old_.erase(entry); });
}

void Renaming::put(const std::string& name, torch::Tensor tensor) {
  if (!new_.emplace(name, std::move(tensor)).second)
    throw Error(ErrorCode::kBadData,
                "expected one tensor for each weight, got two for " +
                    quoted_text(name) + ": " + origin_);
}

void Renaming::refuse(const std::string& got) const {
  throw Error(ErrorCode::kUnsupported,
              "expected weights that a torchvision model computes alike, got " +
                  got + ": " + origin_);
}

NamedTensors Renaming::finish() && {
  for (auto& [name, tensor] : old_) put(name, std::move(tensor));
  return std::move(new_);
}

std::string numbered(const std::string& prefix, std::int64_t number) {
  return prefix + "." + std::to_string(number);
}

torch::Tensor as_linear(const torch::Tensor& weight) {
  return weight.dim() == 4 ? weight.flatten(1) : weight;
}

torch::Tensor as_layer_scale(const torch::Tensor& gamma) {
  return gamma.dim() == 1 ? gamma.view({-1, 1, 1}) : gamma;
}

}  // namespace torchclassify::names
