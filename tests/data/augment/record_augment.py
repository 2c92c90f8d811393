#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records what torchvision makes of pictures given by formula.

Needs torchvision and Pillow 12 or older: record_augment.py > recorded.txt
A line is: kind width height channels operation parameters = result. The result
is the FNV-1a hash (32 bits) of the bytes, pixel by pixel; the bytes themselves
in hexadecimal after a colon where only a tolerance can be kept; or numbers.
"""
import numpy as np
import PIL
from PIL import Image
from torchvision import transforms
from torchvision.transforms import InterpolationMode as Mode
from torchvision.transforms import functional as F

PICTURES = [('full', 37, 29, 3), ('full', 20, 31, 1), ('narrow', 24, 24, 3),
            ('flat', 5, 4, 3), ('full', 2, 3, 3), ('dark', 24, 20, 1)]
AFFINE = [  # degrees, translate, scale, shear
    (0, (0, 0), 1, (0, 0)), (0, (5, -3), 1, (0, 0)), (0, (0, 0), 1.3, (0, 0)),
    (17, (0, 0), 1, (0, 0)), (-90, (0, 0), 1, (0, 0)),
    (-30.5, (2, 4), 0.8, (9, 0)), (3, (0, 0), 1, (-20, 12)),
    (10, (0, 0), 0.001, (0, 0)),  # too far for fixed point
]


def picture(kind, width, height, channels):
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    value = (7*x + 13*y + 29*c + x*y//8) % 256
    value = {'full': value, 'narrow': value // 3 + 50, 'flat': 0*value + 77 + c,
             'dark': value // 32 * (value // 32)}[kind].astype(np.uint8)
    return Image.fromarray(value if channels == 3 else value[:, :, 0])


def fnv1a(data):
    value = 0x811c9dc5
    for byte in data:
        value = ((value ^ byte) * 0x1000193) & (2**32 - 1)
    return f'{value:08x}'


def record(shape, operation, result, exact=True):
    data = result.tobytes()
    print(*shape, operation, '=', fnv1a(data) if exact else ':' + data.hex())


def record_geometry(shape):
    image = picture(*shape)
    record(shape, 'hflip', F.hflip(image))
    record(shape, 'vflip', F.vflip(image))
    for mode in (Mode.NEAREST, Mode.BILINEAR):
        for degrees, translate, scale, shear in AFFINE:
            record(shape, f'affine-{mode.value} {degrees} {translate[0]} '
                   f'{translate[1]} {scale} {shear[0]} {shear[1]}',
                   F.affine(image, degrees, translate, scale, shear, mode))
        for degrees in (0, -30, 90, 135, 180):
            record(shape, f'rotate-{mode.value} {degrees}',
                   F.rotate(image, degrees, mode))
    if min(image.size) > 3:
        for border in ('constant', 'edge', 'reflect'):
            for left, top in ((0, 0), (5, 1)):
                padded = F.pad(image, 3, padding_mode=border)
                record(shape, f'window-{border} {left - 3} {top - 3} 20 18',
                       F.crop(padded, top, left, 18, 20))


def record_colors(shape):
    image = picture(*shape)
    for name in ('brightness', 'contrast', 'saturation', 'sharpness'):
        for factor in (0, 0.73, 1, 1.99):
            record(shape, f'{name} {factor}',
                   getattr(F, 'adjust_' + name)(image, factor))
    for share in (-0.5, -0.13, 0.05):
        record(shape, f'hue {share}', F.adjust_hue(image, share))
    for bits in (0, 5, 8):
        record(shape, f'posterize {bits}', F.posterize(image, bits))
    for threshold in (0, 76.5, 255):
        record(shape, f'solarize {threshold}', F.solarize(image, threshold))
    for name in ('autocontrast', 'equalize', 'invert'):
        record(shape, name, getattr(F, name)(image))
    record(shape, 'grayscale', F.to_grayscale(image, shape[3]))


def record_operations(shape):
    """What policies make of a picture with one operation."""
    image = picture(*shape)
    apply = transforms.autoaugment._apply_op
    for name, magnitude in (
            ('ShearX', 0.3), ('ShearX', -0.99), ('ShearY', 0.15),
            ('TranslateX', 5.7), ('TranslateY', -3.9), ('Rotate', -30.0),
            ('Brightness', 0.9), ('Color', -0.9), ('Contrast', 0.5),
            ('Sharpness', 0.9), ('Posterize', 4.0), ('Solarize', 100.0),
            ('AutoContrast', 0.0), ('Equalize', 0.0), ('Invert', 0.0),
            ('Identity', 0.0)):
        record(shape, f'op-{name} {magnitude}',
               apply(image, name, magnitude, Mode.NEAREST, None))


def record_blur(shape, sigmas):
    for sigma in sigmas:
        size = 2 * int(np.ceil(3 * sigma)) + 1
        record(shape, f'blur {sigma}',
               F.gaussian_blur(picture(*shape), [size, size], [sigma, sigma]),
               exact=False)


def record_magnitudes(width, height):
    policies = transforms.autoaugment
    for name, bins, space in (
            ('auto', 10, policies.AutoAugment()._augmentation_space(10, (height, width))),
            ('rand', 31, policies.RandAugment()._augmentation_space(31, (height, width))),
            ('wide', 31, policies.TrivialAugmentWide()._augmentation_space(31)),
            ('mix', 10, policies.AugMix()._augmentation_space(10, (height, width)))):
        for operation, (values, signed) in space.items():
            if values.ndim == 0:
                continue
            chosen = [i for i in (1, 5, 9, 15, 30) if i < bins]
            print('magnitude', width, height, 3, name, operation, int(signed), '=',
                  *(f'{i}:{float(values[i]):.9g}' for i in chosen))


def record_resized_crops():
    for width, height, channels, box, size in (
            (50, 37, 3, (3, 5, 31, 20), (24, 24)),
            (50, 37, 1, (0, 0, 50, 37), (17, 40)),
            (160, 120, 3, (40, 1, 119, 119), (32, 30)),
            (12, 9, 3, (4, 2, 1, 3), (8, 8))):
        left, top, w, h = box
        for mode in (Mode.BILINEAR, Mode.BICUBIC):
            shape = ('full', width, height, channels)
            record(shape, f'resized-{mode.value} {left} {top} {w} {h} {size[0]} {size[1]}',
                   F.resized_crop(picture(*shape), top, left, h, w, size[::-1], mode))


assert int(PIL.__version__.split('.')[0]) <= 12, 'Pillow 13 rounds differently'
for shape in PICTURES:
    record_colors(shape)
for shape in PICTURES[:2]:
    record_geometry(shape)
    record_operations(shape)
record_blur(('full', 7, 5, 3), (0.1, 0.8))
record_blur(('full', 9, 10, 1), (0.8, 1.9))
record_magnitudes(224, 160)
record_resized_crops()
