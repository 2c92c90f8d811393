// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/dry_run.h"

#include <sstream>

#include <torch/torch.h>

#include "engine/torch_reason.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

struct Trial {
  torch::Tensor scores;  // float32; undefined: there are none
  std::string problem;   // why
  bool ran = false;      // the code gave something, be it no scores
  bool bytes = false;    // the scores were uint8
};

// No two pictures alike, and none flat. Within what preprocessing makes.
torch::Tensor trial_pictures(const InputForm& form, int count) {
  const int64_t size = int64_t{form.channels} * form.height * form.width;
  const torch::Tensor values =
      torch::arange(count * size, torch::kFloat32)
          .mul(0.7548777f)  // no simple fraction: no pattern of the sides
          .frac();
  return (form.bytes ? values * 255 : values * 4 - 2)
      .reshape({count, form.channels, form.height, form.width});
}

Trial try_form(const CodeModel& model, const InputForm& form, int count) {
  try {
    const torch::Tensor result =
        model.run(as_input(trial_pictures(form, count), form));
    if (are_scores(result, count))
      return {
          as_floats(result), {}, true, result.scalar_type() == torch::kUInt8};
    return {{}, tensor_name(result), true};
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kUnsupported)
      throw;
    return {{}, error.what()};
  } catch (const std::exception& error) {
    return {{}, torch_reason(error)};
  }
}

bool nearly_equal(const torch::Tensor& a, const torch::Tensor& b) {
  // A byte may be rounded to the next: 1/255.
  return torch::allclose(a, b, /*rtol=*/1e-2, /*atol=*/5e-3);
}

// Whether one picture more can be run beside the first ones, and changes
// nothing of their scores.
bool takes_more(const CodeModel& model, const InputForm& form,
                const torch::Tensor& scores) {
  const auto count = static_cast<int>(scores.size(0));
  const Trial more = try_form(model, form, count + 1);
  return more.scores.defined() && more.scores.size(1) == scores.size(1) &&
         nearly_equal(more.scores.slice(0, 0, count), scores);
}

bool are_probabilities(const torch::Tensor& scores) {
  return scores.size(1) > 1 && scores.min().item<float>() >= 0 &&
         (scores.sum(1) - 1).abs().max().item<float>() < 1e-3f;
}

CodeSignature examine(const CodeModel& model, const InputForm& form,
                      const Trial& trial, const std::string& model_file) {
  const torch::Tensor& scores = trial.scores;
  if (!scores.isfinite().all().item<bool>())
    throw Error(ErrorCode::kBadData,
                "expected finite scores, got NaN or Inf for " +
                    form_name(form) + ": " + model_file);
  const auto count = static_cast<int>(scores.size(0));
  BatchLimits batch = model.batch_limits();
  batch.smallest = count;
  if (batch.largest != count && !takes_more(model, form, scores))
    batch.largest = count;
  return {form, batch, static_cast<int>(scores.size(1)),
          trial.bytes || are_probabilities(scores)};
}

[[noreturn]] void refuse(const InputForm& form, const Trial& trial,
                         const std::string& model_file) {
  throw Error(ErrorCode::kUnsupported,
              kExpectedSignature + std::string(", got ") +
                  (trial.ran ? "" : "the error \"") + trial.problem +
                  (trial.ran ? "" : "\"") + " for " + form_name(form) +
                  "; its input can be described in " + model_file + ".json");
}

}  // namespace

const char kExpectedSignature[] =
    "expected a model of one tensor [N, channels, height, width] or [N, "
    "height, width, channels] in and one tensor [N, classes] of floats or "
    "uint8 out";

CodeSignature dry_run(const CodeModel& model,
                      const std::vector<InputForm>& forms,
                      const std::string& model_file) {
  // The first that gave something, else the first of all.
  Trial told;
  InputForm told_form;
  const int smallest = model.batch_limits().smallest;
  for (int count = smallest; count <= smallest + 1 && !told.ran; ++count) {
    for (const InputForm& form : forms) {
      const Trial trial = try_form(model, form, count);
      if (trial.scores.defined())
        return examine(model, form, trial, model_file);
      if (told.problem.empty() || (trial.ran && !told.ran)) {
        told = trial;
        told_form = form;
      }
    }
  }
  refuse(told_form, told, model_file);
}

bool are_scores(const torch::Tensor& result, int64_t count) {
  return result.defined() && result.dim() == 2 && result.size(0) == count &&
         result.size(1) > 0 &&
         (result.is_floating_point() || result.scalar_type() == torch::kUInt8);
}

torch::Tensor as_floats(const torch::Tensor& scores) {
  const torch::Tensor floats = scores.to(torch::kFloat32);
  return scores.scalar_type() == torch::kUInt8 ? floats / 255 : floats;
}

std::string tensor_name(const torch::Tensor& tensor) {
  if (!tensor.defined())
    return "no tensor";
  std::ostringstream text;
  text << tensor.scalar_type() << " " << tensor.sizes();
  return text.str();
}

}  // namespace torchclassify
