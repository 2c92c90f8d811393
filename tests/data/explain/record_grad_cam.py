#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records the maps that pytorch-grad-cam makes of formula-filled networks.

    record_grad_cam.py          (needs torch, torchvision and grad-cam from PyPI)

Writes grad_cam.txt beside itself. Per architecture: the side of the picture by
formula, and for the largest logit's class and for another one the label and the
map (row by row, not normalised), in double precision.
"""

import pathlib
import sys
import warnings

import numpy
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

FOLDER = pathlib.Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent / "models"))
import record_golden  # noqa: E402


def without_class_token(tokens):
    side = round((tokens.size(1) - 1) ** 0.5)
    return tokens[:, 1:].transpose(1, 2).reshape(len(tokens), -1, side, side)


# What forward_features() returns: this layer's output.
LAYERS = {
    "mobilenet_v2": (lambda model: model.features[-1], None),
    "resnet18": (lambda model: model.layer4[-1], None),
    "squeezenet1_0": (lambda model: model.features[-1], None),
    "swin_t": (lambda model: model.permute, None),
    "vit_b_16": (lambda model: model.encoder.layers[-2], without_class_token),
}


class RawGradCam(GradCAM):
    """Keeps the map as it is before it is normalised and resized."""

    def get_cam_image(self, *arguments, **options):
        self.raw = numpy.maximum(super().get_cam_image(*arguments, **options)[0], 0)
        return self.raw[None]


def record(name):
    size = record_golden.golden_size(name)
    model = record_golden.filled(name)
    pictures = record_golden.pictures(2, size)
    record_golden.take_statistics(model, pictures)
    model.eval()
    layer, reshape = LAYERS[name]
    cam = RawGradCam(model=model, target_layers=[layer(model)], reshape_transform=reshape)

    def raw(label):
        cam(input_tensor=pictures[:1], targets=[ClassifierOutputTarget(label)])
        return cam.raw

    best = model(pictures[:1]).argmax().item()
    other = next(label for label in range(1000) if label != best and raw(label).any())
    return {"size": size,
            "best": best, "best_map": raw(best).flatten().tolist(),
            "other": other, "other_map": raw(other).flatten().tolist()}


def main():
    warnings.simplefilter("ignore")
    for name in LAYERS:
        record_golden.update(FOLDER / "grad_cam.txt", {name: record(name)})


if __name__ == "__main__":
    main()
