# SPDX-License-Identifier: LGPL-2.1-or-later
"""Weights that are nowhere their defaults and still keep activations sane."""
import math

import torch


def value_for(name, tensor, generator):
    noise = torch.randn(tensor.shape, generator=generator)
    vector = tensor.squeeze().dim() <= 1 and tensor.dim() != 4
    if name.endswith("logit_scale"):
        return tensor + 0.1 * noise
    if "bias_table" in name or "cpb_mlp.2" in name:
        return noise
    if "token" in name or "pos" in name:
        return 0.3 * noise
    if vector and name.endswith("bias"):
        return 0.1 * noise
    if vector:  # normalisations' and layer scales' factors
        return 0.3 + 0.4 * torch.rand(tensor.shape, generator=generator)
    return noise / math.sqrt(tensor[0].numel())


def change_statistics(norm, generator):
    """Not the pictures' own any more: by a tenth, about."""
    shape = norm.running_var.shape
    norm.running_var.mul_(torch.exp(0.2 * torch.rand(shape, generator=generator) - 0.1))
    norm.running_mean.add_(0.1 * norm.running_var.sqrt() *
                           torch.randn(shape, generator=generator))


def measure_statistics(module, forward, pictures, generator):
    norms = [part for part in module.modules() if isinstance(part, torch.nn.BatchNorm2d)]
    if not norms:
        return
    module.eval()
    for norm in norms:
        norm.train()
        norm.momentum = None  # the average over all batches: of this one
        norm.reset_running_stats()
    forward(pictures)
    for norm in norms:
        change_statistics(norm, generator)


def fill(module, forward, picture, seed):
    """Changes all weights; leaves the module in eval mode. forward: logits of
    pictures. picture: [1, 3, size, size], of which the statistics are: on
    pictures of another kind, random weights would magnify every rounding."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            # Computed tables of relative positions stay as they are.
            if (tensor.is_floating_point() and "running_" not in name
                    and "relative_coords" not in name):
                tensor.copy_(value_for(name, tensor, generator))
        noise = torch.randn((2, *picture.shape[1:]), generator=generator)
        measure_statistics(module, forward, picture + 0.2 * noise, generator)
    module.eval()
