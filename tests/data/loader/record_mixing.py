#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records mixing.json: the arithmetic of torchvision's references/classification/transforms.py
(RandomMixup, RandomCutmix) for given draws, computed by PyTorch."""
import json
import math
import pathlib

import torch

HEIGHT, WIDTH, CHANNELS, PICTURES, CLASSES = 4, 5, 2, 3, 4


def inputs():
    count = PICTURES * CHANNELS * HEIGHT * WIDTH
    values = torch.arange(count, dtype=torch.float32) * 0.375 - 20
    return values.reshape(PICTURES, HEIGHT, WIDTH, CHANNELS).permute(0, 3, 1, 2).clone()


def targets():
    return torch.nn.functional.one_hot(torch.tensor([2, 0, 3]), CLASSES).float()


def mix_targets(share):
    target = targets()
    rolled = target.roll(1, 0)
    rolled.mul_(1.0 - share)
    return target.mul_(share).add_(rolled)


def mixup(share):
    batch = inputs()
    rolled = batch.roll(1, 0)
    rolled.mul_(1.0 - share)
    return batch.mul_(share).add_(rolled), share


def cutmix(share, r_x, r_y):
    batch = inputs()
    rolled = batch.roll(1, 0)
    r = 0.5 * math.sqrt(1.0 - share)
    r_w_half, r_h_half = int(r * WIDTH), int(r * HEIGHT)
    x1, y1 = max(r_x - r_w_half, 0), max(r_y - r_h_half, 0)
    x2, y2 = min(r_x + r_w_half, WIDTH), min(r_y + r_h_half, HEIGHT)
    batch[:, :, y1:y2, x1:x2] = rolled[:, :, y1:y2, x1:x2]
    return batch, float(1.0 - (x2 - x1) * (y2 - y1) / (WIDTH * HEIGHT))


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.flatten().tolist()]


def row(draw, mixed, share):
    return {**draw, "weight": share, "targets": numbers(mix_targets(share)),
            "inputs": numbers(mixed.permute(0, 2, 3, 1))}


def main():
    rows = [row({"share": share}, *mixup(share)) for share in (0.25, 0.9)]
    for draw in ((0.3, 2, 1), (0.05, 0, 3), (0.5, 4, 0), (0.97, 2, 2)):
        names = dict(zip(("share", "x", "y"), draw))
        rows.append(row(names, *cutmix(*draw)))
    path = pathlib.Path(__file__).with_name("mixing.json")
    path.write_text("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]\n")


main()
