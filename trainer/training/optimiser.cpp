// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/optimiser.h"

#include <cmath>
#include <utility>

#include <torch/torch.h>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// Fused kernels walk memory, so a gradient must lie as its parameter does.
torch::Tensor aligned(const torch::Tensor& gradient,
                      const torch::Tensor& parameter) {
  if (gradient.strides() == parameter.strides())
    return gradient;
  return torch::empty_like(parameter).copy_(gradient);
}

using Tensors = std::vector<torch::Tensor>;

void adam(const Tensors& parameters, const Tensors& gradients,
          const Tensors& averages, const Tensors& squares, const Tensors& steps,
          double rate, double decay, const OptimiserOptions& options) {
  at::_fused_adam_(parameters, gradients, averages, squares, {}, steps, rate,
                   options.beta1, options.beta2, decay, options.epsilon,
                   /*amsgrad=*/false, /*maximize=*/false);
}

void adam_w(const Tensors& parameters, const Tensors& gradients,
            const Tensors& averages, const Tensors& squares,
            const Tensors& steps, double rate, double decay,
            const OptimiserOptions& options) {
  at::_fused_adamw_(parameters, gradients, averages, squares, {}, steps, rate,
                    options.beta1, options.beta2, decay, options.epsilon,
                    /*amsgrad=*/false, /*maximize=*/false);
}

}  // namespace

Optimiser::Optimiser(std::vector<ParameterGroup> groups,
                     const OptimiserOptions& options)
    : groups_(std::move(groups)), options_(options) {}

void Optimiser::zero_grad() {
  for (ParameterGroup& group : groups_)
    for (torch::Tensor& parameter : group.parameters)
      parameter.mutable_grad().reset();
}

std::vector<torch::Tensor> Optimiser::gradients() const {
  std::vector<torch::Tensor> gradients;
  for (const ParameterGroup& group : groups_) {
    const Part part = gather(group);
    gradients.insert(gradients.end(), part.gradients.begin(),
                     part.gradients.end());
  }
  return gradients;
}

Optimiser::Part Optimiser::gather(const ParameterGroup& group) const {
  Part part;
  for (std::size_t i = 0; i < group.parameters.size(); ++i) {
    const torch::Tensor& parameter = group.parameters[i];
    if (!parameter.grad().defined())
      continue;
    part.parameters.push_back(parameter);
    part.gradients.push_back(parameter.grad());
    part.names.push_back(group.names[i]);
  }
  return part;
}

// The kept tensors of that name, zeros where there is none yet.
std::vector<torch::Tensor> Optimiser::states(const Part& part,
                                             const char* name) {
  std::vector<torch::Tensor> result;
  for (std::size_t i = 0; i < part.names.size(); ++i) {
    torch::Tensor& state = state_[part.names[i] + "." + name];
    if (!state.defined())
      state = torch::zeros_like(part.parameters[i]);
    result.push_back(state);
  }
  return result;
}

// How often each parameter has been stepped, this step included.
std::vector<torch::Tensor> Optimiser::counters(const Part& part) {
  std::vector<torch::Tensor> result;
  for (std::size_t i = 0; i < part.names.size(); ++i) {
    torch::Tensor& state = state_[part.names[i] + ".step"];
    if (!state.defined())
      state = torch::zeros({}, part.parameters[i].device());
    state += 1;
    result.push_back(state);
  }
  return result;
}

void Optimiser::step(double learning_rate) {
  const torch::NoGradGuard no_grad;
  for (const ParameterGroup& group : groups_) {
    Part part = gather(group);
    if (part.parameters.empty())
      continue;
    for (std::size_t i = 0; i < part.parameters.size(); ++i)
      part.gradients[i] = aligned(part.gradients[i], part.parameters[i]);
    const double rate = learning_rate * group.rate;
    switch (options_.kind) {
      case OptimiserKind::kSgd:
        step_sgd(std::move(part), rate, group.weight_decay);
        break;
      case OptimiserKind::kRmsProp:
        step_rms_prop(std::move(part), rate, group.weight_decay);
        break;
      default:
        step_adam(std::move(part), rate, group.weight_decay);
    }
  }
}

// Momentum that starts from 0 is what PyTorch starts from the first gradient.
void Optimiser::step_sgd(Part part, double rate, double decay) {
  std::vector<torch::Tensor> momentum;
  if (options_.momentum > 0)
    momentum = states(part, "momentum_buffer");
  at::_fused_sgd_(part.parameters, part.gradients, momentum, decay,
                  options_.momentum, rate, /*dampening=*/0, options_.nesterov,
                  /*maximize=*/false, /*is_first_step=*/false);
}

void Optimiser::step_adam(Part part, double rate, double decay) {
  const auto averages = states(part, "exp_avg");
  const auto squares = states(part, "exp_avg_sq");
  const auto steps = counters(part);
  const auto fused = options_.kind == OptimiserKind::kAdam ? adam : adam_w;
  fused(part.parameters, part.gradients, averages, squares, steps, rate, decay,
        options_);
}

void Optimiser::step_rms_prop(Part part, double rate, double decay) {
  const auto squares = states(part, "square_avg");
  std::vector<torch::Tensor> momentum;
  if (options_.momentum > 0)
    momentum = states(part, "momentum_buffer");
  for (std::size_t i = 0; i < part.parameters.size(); ++i) {
    torch::Tensor& parameter = part.parameters[i];
    const torch::Tensor gradient =
        decay > 0 ? part.gradients[i].add(parameter, decay) : part.gradients[i];
    squares[i].mul_(options_.alpha);
    squares[i].addcmul_(gradient, gradient, 1 - options_.alpha);
    const torch::Tensor root = squares[i].sqrt().add_(options_.epsilon);
    if (momentum.empty()) {
      parameter.addcdiv_(gradient, root, -rate);
    } else {
      momentum[i].mul_(options_.momentum).addcdiv_(gradient, root);
      parameter.add_(momentum[i], -rate);
    }
  }
}

NamedTensors Optimiser::state() const { return state_; }

void Optimiser::load_state(const NamedTensors& state) {
  NamedTensors parameters;
  for (const ParameterGroup& group : groups_)
    for (std::size_t i = 0; i < group.names.size(); ++i)
      parameters[group.names[i]] = group.parameters[i];
  NamedTensors loaded;
  for (const auto& [name, tensor] : state) {
    const std::string owner = name.substr(0, name.rfind('.'));
    const auto parameter = parameters.find(owner);
    const bool counter = name.ends_with(".step");
    if (parameter == parameters.end() ||
        (!counter && tensor.sizes() != parameter->second.sizes()))
      throw Error(
          ErrorCode::kBadData,
          "expected an optimiser's state of this model, got \"" + name + "\"");
    loaded[name] = counter ? tensor.clone()
                           : torch::empty_like(parameter->second).copy_(tensor);
  }
  state_ = std::move(loaded);
}

double clip_gradients(const std::vector<torch::Tensor>& gradients,
                      double limit) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> norms;
  for (const torch::Tensor& gradient : gradients)
    norms.push_back(torch::linalg_vector_norm(gradient));
  if (norms.empty())
    return 0;
  const double norm =
      torch::linalg_vector_norm(torch::stack(norms)).item<double>();
  const double factor = limit / (norm + 1e-6);
  if (factor < 1)
    for (const torch::Tensor& gradient : gradients) gradient.mul_(factor);
  return norm;
}

}  // namespace torchclassify
