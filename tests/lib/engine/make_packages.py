#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compiles the AOTInductor packages of test_packages.cpp; needs PyTorch and a C++ compiler.

make_packages.py FOLDER"""
import pathlib
import sys

import torch
from torch._inductor import aoti_compile_and_package

SIDE = 32  # pixels


class Means(torch.nn.Module):
    """The mean of each channel, of pictures of 32 x 32 pixels only."""

    def __init__(self, channels_last=False):
        super().__init__()
        self.channels_last = channels_last
        weight = torch.eye(3).repeat_interleave(SIDE * SIDE, 0) / (SIDE * SIDE)
        self.register_buffer("weight", weight)

    def forward(self, pictures):
        if self.channels_last:
            pictures = pictures.permute(0, 3, 1, 2)
        return torch.flatten(pictures.float(), 1) @ self.weight


class Two(torch.nn.Module):
    def forward(self, one, other):
        return one + other, one - other


def write(path, model, example, dynamic_shapes=None, description=None):
    exported = torch.export.export(model.eval(), example, dynamic_shapes=dynamic_shapes)
    config = {"cpp.threads": 1}
    if description:
        config["aot_inductor.metadata"] = {"torchclassify": description}
    aoti_compile_and_package(exported, package_path=str(path), inductor_configs=config)


def main():
    folder = pathlib.Path(sys.argv[1])
    floats = torch.zeros(2, 3, SIDE, SIDE)
    pixels = torch.zeros(2, SIDE, SIDE, 3, dtype=torch.uint8)
    batch = {0: torch.export.Dim("batch", max=64)}
    write(folder / "any-batch.pt2", Means(), (floats,), (batch,))
    write(folder / "bytes.pt2", Means(channels_last=True), (pixels,), (batch,))
    write(folder / "two-inputs.pt2", Two(), (floats, floats))
    write(folder / "one-picture.pt2", Means(), (floats[:1],),
          description=(folder / "description.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
