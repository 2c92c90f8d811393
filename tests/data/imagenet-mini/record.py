#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records what torchvision's MobileNetV2 makes of the pictures of imagenet-mini.

    record.py REAL-DATA > logits.txt    (needs torch, torchvision, safetensors)

A line per picture, in name order: the file's name, the index of the largest
logit, and 8 evenly spaced logits (0, 125, ..., 875). Pictures go through
torchvision's own transforms for evaluation, with Pillow.
"""
import pathlib
import sys

import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file
from torchvision import transforms

STEP = 125
TRANSFORM = transforms.Compose([
    transforms.Resize(256),  # shorter side; Pillow's bilinear, antialiased
    transforms.CenterCrop(224),
    transforms.ToTensor(),
    transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
])


def open_model(path):
    weights = {name: tensor.float() for name, tensor in load_file(path).items()}
    for name in list(weights):  # not in the file, not used in evaluation
        if name.endswith("running_mean"):
            counter = name.replace("running_mean", "num_batches_tracked")
            weights[counter] = torch.tensor(0)
    model = torchvision.models.mobilenet_v2()
    model.load_state_dict(weights)
    return model.eval()


def main():
    data = pathlib.Path(sys.argv[1])
    model = open_model(data / "weights/mobilenet_v2-imagenet-f16.safetensors")
    for path in sorted((data / "imagenet-mini").glob("*.jpg")):
        picture = TRANSFORM(Image.open(path).convert("RGB"))
        with torch.inference_mode():
            logits = model(picture[None])[0]
        numbers = " ".join(f"{value:.6f}" for value in logits[::STEP].tolist())
        print(path.name, int(logits.argmax()), numbers)


if len(sys.argv) != 2:
    sys.exit(__doc__)
main()
