#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records what the reference implementations make of formula-filled weights.

    record_golden.py [ARCHITECTURE...]        (needs torch and torchvision)

Writes golden.txt and gradients.txt beside itself; with names, only these
sections are made anew.

golden.txt, per architecture: the state dict's names and shapes (count and
hash), the batch norms' epsilons and momenta (hash), learnable numbers,
multiply-accumulates at the usual size, for some the sum of |initial weight| for
seed 0, and the logits, computed in double precision, of two pictures.
gradients.txt, for one or two architectures a family: the loss in training mode
with stochastic parts off, and of every parameter's gradient the norm and the
product with a formula's numbers.

Weights and pictures are filled by a formula that tests/lib/models/formula.cpp
repeats. Running statistics are those of the pictures themselves, so that the
signal neither fades nor explodes in deep networks.
"""

import configparser
import math
import pathlib
import sys
import warnings

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


# The last norm of a residual branch: depth must not blow up.
BRANCH_ENDS = ("bn2.weight", "bn3.weight", ".3.1.weight", ".c.1.weight")


def fill(name, parameter):
    u = formula(name, parameter.numel())
    if parameter.numel() > len(parameter) and parameter.dim() > 1:
        # uniform with variance 2 / fan-in
        u = u * numpy.float64(math.sqrt(6.0 / parameter[0].numel()))
    elif name.endswith(BRANCH_ENDS):
        u = 0.25 + 0.125 * u
    elif name.endswith("weight") or parameter.dim() > 1:
        u = 1.0 + 0.25 * u
    else:
        u = 0.125 * u
    # To float32 once: the C++ side rounds the same doubles.
    return torch.from_numpy(u.astype(numpy.float32)).reshape(parameter.shape)


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


class Group(nn.Sequential):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = dirac(nn.Conv2d(inputs, outputs, 3, padding="same", bias=False))
        self.pool = nn.MaxPool2d(2)
        self.norm1 = nn.BatchNorm2d(outputs, eps=1e-5, momentum=0.4)
        self.activation1 = nn.GELU()
        self.conv2 = dirac(nn.Conv2d(outputs, outputs, 3, padding="same", bias=False))
        self.norm2 = nn.BatchNorm2d(outputs, eps=1e-5, momentum=0.4)
        self.activation2 = nn.GELU()
        for norm in (self.norm1, self.norm2):
            norm.weight.requires_grad = False


class Airbench94(nn.Module):
    """As github.com/KellerJordan/cifar10-airbench, legacy/airbench94.py, but
    for the batch norms' eps (1e-12 there) and the names."""

    def __init__(self, widths):
        super().__init__()
        self.whiten = dirac(nn.Conv2d(3, 24, 2, padding=0, bias=True))
        self.whiten.weight.requires_grad = False
        self.group1 = Group(24, widths[0])
        self.group2 = Group(widths[0], widths[1])
        self.group3 = Group(widths[1], widths[2])
        self.head = nn.Linear(widths[2], 10, bias=False)

    def forward(self, x):
        x = F.gelu(self.whiten(x))
        x = self.group3(self.group2(self.group1(x)))
        x = F.max_pool2d(x, 3)
        return self.head(x.view(x.size(0), -1)) * (1 / 9)


def dirac(conv):
    if conv.bias is not None:
        conv.bias.data.zero_()
    weight = conv.weight.data
    nn.init.dirac_(weight[:weight.size(1)])
    return conv


def cifar_names():
    return [f"cifar_resnet{depth}" for depth in (20, 32, 44, 56, 110)]


def make(name):
    if name.startswith("cifar_resnet"):
        return CifarResNet(int(name[len("cifar_resnet"):]))
    if name == "simple_cnn":
        return SimpleCnn()
    if name == "airbench94":
        return Airbench94((64, 256, 256))
    if name == "airbench94_x0_5":
        return Airbench94((32, 128, 128))
    if name in ("googlenet", "inception_v3"):
        return torchvision.models.get_model(name, init_weights=True)
    return torchvision.models.get_model(name)


def usual_size(name):
    if name.startswith(("simple_cnn", "cifar", "airbench")):
        return 32
    weights = torchvision.models.get_model_weights(name)
    return weights["IMAGENET1K_V1" if "IMAGENET1K_V1" in weights.__members__ else
                   "IMAGENET1K_SWAG_LINEAR_V1"].transforms.keywords["crop_size"]


FIXED = ("vit_", "maxvit_", "swin_", "inception", "simple_cnn")  # keep their usual size
SMALL = 112  # pixels: enough for every branch, and quick


def golden_size(name):
    size = usual_size(name)
    return size if name.startswith(FIXED) else min(size, SMALL)


# One or two of each family, for what costs more.
SAMPLES = {  # name: side of the picture for the gradients
    "airbench94": 32, "alexnet": 64, "cifar_resnet20": 32, "convnext_tiny": 64, "densenet121": 64,
    "efficientnet_b0": 64, "efficientnet_b5": 64, "efficientnet_v2_s": 64,
    "googlenet": 64, "inception_v3": 299, "maxvit_t": 224, "mnasnet0_5": 64,
    "mobilenet_v2": 64, "mobilenet_v3_small": 64, "regnet_x_400mf": 64,
    "regnet_y_400mf": 64, "resnet18": 64, "resnet50": 64,
    "resnext50_32x4d": 64, "shufflenet_v2_x0_5": 64, "simple_cnn": 32,
    "squeezenet1_0": 64, "swin_t": 64, "swin_v2_t": 64, "vgg11": 64,
    "vgg11_bn": 64, "vit_b_32": 224, "wide_resnet50_2": 64,
}
AUXILIARY_LOSS = {"googlenet": 0.3, "inception_v3": 0.4}  # weights of the heads


def count_macs(name, size):
    with torch.device("meta"):
        model = make(name).eval() if not name.startswith("regnet") else None
    model = model or make(name).eval().to("meta")
    with FlopCounterMode(display=False) as counter:
        model(torch.zeros(1, 3, size, size, device="meta"))
    return counter.get_total_flops() // 2


def pictures(count, size):
    values = formula("picture", count * 3 * size * size).astype(numpy.float32)
    return torch.from_numpy(values).reshape(count, 3, size, size).double()


def filled(name):
    """In double precision, with nothing left to chance."""
    model = make(name)
    for key, parameter in model.named_parameters():
        parameter.data = fill(key, parameter.data).double()
    for module in model.modules():
        if isinstance(module, (nn.Dropout, torchvision.ops.StochasticDepth)):
            module.p = 0.0
    return model.double()


def batch_norms(model):
    return [(name, module) for name, module in model.named_modules()
            if isinstance(module, nn.BatchNorm2d)]


def take_statistics(model, x):
    """Sets the running statistics to those of x."""
    norms = [module for _, module in batch_norms(model)]
    if not norms:
        return
    momenta = [module.momentum for module in norms]
    for module in norms:
        module.momentum = 1.0
    with torch.no_grad():
        model.train()(x)
    for module, momentum in zip(norms, momenta):
        module.momentum = momentum


def hashed(lines):
    return f"{fnv1a(chr(10).join(sorted(lines))):016x}"


def record(name):
    result = {"size": golden_size(name)}
    torch.manual_seed(0)
    model = make(name)
    result["parameters"] = sum(p.numel() for p in model.parameters())
    if name in SAMPLES:
        result["initial"] = sum(p.detach().double().abs().sum().item() for p in model.parameters())
    state = model.state_dict()
    result["tensors"] = len(state)
    result["names"] = hashed(f"{key} {list(tensor.shape)}" for key, tensor in state.items())
    result["norms"] = hashed(f"{key} {module.eps:.6g} {module.momentum:.6g}"
                             for key, module in batch_norms(model))
    result["macs"] = count_macs(name, usual_size(name))
    model = filled(name)
    x = pictures(2, result["size"])
    take_statistics(model, x)
    with torch.no_grad():
        logits = model.eval()(x)
    result["first"] = logits[0, :KEPT].tolist()
    result["last"] = logits[1, -KEPT:].tolist()
    result["largest"] = logits.abs().max().item()
    result["norm"] = logits.norm().item()
    return result


def record_gradients(name):
    model = filled(name).train()
    size = SAMPLES[name]
    output = model(pictures(2, size))
    target = torch.tensor([1, 2])
    if isinstance(output, tuple):
        main, *auxiliary = output
        loss = F.cross_entropy(main, target) + AUXILIARY_LOSS[name] * sum(
            F.cross_entropy(each, target) for each in auxiliary)
    else:
        loss = F.cross_entropy(output, target)
    loss.backward()
    norms, products = [], []
    for key, parameter in sorted(model.named_parameters()):
        if not parameter.requires_grad:
            continue
        gradient = parameter.grad.flatten()
        norms.append(gradient.norm().item())
        products.append(gradient.dot(torch.from_numpy(formula(key, gradient.numel()))).item())
    return {"size": size, "loss": loss.item(), "norms": norms, "products": products}


def text(value):
    if isinstance(value, list):
        return ";".join(f"{v:.7g}" for v in value)
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def update(path, results):
    """One line per fact: GLib reads it as a key file."""
    file = configparser.ConfigParser(interpolation=None)
    file.read(path)
    for name, result in results.items():
        file[name] = {key: text(value) for key, value in result.items()}
    lines = []
    for name in sorted(file.sections()):
        lines += [f"[{name}]"] + [f"{key}={value}" for key, value in file[name].items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main():
    warnings.simplefilter("ignore")
    folder = pathlib.Path(__file__).parent
    everything = (cifar_names() + ["simple_cnn", "airbench94", "airbench94_x0_5"] +
                  torchvision.models.list_models(module=torchvision.models))
    for name in sys.argv[1:] or everything:
        update(folder / "golden.txt", {name: record(name)})
        if name in SAMPLES:
            update(folder / "gradients.txt", {name: record_gradients(name)})


if __name__ == "__main__":
    main()
