#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records what the reference implementations make of formula-filled weights.

    record_golden.py > golden.txt       (needs torch and torchvision)

Per architecture: the state dict's names and shapes (count and hash), learnable
numbers, multiply-accumulates, the sum of |initial weight| for seed 0, and the
logits, computed in double precision, of one picture. Weights and picture are
filled by a formula that tests/lib/models/formula.cpp repeats.
"""

import math

import numpy
import torch
import torch.nn.functional as F
import torchvision
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

MASK = (1 << 64) - 1
KEPT = 16  # logits at either end of the list


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def formula(name, count):
    """count numbers in [-1, 1): multiples of 2^-23, by SplitMix64's mixer."""
    with numpy.errstate(over="ignore"):
        x = numpy.arange(1, count + 1, dtype=numpy.uint64)
        x = numpy.uint64(fnv1a(name)) + x * numpy.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        x = x ^ (x >> numpy.uint64(31))
    return (x >> numpy.uint64(40)).astype(numpy.float64) / 2.0**23 - 1.0


def fill(name, tensor):
    if name.endswith("num_batches_tracked"):
        return torch.zeros_like(tensor)
    u = formula(name, tensor.numel())
    if tensor.dim() > 1:  # uniform with variance 2 / fan-in
        u = u * numpy.float64(math.sqrt(6.0 / tensor[0].numel()))
    elif name.endswith(("bn2.weight", "bn3.weight")):
        u = 0.375 + 0.125 * u  # residual branches: depth must not blow up
    elif name.endswith(("running_var", "weight")):
        u = 1.0 + 0.25 * u
    else:
        u = 0.125 * u
    # To float32 once: the C++ side rounds the same doubles.
    return torch.from_numpy(u.astype(numpy.float32)).reshape(tensor.shape)


class CifarBlock(nn.Module):
    """As github.com/akamaster/pytorch_resnet_cifar10, option A."""

    def __init__(self, inputs, planes, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.planes = planes
        self.pads = stride != 1 or inputs != planes

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.pads:
            pad = self.planes // 4
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, pad, pad), "constant", 0)
        return F.relu(out + x)


class CifarResNet(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.inputs = 16
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = self.stage(16, (depth - 2) // 6, 1)
        self.layer2 = self.stage(32, (depth - 2) // 6, 2)
        self.layer3 = self.stage(64, (depth - 2) // 6, 2)
        self.linear = nn.Linear(64, 10)
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Conv2d)):
                nn.init.kaiming_normal_(module.weight)

    def stage(self, planes, count, stride):
        blocks = []
        for i in range(count):
            blocks.append(CifarBlock(self.inputs, planes, stride if i == 0 else 1))
            self.inputs = planes
        return nn.Sequential(*blocks)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.layer3(self.layer2(self.layer1(out)))
        out = F.avg_pool2d(out, out.size()[3])
        return self.linear(out.view(out.size(0), -1))


class SimpleCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1)
        self.fc = nn.Linear(16 * 16 * 16, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        return self.fc(x.view(x.size(0), -1))


def count_macs(model, size):
    with FlopCounterMode(display=False) as counter:
        model(torch.zeros(1, 3, size, size))
    return counter.get_total_flops() // 2


def record(make, size):
    torch.manual_seed(0)
    model = make().eval()
    result = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "initial": sum(p.detach().double().abs().sum().item() for p in model.parameters()),
    }
    state = model.state_dict()
    lines = sorted(f"{name} {list(tensor.shape)}" for name, tensor in state.items())
    result["tensors"] = len(lines)
    result["names"] = f"{fnv1a(chr(10).join(lines)):016x}"
    with torch.no_grad():
        result["macs"] = count_macs(model, size)
        model.load_state_dict({n: fill(n, t) for n, t in state.items()})
        picture = formula("picture", 3 * size * size).astype(numpy.float32)
        picture = torch.from_numpy(picture).reshape(1, 3, size, size)
        logits = model.double()(picture.double())[0]
    result["first"] = logits[:KEPT].tolist()
    result["last"] = logits[-KEPT:].tolist()
    result["largest"] = logits.abs().max().item()
    result["norm"] = logits.norm().item()
    return result


def write(name, result):
    """One line per fact: GLib reads it as a key file."""
    print(f"[{name}]")
    for key, value in result.items():
        if isinstance(value, list):
            value = ";".join(f"{v:.7g}" for v in value)
        elif isinstance(value, float):
            value = f"{value:.9g}"
        print(f"{key}={value}")


def main():
    architectures = {f"cifar_resnet{d}": (lambda d=d: CifarResNet(d), 32) for d in (20, 32, 44, 56, 110)}
    for name in ("mobilenet_v2", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152"):
        architectures[name] = (getattr(torchvision.models, name), 224)
    architectures["simple_cnn"] = (SimpleCnn, 32)
    for name in sorted(architectures):
        write(name, record(*architectures[name]))


if __name__ == "__main__":
    main()
