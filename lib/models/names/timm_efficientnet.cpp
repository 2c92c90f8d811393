// SPDX-License-Identifier: LGPL-2.1-or-later
// timm's names of EfficientNet 1 and 2, and MobileNet 2 and 3: one class there,
// three here.
#include <vector>

#include <torch/torch.h>

#include "models/names/mappings.h"

namespace torchclassify::names {
namespace {

// What timm adds to the variance in every one of these models (its tf_ models
// apart); torchvision's EfficientNet up to B4 and MobileNet 2 do the same.
constexpr double kTimmEpsilon = 1e-5;
// torchvision's MobileNet 3, EfficientNet 2, and EfficientNet from B5 on.
constexpr double kLargeEpsilon = 1e-3;

// torchvision's three ways to name the layers.
enum class Layout { kEfficientNet, kMobileNetV2, kMobileNetV3 };

// weight / sqrt(variance + timm's epsilon) is what the result divided by
// sqrt(variance + torchvision's) is.
torch::Tensor with_epsilon(const torch::Tensor& weight,
                           const torch::Tensor& variance, double epsilon) {
  if (epsilon == kTimmEpsilon || !variance.defined() ||
      weight.sizes() != variance.sizes() || !weight.is_floating_point() ||
      !variance.is_floating_point())
    return weight;
  const auto type =
      weight.scalar_type() == torch::kDouble ? torch::kDouble : torch::kFloat;
  const auto wide = variance.to(torch::kDouble);
  return (weight.to(torch::kDouble) *
          ((wide + epsilon) / (wide + kTimmEpsilon)).sqrt())
      .to(type);
}

// A convolution and what follows it, named as timm names them; no convolution:
// squeeze-and-excitation.
struct Layer {
  std::string convolution;
  std::string normalisation;
};

// A block's layers in the order they run, which torchvision numbers; empty for
// a block that neither has.
std::vector<Layer> layers_of(const Renaming& renaming,
                             const std::string& block) {
  const auto has = [&](const char* name) {
    return renaming.has(block + "." + name);
  };
  if (has("conv_exp"))
    return {{"conv_exp", "bn1"}, {"conv_pwl", "bn2"}};
  if (has("conv"))
    return {{"conv", "bn1"}};
  std::vector<Layer> layers;
  const bool expands = has("conv_pwl");
  if (expands)
    layers.push_back({"conv_pw", "bn1"});
  layers.push_back({"conv_dw", expands ? "bn2" : "bn1"});
  if (has("se"))
    layers.push_back({});
  layers.push_back(expands ? Layer{"conv_pwl", "bn3"}
                           : Layer{"conv_pw", "bn2"});
  return layers;
}

class Mapper {
 public:
  explicit Mapper(Renaming& renaming)
      : renaming_(renaming), layout_(layout()), epsilon_(epsilon()) {}

  void move_all() {
    move_layer("", {"conv_stem", "bn1"}, "features.0");
    for (int stage = 0; renaming_.has(numbered("blocks", stage)); ++stage) {
      const std::string from = numbered("blocks", stage);
      for (int i = 0; renaming_.has(numbered(from, i)); ++i)
        move_block(numbered(from, i), block_name(stage, i));
      ++stages_;
    }
    move_head();
  }

 private:
  Layout layout() const {
    if (renaming_.has("conv_head.bias"))
      return Layout::kMobileNetV3;
    return renaming_.has_text(".se.") || fused() ? Layout::kEfficientNet
                                                 : Layout::kMobileNetV2;
  }

  bool fused() const { return renaming_.has_text(".conv_exp."); }

  double epsilon() const {
    const torch::Tensor head = renaming_.get("conv_head.weight");
    const bool b5_and_on =
        head.defined() && head.dim() > 0 && head.size(0) >= 2048;
    const bool large =
        layout_ == Layout::kMobileNetV3 ||
        (layout_ == Layout::kEfficientNet && (fused() || b5_and_on));
    return large ? kLargeEpsilon : kTimmEpsilon;
  }

  // MobileNets number all blocks as one row.
  std::string block_name(int stage, int block) {
    ++blocks_;
    return layout_ == Layout::kEfficientNet
               ? numbered(numbered("features", stage + 1), block)
               : numbered("features", blocks_);
  }

  void move_block(const std::string& from, const std::string& to) {
    const std::vector<Layer> layers = layers_of(renaming_, from);
    if (layout_ == Layout::kMobileNetV3 && layers.size() == 1)
      return move_layer(from + ".", layers.front(), to);
    const bool version_2 = layout_ == Layout::kMobileNetV2;
    const std::string body = to + (version_2 ? ".conv" : ".block");
    for (std::size_t i = 0; i < layers.size(); ++i) {
      // There the last two are not a sequence of their own.
      if (version_2 && i + 1 == layers.size())
        move_layer(from + ".", layers[i], numbered(body, i),
                   numbered(body, i + 1));
      else
        move_layer(from + ".", layers[i], numbered(body, i));
    }
  }

  void move_layer(const std::string& prefix, const Layer& layer,
                  const std::string& to) {
    if (layer.convolution.empty()) {
      renaming_.move(prefix + "se.conv_reduce", to + ".fc1");
      renaming_.move(prefix + "se.conv_expand", to + ".fc2");
    } else {
      move_layer(prefix, layer, to + ".0", to + ".1");
    }
  }

  void move_layer(const std::string& prefix, const Layer& layer,
                  const std::string& convolution,
                  const std::string& normalisation) {
    const std::string norm = prefix + layer.normalisation;
    renaming_.move(prefix + layer.convolution, convolution);
    renaming_.move_as(norm + ".weight", normalisation + ".weight",
                      [&](const torch::Tensor& weight) {
                        return with_epsilon(
                            weight, renaming_.get(norm + ".running_var"),
                            epsilon_);
                      });
    renaming_.move(norm, normalisation);
  }

  // MobileNet 3 pools before this layer, in timm as a convolution of the pixel
  // that is left.
  void move_head() {
    if (layout_ == Layout::kMobileNetV3) {
      renaming_.move_as("conv_head.weight", "classifier.0.weight", as_linear);
      renaming_.move("conv_head.bias", "classifier.0.bias");
      renaming_.move("classifier", "classifier.3");
      return;
    }
    const bool efficient = layout_ == Layout::kEfficientNet;
    move_layer("", {"conv_head", "bn2"},
               numbered("features", 1 + (efficient ? stages_ : blocks_)));
    renaming_.move("classifier", "classifier.1");
  }

  Renaming& renaming_;
  const Layout layout_;
  const double epsilon_;
  int stages_ = 0;
  int blocks_ = 0;
};

}  // namespace

bool rename_timm_efficientnet(Renaming& renaming,
                              const Surroundings& surroundings) {
  if (!renaming.has("conv_stem") || !renaming.has("blocks.0.0"))
    return false;
  for (const char* name : {"tf_efficientnet", "tf_mobilenet"}) {
    if (surroundings.mentions(name))
      renaming.refuse(std::string("TensorFlow's padding (timm's ") + name +
                      " models, by the path or config.json)");
  }
  if (surroundings.mentions("efficientnet_blur"))
    renaming.refuse("an EfficientNet with anti-aliasing (efficientnet_blur)");
  Mapper(renaming).move_all();
  return true;
}

}  // namespace torchclassify::names
