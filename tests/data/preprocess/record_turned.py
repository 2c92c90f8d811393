#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records what Pillow makes of turned rectangles in record.py's picture.

Needs Pillow: record_turned.py > turned.txt
A line is: width height centre_x centre_y degrees (clockwise), then R G B of each
pixel of the rectangle, upright. None reaches out of the picture.
"""
from math import cos, radians, sin

import numpy as np
from PIL import Image

CASES = [  # width, height, centre_x, centre_y, degrees
    (20, 12, 30, 23, 30),
    (12, 20, 30.25, 22.5, -45),
    (9, 7, 15.3, 12.7, 121.5),
    (25, 5, 31, 20, 180),
    (8, 8, 40, 30, 0.5),
    (1, 1, 22.2, 11.9, 77),
]

y, x, c = np.mgrid[0:47, 0:61, 0:3]
picture = Image.fromarray(((7*x + 13*y + 29*c + x*y//8) % 256).astype(np.uint8))
for width, height, center_x, center_y, degrees in CASES:
    turn = radians(degrees)
    matrix = (cos(turn), -sin(turn),
              center_x - cos(turn)*width/2 + sin(turn)*height/2,
              sin(turn), cos(turn),
              center_y - sin(turn)*width/2 - cos(turn)*height/2)
    upright = picture.transform((width, height), Image.Transform.AFFINE, matrix,
                                Image.Resampling.BILINEAR)
    print(width, height, center_x, center_y, degrees, *upright.tobytes())
