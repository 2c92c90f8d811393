#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records the logits of a weak classifier on real tracks of speed limits.

    record_flicker.py GTSRB > flicker.txt      (needs NumPy 2 and Pillow 13)

GTSRB: the training part of the German Traffic Sign Recognition Benchmark in
Kaggle's layout (Train/CLASS/CLASS_TRACK_PICTURE.png). The 30 pictures of a track
are what one camera saw of one sign, from far to near; the benchmark's authors
thinned them, so the 25 frames a second given to them here are about real time.

The classifier has the form of the library's simple_cnn and is trained here on
every second picture of each class's first 36 tracks: seven signs that differ by
a digit, so it flickers. The clip is made of tracks it has not seen, in their
order: a scene is eight of one class, the scenes go round the classes. Left out
are pictures smaller than the network's input, as the element's object-min-width
leaves them out, and tracks on which the plain answer is right less often than
--least: no decision over time knows better than the classifier mostly does.
"""
import argparse
import pathlib

import numpy as np
from PIL import Image

CLASSES = {1: "30", 2: "50", 3: "60", 4: "70", 5: "80", 7: "100", 8: "120"}
TRAIN_TRACKS, EPOCHS, BATCH, RATE = 36, 8, 32, 1e-3
TRACKS, SCENES = 8, 14  # of a scene; at most
SIDE, FEATURES = 32, 16
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


def to_input(picture):
    """[SIDE, SIDE, 3]: shorter side to SIDE, then the centre."""
    scale = SIDE / min(picture.size)
    width, height = (max(SIDE, round(side * scale)) for side in picture.size)
    left, top = (width - SIDE) // 2, (height - SIDE) // 2
    picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    pixels = np.asarray(picture.crop((left, top, left + SIDE, top + SIDE)), np.float32)
    return (pixels / 255 - MEAN) / STD


def read_track(folder, sign, track):
    """Its pictures, from far to near; none if there is no such track."""
    paths = sorted((folder / "Train" / str(sign)).glob(f"{sign:05}_{track:05}_*.png"))
    return [Image.open(path).convert("RGB") for path in paths]


def to_inputs(pictures):
    return np.stack([to_input(picture) for picture in pictures])


class SimpleCnn:
    """A 3x3 convolution, ReLU, 2x2 pooling and a linear layer; trained by Adam."""

    def __init__(self, seed):
        draw = np.random.default_rng(seed)
        inputs = FEATURES * (SIDE // 2) ** 2
        shapes = [(27, FEATURES, 27), (1, FEATURES, 27),
                  (inputs, len(CLASSES), inputs), (1, len(CLASSES), inputs)]
        self.weights = [draw.uniform(-fan**-0.5, fan**-0.5, (rows, columns))
                        .astype(np.float32) for rows, columns, fan in shapes]
        self.first = [np.zeros_like(weight) for weight in self.weights]
        self.second = [np.zeros_like(weight) for weight in self.weights]
        self.steps = 0

    def logits(self, x):
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
        self.windows = windows.reshape(len(x), SIDE * SIDE, 27)
        self.convolved = self.windows @ self.weights[0] + self.weights[1]
        half = SIDE // 2
        blocks = np.maximum(self.convolved, 0).reshape(-1, half, 2, half, 2, FEATURES)
        pooled = blocks.max((2, 4), keepdims=True)
        taken = blocks == pooled
        self.taken = taken / taken.sum((2, 4), keepdims=True)
        self.features = pooled.reshape(len(x), -1)
        return self.features @ self.weights[2] + self.weights[3]

    def gradients(self, x, labels):
        """Of the mean cross-entropy."""
        errors = softmax(self.logits(x))
        errors[np.arange(len(x)), labels] -= 1
        errors /= len(x)
        half = SIDE // 2
        back = (errors @ self.weights[2].T).reshape(-1, half, 1, half, 1, FEATURES)
        back = (self.taken * back).reshape(self.convolved.shape) * (self.convolved > 0)
        return [np.tensordot(self.windows, back, ([0, 1], [0, 1])),
                back.sum((0, 1))[None], self.features.T @ errors, errors.sum(0)[None]]

    def train_step(self, x, labels):
        self.steps += 1
        for i, gradient in enumerate(self.gradients(x, labels)):
            self.first[i] = 0.9 * self.first[i] + 0.1 * gradient
            self.second[i] = 0.999 * self.second[i] + 0.001 * gradient**2
            first = self.first[i] / (1 - 0.9**self.steps)
            second = self.second[i] / (1 - 0.999**self.steps)
            self.weights[i] -= (RATE * first / (second**0.5 + 1e-8)).astype(np.float32)


def softmax(logits):
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def train(folder, seed):
    parts = [[to_inputs(read_track(folder, sign, track)[::2])
              for track in range(TRAIN_TRACKS)] for sign in CLASSES]
    x = np.concatenate([track for part in parts for track in part])
    labels = np.repeat(np.arange(len(parts)), [sum(map(len, part)) for part in parts])
    draw = np.random.default_rng(seed)
    network = SimpleCnn(seed)
    for _ in range(EPOCHS):
        order = draw.permutation(len(x))
        for begin in range(0, len(x), BATCH):
            batch = order[begin:begin + BATCH]
            network.train_step(x[batch], labels[batch])
    return network


def usable_tracks(folder, network, label, sign, least):
    """The logits of each, and how many were left out."""
    usable, left_out, track = [], 0, TRAIN_TRACKS
    while pictures := read_track(folder, sign, track):
        large = [picture for picture in pictures if min(picture.size) >= SIDE]
        logits = network.logits(to_inputs(large)) if len(large) >= 5 else None
        if logits is not None and (logits.argmax(1) == label).mean() >= least:
            usable.append(logits)
        else:
            left_out += 1
        track += 1
    return usable, left_out


def make_scenes(usable):
    """The label and the logits of each."""
    scenes = []
    while len(scenes) < SCENES and any(len(left) >= TRACKS for left in usable.values()):
        for label, left in usable.items():
            if len(left) >= TRACKS and len(scenes) < SCENES:
                scenes.append((label, np.concatenate(left[:TRACKS])))
                del left[:TRACKS]
    return scenes


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--least", type=float, default=0.75)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    network = train(options.folder, options.seed)
    usable, left_out = {}, 0
    for label, sign in enumerate(CLASSES):
        usable[label], more = usable_tracks(options.folder, network, label, sign,
                                            options.least)
        left_out += more
    print("# Written by record_flicker.py; see there and in recording.h.")
    used = sum(map(len, usable.values()))
    print(f"# seed {options.seed}, tracks with less than {options.least} right left out: "
          f"{left_out} of {used + left_out}")
    print("# labels:", *CLASSES.values())
    print("rate 25")
    for label, logits in make_scenes(usable):
        print("scene", label)
        below = np.round((logits.max(1, keepdims=True) - logits) * 16)
        for row in np.minimum(below, 255).astype(np.uint8):
            print(row.tobytes().hex())


if __name__ == "__main__":
    main()
