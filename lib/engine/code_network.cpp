// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/code_network.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include <torch/torch.h>

#include "engine/code_description.h"
#include "engine/dry_run.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

class CodeNetwork : public Network {
 public:
  CodeNetwork(std::unique_ptr<CodeModel> model, const CodeSignature& signature,
              std::string model_file)
      : model_(std::move(model)),
        signature_(signature),
        model_file_(std::move(model_file)) {}

  torch::Tensor forward(const torch::Tensor& pictures) const override;

 private:
  torch::Tensor run_part(const torch::Tensor& pictures) const;

  const std::unique_ptr<CodeModel> model_;
  const CodeSignature signature_;
  const std::string model_file_;  // for errors
};

torch::Tensor CodeNetwork::forward(const torch::Tensor& pictures) const {
  const int64_t count = pictures.size(0);
  const int64_t largest =
      signature_.batch.largest == 0 ? count : signature_.batch.largest;
  std::vector<torch::Tensor> scores;
  for (const torch::Tensor& part : pictures.split(largest))
    scores.push_back(run_part(part));
  return scores.size() == 1 ? scores.front() : torch::cat(scores);
}

// Repeats the last picture where the code wants more.
torch::Tensor CodeNetwork::run_part(const torch::Tensor& pictures) const {
  const int64_t count = pictures.size(0);
  const int64_t padded = std::max<int64_t>(count, signature_.batch.smallest);
  const torch::Tensor whole =
      padded == count
          ? pictures
          : torch::cat({pictures, pictures.slice(0, count - 1)
                                      .expand({padded - count, -1, -1, -1})});
  const torch::Tensor scores = model_->run(as_input(whole, signature_.input));
  if (!are_scores(scores, padded) || scores.size(1) != signature_.classes)
    throw Error(ErrorCode::kInternal,
                "expected scores [" + std::to_string(padded) + ", " +
                    std::to_string(signature_.classes) + "], got " +
                    tensor_name(scores) + ": " + model_file_);
  return as_floats(scores.slice(0, 0, count));
}

// Those that the description leaves.
std::vector<InputForm> fitting_forms(const CodeModel& model,
                                     const Preprocessing& wanted,
                                     const std::string& model_file) {
  const std::vector<InputForm> forms = model.forms(&wanted);
  std::vector<InputForm> fitting;
  std::copy_if(forms.begin(), forms.end(), std::back_inserter(fitting),
               [&wanted](const InputForm& form) { return fits(form, wanted); });
  if (fitting.empty())
    throw Error(ErrorCode::kBadData,
                "expected code for the described preprocessing, got code for " +
                    form_name(forms.at(0)) + ": " + model_file);
  return fitting;
}

}  // namespace

OpenedModel open_code_network(std::unique_ptr<CodeModel> model,
                              const NetworkOptions& options) {
  const torch::InferenceMode inference_mode;
  const std::string& file = options.model_file;
  std::optional<ModelInfo> info = described_model(*model, file);
  const CodeSignature signature =
      dry_run(*model,
              info ? fitting_forms(*model, info->preprocessing, file)
                   : model->forms(nullptr),
              file);
  if (!info)
    info = assumed_info(signature, model->kind());
  const auto described = static_cast<int>(info->classes.size());
  if (described != signature.classes)
    throw Error(ErrorCode::kBadData,
                "expected scores of the " + std::to_string(described) +
                    " described classes, got " +
                    std::to_string(signature.classes) + ": " + file);
  info->provenance["code"] = model->kind();
  info->provenance["input"] = form_name(signature.input);
  return {std::move(*info),
          std::make_unique<CodeNetwork>(std::move(model), signature, file)};
}

}  // namespace torchclassify
