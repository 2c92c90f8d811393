#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records what torchvision makes of pictures given by formula.

Needs torchvision and Pillow 12 or older: record.py > recorded.txt
A line is: width height channels mode resize_size crop_width crop_height
interpolation, and the FNV-1a hash (64 bits) of the 8-bit result, pixel by pixel.
"""
import numpy as np
import PIL
from PIL import Image
from torchvision import transforms

CASES = [  # width, height, channels, mode, resize_size, crop_width, crop_height
    (64, 48, 3, 'shorter', 32, 24, 24),
    (641, 479, 3, 'shorter', 256, 224, 224),
    (479, 641, 1, 'shorter', 256, 224, 224),
    (1921, 1081, 3, 'shorter', 64, 57, 55),   # strong, odd
    (1001, 33, 3, 'shorter', 32, 32, 32),
    (37, 91, 3, 'shorter', 28, 28, 28),
    (20, 15, 3, 'shorter', 50, 40, 44),       # enlarged
    (100, 100, 3, 'shorter', 20, 32, 33),     # padded, odd difference
    (99, 100, 3, 'shorter', 20, 15, 17),      # crop at half a pixel
    (1, 1, 3, 'shorter', 8, 8, 8),
    (5000, 3, 3, 'shorter', 3, 16, 3),        # no resize
    (333, 500, 3, 'squash', 1, 61, 47),
    (33, 50, 1, 'squash', 1, 61, 50),         # one axis only
    (3, 2, 3, 'squash', 1, 64, 65),
]


def picture(width, height):
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    return Image.fromarray(((7*x + 13*y + 29*c + x*y//8) % 256).astype(np.uint8))


def fnv1a(data):
    value = 0xcbf29ce484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001b3) & (2**64 - 1)
    return value


assert int(PIL.__version__.split('.')[0]) <= 12, 'Pillow 13 rounds differently'
for width, height, channels, mode, size, crop_width, crop_height in CASES:
    for name in ('bilinear', 'bicubic'):
        image = picture(width, height)
        if channels == 1:
            image = image.convert('L')
        interpolation = transforms.InterpolationMode(name)
        crop = (crop_height, crop_width)
        if mode == 'squash':
            result = transforms.Resize(crop, interpolation)(image)
        else:
            result = transforms.CenterCrop(crop)(
                transforms.Resize(size, interpolation)(image))
        print(width, height, channels, mode, size, crop_width, crop_height,
              name, f'{fnv1a(result.tobytes()):016x}')
