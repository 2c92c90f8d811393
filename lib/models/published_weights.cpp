// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/published_weights.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "models/near_names.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr Interpolation kBilinear = Interpolation::kBilinear;
constexpr Interpolation kBicubic = Interpolation::kBicubic;

enum Normalisation {
  kImageNet,
  kHalf,   // to [-1, 1]
  kCaffe,  // to [0, 255] less the mean
};

enum Flags : unsigned {
  kDefault = 1,
  kSwag = 2,  // published under a licence of their own
  kTransformInput = 4,
};

struct Row {
  const char* architecture;
  const char* name;
  const char* file;
  std::int64_t parameters;
  double gmacs, mebibytes, top1, top5;
  int resize_size, crop_size;
  Interpolation interpolation;
  Normalisation normalisation;
  unsigned flags;
};

constexpr char kTorchvisionFolder[] = "https://download.pytorch.org/models/";
constexpr Row kTorchvision[] = {
#include "models/published_weights.inc"
};

// Yerlan Idelbayev's, from the project's own description.
constexpr char kCifarFolder[] =
    "https://github.com/akamaster/pytorch_resnet_cifar10/raw/master/"
    "pretrained_models/";
constexpr Row kCifar[] = {
    {"cifar_resnet20", "CIFAR10", "resnet20-12fca82f.th", 269722, 0.041, 1.048,
     91.73, 0, 32, 32, kBilinear, kImageNet, kDefault},
};

void normalise(Preprocessing& preprocessing, Normalisation normalisation) {
  if (normalisation == kHalf) {
    preprocessing.mean = preprocessing.std = {0.5f, 0.5f, 0.5f};
  } else if (normalisation == kCaffe) {
    preprocessing.mean = {0.48235f, 0.45882f, 0.40784f};
    preprocessing.std = {1 / 255.0f, 1 / 255.0f, 1 / 255.0f};
  }
}

// NAME-HASH.EXTENSION
std::string hash_of(const std::string& file) {
  const std::size_t begin = file.rfind('-') + 1;
  return file.substr(begin, file.rfind('.') - begin);
}

PublishedWeights unfold(const Row& row, const char* folder) {
  PublishedWeights weights{
      .architecture = row.architecture,
      .name = row.name,
      .url = std::string(folder) + row.file,
      .file = row.file,
      .sha256_prefix = hash_of(row.file),
      .parameters = row.parameters,
      .gmacs = row.gmacs,
      .mebibytes = row.mebibytes,
      .top1_accuracy = row.top1,
      .top5_accuracy = row.top5,
      .is_default = (row.flags & kDefault) != 0,
      .preprocessing = {.resize_size = row.resize_size,
                        .interpolation = row.interpolation,
                        .crop_width = row.crop_size,
                        .crop_height = row.crop_size},
  };
  normalise(weights.preprocessing, row.normalisation);
  if (row.flags & kSwag)
    weights.licence =
        "https://github.com/facebookresearch/SWAG/blob/main/LICENSE";
  if (row.flags & kTransformInput)
    weights.architecture_options["transform_input"] = 1;
  return weights;
}

std::vector<PublishedWeights> unfold_all() {
  std::vector<PublishedWeights> all;
  for (const Row& row : kTorchvision)
    all.push_back(unfold(row, kTorchvisionFolder));
  for (const Row& row : kCifar) all.push_back(unfold(row, kCifarFolder));
  std::ranges::stable_sort(all, {}, &PublishedWeights::architecture);
  return all;
}

std::string in_case(std::string text, int (*convert)(int)) {
  for (char& c : text)
    c = static_cast<char>(convert(static_cast<unsigned char>(c)));
  return text;
}

[[noreturn]] void refuse_architecture(const std::string& architecture) {
  std::vector<std::string> names;
  for (const PublishedWeights& weights : published_weights()) {
    if (weights.is_default)
      names.push_back(weights.architecture);
  }
  throw Error(ErrorCode::kNotFound,
              "expected an architecture with published weights, got \"" +
                  architecture + "\"" + near_names(architecture, names));
}

[[noreturn]] void refuse_set(std::span<const PublishedWeights> sets,
                             const std::string& name) {
  std::string names;
  for (const PublishedWeights& weights : sets)
    names += (names.empty() ? "" : ", ") + weights.name;
  throw Error(ErrorCode::kNotFound, "expected weights of " +
                                        sets.front().architecture + " (" +
                                        names + "), got \"" + name + "\"");
}

}  // namespace

const std::vector<PublishedWeights>& published_weights() {
  static const std::vector<PublishedWeights> all = unfold_all();
  return all;
}

std::span<const PublishedWeights> published_weights_of(
    const std::string& architecture) {
  const auto& all = published_weights();
  const auto name = &PublishedWeights::architecture;
  return {std::ranges::lower_bound(all, architecture, {}, name),
          std::ranges::upper_bound(all, architecture, {}, name)};
}

const PublishedWeights& find_published_weights(const std::string& architecture,
                                               const std::string& name) {
  const auto sets = published_weights_of(in_case(architecture, std::tolower));
  if (sets.empty())
    refuse_architecture(architecture);
  const std::string wanted = in_case(name, std::toupper);
  const bool any = wanted.empty() || wanted == "DEFAULT";
  const auto found = std::ranges::find_if(sets, [&](const auto& weights) {
    return any ? weights.is_default : weights.name == wanted;
  });
  if (found == sets.end())
    refuse_set(sets, name);
  return *found;
}

const PublishedWeights& find_published_weights(const std::string& spelling) {
  constexpr std::string_view kEnum = "_weights";  // ResNet50_Weights
  const std::size_t end = spelling.find_first_of(":.");
  if (end == std::string::npos)
    return find_published_weights(spelling, "");
  std::string architecture = in_case(spelling.substr(0, end), std::tolower);
  if (spelling[end] == '.' && architecture.ends_with(kEnum))
    architecture.resize(architecture.size() - kEnum.size());
  const std::string name = spelling.substr(end + 1);
  if (architecture.empty() || name.empty())
    throw Error(ErrorCode::kInvalidArgument,
                "expected weights such as resnet50:IMAGENET1K_V2, got \"" +
                    spelling + "\"");
  return find_published_weights(architecture, name);
}

const PublishedWeights* find_published_file(const std::string& file_name) {
  const auto& all = published_weights();
  const auto found = std::ranges::find(all, file_name, &PublishedWeights::file);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace torchclassify
