#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes meta.mat and meta_plain.mat beside it, with the fields of the one in
ILSVRC2012_devkit_t12.tar.gz, for three classes and a synset above them. As there,
the ILSVRC ids do not follow the order of the WordNet ids. Needs scipy."""
import pathlib

import numpy
import scipy.io

FIELDS = ["ILSVRC2012_ID", "WNID", "words", "gloss", "num_children", "children",
          "wordnet_height", "num_train_images"]
SYNSETS = [
    (1, "n02119789", "kit fox, Vulpes macrotis", "small grey fox", 0, [], 0, 1300),
    (2, "n02100735", "English setter", "an English breed", 0, [], 0, 1300),
    (3, "n01440764", "tench, Tinca tinca", "freshwater dace-like fish", 0, [], 0, 1300),
    (1001, "n00001740", "entity", "that which is perceived", 3, [1, 2, 3], 19, 0),
]

synsets = numpy.empty((len(SYNSETS), 1), dtype=[(name, object) for name in FIELDS])
for i, synset in enumerate(SYNSETS):
    for name, value in zip(FIELDS, synset):
        is_number = not isinstance(value, str)
        synsets[i, 0][name] = numpy.atleast_2d(numpy.float64(value)) if is_number else value
folder = pathlib.Path(__file__).parent
for name, compressed in (("meta.mat", True), ("meta_plain.mat", False)):
    scipy.io.savemat(folder / name, {"other": numpy.eye(2), "synsets": synsets},
                     do_compression=compressed)
