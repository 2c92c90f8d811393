# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the two files beside it, which PyTorch 2.11 made in both of its formats.

python3 make_torch_files.py
"""
import collections
import os

import torch

FOLDER = os.path.dirname(os.path.abspath(__file__))


def main():
    weight = torch.arange(6, dtype=torch.float32).view(2, 3).t().half()  # strides [1, 3]
    state = collections.OrderedDict([("module.weight", torch.nn.Parameter(weight)),
                                     ("module.count", torch.tensor(7))])
    checkpoint = {"epoch": 3, "state_dict": state}
    torch.save(checkpoint, os.path.join(FOLDER, "tiny.pth"))
    torch.save(checkpoint, os.path.join(FOLDER, "tiny_legacy.pth"),
               _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    main()
