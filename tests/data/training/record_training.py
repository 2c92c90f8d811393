#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records recorded.json: what PyTorch, torchvision and scikit-learn make of losses, optimisers,
schedules, averages, parameter groups and class weights. Inputs are formulas."""
import json
import pathlib

import numpy
import sklearn.utils.class_weight
import torch
import torchvision
from torch.nn import functional
from torch.optim import lr_scheduler

STEPS = 10
TICKS = 12


def formula(rows, columns, factor, phase):
    values = torch.arange(rows * columns, dtype=torch.float64) * factor + phase
    return torch.sin(values).float().reshape(rows, columns)


def rounded(values):
    return [float(f"{float(value):.9g}") for value in values]


# Optimisers: a network of two layers, 10 steps along a cosine schedule; every third parameter.

OPTIMISERS = {
    "sgd": dict(kind="sgd", momentum=0, lr=0.5),
    "sgd-momentum": dict(kind="sgd", momentum=0.9, lr=0.2),
    "sgd-nesterov": dict(kind="sgd", momentum=0.9, nesterov=True, lr=0.2),
    "rmsprop": dict(kind="rmsprop", momentum=0, alpha=0.99, epsilon=1e-8, lr=0.01),
    "rmsprop-momentum": dict(kind="rmsprop", momentum=0.9, alpha=0.9, epsilon=0.0316, lr=0.02),
    "adam": dict(kind="adam", beta1=0.9, beta2=0.999, epsilon=1e-8, lr=0.05),
    "adam-other-betas": dict(kind="adam", beta1=0.8, beta2=0.95, epsilon=1e-3, lr=0.05),
    "adamw": dict(kind="adamw", beta1=0.9, beta2=0.999, epsilon=1e-8, lr=0.05),
}


def make_optimiser(o, parameters, decay):
    betas = (o.get("beta1"), o.get("beta2"))
    if o["kind"] == "sgd":
        return torch.optim.SGD(parameters, o["lr"], momentum=o["momentum"], weight_decay=decay,
                               nesterov=o.get("nesterov", False))
    if o["kind"] == "rmsprop":
        return torch.optim.RMSprop(parameters, o["lr"], alpha=o["alpha"], eps=o["epsilon"],
                                   weight_decay=decay, momentum=o["momentum"])
    kind = torch.optim.Adam if o["kind"] == "adam" else torch.optim.AdamW
    return kind(parameters, o["lr"], betas=betas, eps=o["epsilon"], weight_decay=decay)


def run_optimiser(name, o, decay):
    parameters = [formula(5, 4, 1.7, 0), formula(1, 4, 0.7, 1), formula(4, 3, 1.1, 2),
                  formula(1, 3, 0.3, 3)]
    for parameter in parameters:
        parameter.requires_grad_()
    inputs, labels = formula(6, 5, 0.9, 0.5), torch.tensor([0, 1, 2, 0, 1, 2])
    optimiser = make_optimiser(o, parameters, decay)
    schedule = lr_scheduler.CosineAnnealingLR(optimiser, T_max=STEPS)
    losses = []
    for _ in range(STEPS):
        hidden = torch.tanh(inputs @ parameters[0] + parameters[1])
        loss = functional.cross_entropy(hidden @ parameters[2] + parameters[3], labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
    flat = torch.cat([parameter.detach().flatten() for parameter in parameters])
    return dict(o, name=name, weight_decay=decay, losses=rounded(losses),
                parameters=rounded(flat[::3]))


# Losses.

WEIGHTS = [0.5, 2.0, 1.25]
LOSSES = {
    "cross-entropy": {},
    "smoothed": dict(smoothing=0.1),
    "weighted": dict(weights=WEIGHTS),
    "weighted-smoothed": dict(weights=WEIGHTS, smoothing=0.1),
    "mixed": dict(first_weight=0.3),
    "mixed-smoothed": dict(first_weight=0.3, smoothing=0.1),
    "mixed-weighted-smoothed": dict(first_weight=0.3, weights=WEIGHTS, smoothing=0.1),
    "focal": dict(gamma=2.0),
    "focal-weighted": dict(gamma=1.5, weights=WEIGHTS),
    "several": dict(several=True),
    "several-smoothed": dict(several=True, smoothing=0.1),
    "several-weighted-smoothed": dict(several=True, weights=WEIGHTS, smoothing=0.1),
    "several-focal": dict(several=True, gamma=2.0),
}
LABELS = torch.tensor([0, 1, 2, 1])
SECOND = torch.tensor([1, 1, 0, 2])
SEVERAL = torch.tensor([[1, 0, 0], [0, 1, 1], [0, 0, 0], [1, 1, 1]]).float()


def loss_value(logits, c):
    weights = torch.tensor(c["weights"]) if "weights" in c else None
    smoothing = c.get("smoothing", 0.0)
    if c.get("several") and "gamma" in c:
        return torchvision.ops.sigmoid_focal_loss(logits, SEVERAL, alpha=-1, gamma=c["gamma"],
                                                  reduction="mean")
    if c.get("several"):
        target = SEVERAL * (1 - smoothing) + smoothing / 2
        return functional.binary_cross_entropy_with_logits(logits, target, weight=weights)
    if "gamma" in c:  # Lin et al. 2017, of a softmax
        log_p = torch.log_softmax(logits, 1).gather(1, LABELS[:, None])[:, 0]
        w = weights[LABELS] if weights is not None else torch.ones(4)
        return (w * (1 - log_p.exp()) ** c["gamma"] * -log_p).sum() / w.sum()
    target = LABELS
    if "first_weight" in c:
        share = c["first_weight"]
        target = share * functional.one_hot(LABELS, 3).float()
        target += (1 - share) * functional.one_hot(SECOND, 3).float()
    return functional.cross_entropy(logits, target, weight=weights, label_smoothing=smoothing)


def run_loss(name, c):
    logits = (2 * formula(4, 3, 1.3, 0.2)).requires_grad_()
    loss = loss_value(logits, c)
    loss.backward()
    return dict(c, name=name, loss=rounded([loss])[0], gradient=rounded(logits.grad.flatten()))


# Schedules: the main one chained after a warm-up as torchvision's references do it.

SCHEDULES = {
    "constant": dict(kind="constant"),
    "step": dict(kind="step", step_size=4, gamma=0.1),
    "multi-step": dict(kind="multi-step", milestones=[3, 4, 9], gamma=0.3),
    "cosine": dict(kind="cosine", floor=0.01),
    "exponential": dict(kind="exponential", gamma=0.8),
    "polynomial": dict(kind="polynomial", power=0.9),
    "one-cycle": dict(kind="one-cycle", rise=0.3),
    "one-cycle-early": dict(kind="one-cycle", rise=0.2),
}
WARMUPS = {"": None, "-linear": dict(warmup="linear", ticks=5, start=0.01),
           "-held": dict(warmup="constant", ticks=3, start=0.2)}


def main_schedule(optimiser, s, ticks):
    kind = s["kind"]
    if kind == "step":
        return lr_scheduler.StepLR(optimiser, s["step_size"], gamma=s["gamma"])
    if kind == "multi-step":
        return lr_scheduler.MultiStepLR(optimiser, s["milestones"], gamma=s["gamma"])
    if kind == "cosine":
        return lr_scheduler.CosineAnnealingLR(optimiser, T_max=ticks, eta_min=s["floor"])
    if kind == "exponential":
        return lr_scheduler.ExponentialLR(optimiser, gamma=s["gamma"])
    if kind == "polynomial":
        return lr_scheduler.PolynomialLR(optimiser, total_iters=ticks, power=s["power"])
    if kind == "one-cycle":
        return lr_scheduler.OneCycleLR(optimiser, 0.5, total_steps=ticks, pct_start=s["rise"],
                                       cycle_momentum=False)
    return lr_scheduler.ConstantLR(optimiser, factor=1)


def run_schedule(s, warmup):
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    ticks = warmup["ticks"] if warmup else 0
    schedule = main_schedule(optimiser, s, TICKS - ticks)
    if warmup:
        make = (lr_scheduler.LinearLR(optimiser, start_factor=warmup["start"], total_iters=ticks)
                if warmup["warmup"] == "linear" else
                lr_scheduler.ConstantLR(optimiser, factor=warmup["start"], total_iters=ticks))
        schedule = lr_scheduler.SequentialLR(optimiser, [make, schedule], milestones=[ticks])
    rates = []
    for _ in range(TICKS):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        if len(rates) < TICKS:  # OneCycleLR goes no further
            schedule.step()
    return rates


def schedules():
    rows = []
    for name, s in SCHEDULES.items():
        for suffix, warmup in WARMUPS.items():
            if warmup and s["kind"] == "one-cycle":
                continue
            rows.append(dict(s, name=name + suffix, warmup=warmup,
                             rates=rounded(run_schedule(s, warmup))))
    return rows


def plateaus():
    rows = []
    measures = {
        "rising-and-stuck": [0.1, 0.2, 0.3, 0.3, 0.3, 0.3, 0.2, 0.3, 0.31, 0.31, 0.31, 0.31, 0.31],
        "too-little-progress": [0.5, 0.50001, 0.50002, 0.50003, 0.50004, 0.50005, 0.50006, 0.6],
        "negative": [-2, -1.99999, -1.99998, -1.99997, -1.5, -1.6, -1.7, -1.8, -1.4],
    }
    for name, values in measures.items():
        optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
        schedule = lr_scheduler.ReduceLROnPlateau(
            optimiser, mode="min" if name == "negative" else "max", patience=2, factor=0.1,
            min_lr=0.004)
        rates = []
        for value in values:
            schedule.step(-value if name == "negative" else value)
            rates.append(optimiser.param_groups[0]["lr"])
        rows.append(dict(name=name, measures=values, rates=rounded(rates)))
    return rows


# torchvision's references/classification/utils.py, ExponentialMovingAverage.

class ExponentialMovingAverage(torch.optim.swa_utils.AveragedModel):
    def __init__(self, model, decay):
        def average(averaged, parameter, count):
            return decay * averaged + (1 - decay) * parameter
        super().__init__(model, avg_fn=average, use_buffers=True)


class Pair(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(3))
        self.register_buffer("mean", torch.zeros(2))

    def set(self, time):
        self.weight.data.copy_(formula(1, 3, 1.0, time)[0])
        self.mean.copy_(formula(1, 2, 0.5, time)[0])


def averages():
    model = Pair()
    model.set(0)
    average = ExponentialMovingAverage(model, 0.8)
    rows = []
    for time in range(1, 7):
        model.set(time)
        average.update_parameters(model)
        rows.append(rounded([*average.module.weight.detach(), *average.module.mean]))
        if time == 3:  # the warm-up's end
            average.n_averaged.fill_(0)
    decays = []
    for decay, batch, steps, epochs in [(0.99998, 128, 32, 600), (0.999, 32, 1, 90),
                                        (0.9, 128, 32, 2)]:
        alpha = min(1.0, (1.0 - decay) * batch * steps / epochs)
        decays.append(dict(decay=decay, batch=batch, steps=steps, epochs=epochs,
                           effective=1.0 - alpha))
    return dict(values=rows, decays=decays)


def clipping():
    rows = []
    for limit in [0.5, 3.0, 100.0]:
        tensors = [formula(2, 3, 1.0, 0.4)[0].clone(), formula(1, 4, 0.6, 2)[0].clone()]
        parameters = [torch.nn.Parameter(torch.zeros_like(tensor)) for tensor in tensors]
        for parameter, tensor in zip(parameters, tensors):
            parameter.grad = tensor
        norm = torch.nn.utils.clip_grad_norm_(parameters, limit)
        rows.append(dict(limit=limit, norm=rounded([norm])[0],
                         gradients=rounded(torch.cat([p.grad for p in parameters]))))
    return rows


# After which steps (from 0) the scale becomes what.
def scales():
    infinite = [0, 1, 5, 2500, 2502]
    scaler = torch.amp.GradScaler("cpu", init_scale=65536.0)
    parameter = torch.nn.Parameter(torch.ones(1))
    optimiser = torch.optim.SGD([parameter], lr=0)
    changes, last = [], 65536.0
    for step in range(7000):
        parameter.grad = torch.full((1,), float("inf") if step in infinite else 1.0)
        scaler.scale(torch.zeros(1))
        scaler.step(optimiser)
        scaler.update()
        if scaler.get_scale() != last:
            last = scaler.get_scale()
            changes.append([step, last])
    return dict(infinite=infinite, steps=7000, changes=changes)


# torchvision's references/classification/utils.py, set_weight_decay().
NORMS = (torch.nn.modules.batchnorm._BatchNorm, torch.nn.LayerNorm, torch.nn.GroupNorm)


def decay_of(module, name, decay, norm, bias):
    if bias is not None and name == "bias":
        return bias
    if norm is not None and isinstance(module, NORMS):
        return norm
    return decay


def groups():
    rows = []
    for model in ["resnet18", "vit_b_16", "convnext_tiny"]:
        with torch.device("meta"):
            network = getattr(torchvision.models, model)()
        for norm, bias in [(None, None), (0.0, None), (None, 0.5), (0.0, 0.5)]:
            found = {}
            for module in network.modules():
                for name, parameter in module.named_parameters(recurse=False):
                    decay = decay_of(module, name, 0.25, norm, bias)
                    tensors, elements = found.get(decay, (0, 0))
                    found[decay] = (tensors + 1, elements + parameter.numel())
            rows.append(dict(name=f"{model}-{norm}-{bias}", model=model, norm=norm, bias=bias,
                             groups=[[decay, *found[decay]] for decay in sorted(found)]))
    return rows


def class_weights():
    rows = []
    for counts in [[10, 20, 30], [1, 1000], [7, 7, 7, 7], [5000, 3, 40000]]:
        labels = numpy.repeat(numpy.arange(len(counts)), counts)
        balanced = sklearn.utils.class_weight.compute_class_weight(
            "balanced", classes=numpy.arange(len(counts)), y=labels)
        number = (1 - 0.9999 ** numpy.array(counts, dtype=float)) / (1 - 0.9999)
        effective = 1 / number / (1 / number).sum() * len(counts)
        rows.append(dict(counts=counts, balanced=list(map(float, balanced)),
                         effective=list(map(float, effective))))
    return rows


def main():
    torch.set_num_threads(1)
    recorded = dict(
        optimisers=[run_optimiser(name, o, 0.02) for name, o in OPTIMISERS.items()],
        losses=[run_loss(name, c) for name, c in LOSSES.items()],
        schedules=schedules(), plateaus=plateaus(), averages=averages(), clipping=clipping(),
        scales=scales(), groups=groups(), class_weights=class_weights())
    lines = []
    for key, value in recorded.items():
        if isinstance(value, list):
            body = ",\n  ".join(json.dumps(row) for row in value)
            lines.append(f'"{key}": [\n  {body}]')
        else:
            lines.append(f'"{key}": {json.dumps(value)}')
    path = pathlib.Path(__file__).with_name("recorded.json")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


main()
