# SPDX-License-Identifier: LGPL-2.1-or-later
"""Model bundles, safetensors files in order, whose descriptions lie."""
import copy
import json

from containers import FLOATS, described, safetensors

GOOD = {
    "version": 1,
    "architecture": {"name": "resnet18", "options": {}},
    "classes": ["cat", "dog"],
    "preprocessing": {
        "resize_mode": "shorter-side", "resize_size": 256, "interpolation": "bilinear",
        "crop_width": 224, "crop_height": 224, "channels": 3, "pad_value": 0,
        "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]},
    "activation": "softmax",
    "temperature": 1.0,
    "thresholds": [0.5, 0.5],
    "self_check": {"width": 8, "height": 8, "logits": [0.0, 1.0]},
    "provenance": {"tool": "torchclassify"},
    "metrics": {"accuracy": 0.9},
}
ABSENT = object()


def bundle(description):
    if not isinstance(description, str):
        description = json.dumps(description)
    return safetensors({"__metadata__": {"torchclassify": description},
                        "weight": described()}, FLOATS)


def changed(path, value):
    """The description with one field replaced, or absent."""
    description = copy.deepcopy(GOOD)
    *folders, key = path.split(".")
    place = description
    for folder in folders:
        place = place[folder]
    if value is ABSENT:
        del place[key]
    else:
        place[key] = value
    return description


def spelt(path, text):
    """With a value that json.dumps() would not write."""
    return json.dumps(changed(path, "HERE")).replace('"HERE"', text)


CHANGES = {
    "version": {"absent": ABSENT, "zero": 0, "negative": -1, "two": 2, "text": "1",
                "huge": 2**63, "float": 1.5, "null": None},
    "architecture": {"absent": ABSENT, "text": "resnet18", "list": []},
    "architecture.name": {"absent": ABSENT, "empty": "", "number": 18},
    "architecture.options": {"list": [], "text": {"width": "64"},
                             "beyond": {"width": 2**64 - 1}, "float": {"width": 0.5}},
    "classes": {"absent": ABSENT, "empty": [], "text": "cat", "numbers": [1, 2],
                "nested": [["cat"], ["dog"]], "million": ["c"] * 1_000_001,
                "three": ["cat", "dog", "cow"]},
    "preprocessing": {"absent": ABSENT, "list": []},
    "preprocessing.resize_mode": {"absent": ABSENT, "unknown": "stretch", "number": 1},
    "preprocessing.resize_size": {"zero": 0, "negative": -256, "huge": 2**31 - 1},
    "preprocessing.interpolation": {"absent": ABSENT, "unknown": "lanczos"},
    "preprocessing.crop_width": {"absent": ABSENT, "zero": 0, "negative": -1,
                                 "huge": 2**31 - 1, "beyond": 2**32, "float": 224.5},
    "preprocessing.crop_height": {"huge": 2**30},
    "preprocessing.channels": {"two": 2, "zero": 0, "huge": 2**31 - 1},
    "preprocessing.pad_value": {"negative": -1, "beyond": 256},
    "preprocessing.mean": {"absent": ABSENT, "empty": [], "two": [0.5, 0.5],
                           "text": "0.5", "texts": ["0.5"] * 3, "million": [0.5] * 10**6},
    "preprocessing.std": {"zero": [0, 0, 0], "negative": [-1, 1, 1], "four": [1] * 4},
    "activation": {"absent": ABSENT, "unknown": "relu", "number": 0},
    "temperature": {"zero": 0, "negative": -1, "text": "1"},
    "thresholds": {"one": [0.5], "beyond": [0.5, 1.5], "texts": ["a", "b"]},
    "self_check": {"list": [], "text": "yes"},
    "self_check.width": {"huge": 2**31 - 1, "negative": -8, "zero": 0},
    "self_check.logits": {"absent": ABSENT, "one": [0.0], "text": "0", "nulls": [None] * 2},
    "provenance": {"list": [], "numbers": {"seed": 1}},
    "metrics": {"list": [], "texts": {"accuracy": "high"}},
}
SPELLINGS = {
    "temperature": {"not-a-number": "NaN", "infinite": "Infinity", "overflows": "1e999"},
    "thresholds": {"not-numbers": "[NaN, NaN]", "overflow": "[1e999, 0]"},
    "self_check.logits": {"overflow-float": "[1e300, -1e300]"},
    "self_check.width": {"overflows": "1e999"},
    "metrics": {"overflow": '{"accuracy": 1e999}'},
    "preprocessing.std": {"tiny": "[1e-999, 1, 1]"},
    "preprocessing.crop_width": {"overflows": "1e999", "many-digits": "9" * 10_000},
    "version": {"many-digits": "1" * 400},
}


def texts():
    good = json.dumps(GOOD)
    yield "empty", ""
    yield "text", "a bundle"
    yield "list", "[]"
    yield "null", "null"
    yield "cut", good[:-1]
    yield "twice", good + good
    yield "key-twice", '{"version":1,' + good[1:]
    yield "nested", '{"a":' * 100_000 + "1" + "}" * 100_000
    yield "null-byte", good + "\0"
    yield "not-unicode", r'{"version":1,"classes":["\ud800"]}'


def cases():
    for name, text in texts():
        yield f"description-{name}.safetensors", bundle(text)
    for path, values in CHANGES.items():
        for name, value in values.items():
            yield f"{path.replace('_', '-')}-{name}.safetensors", bundle(changed(path, value))
    for path, values in SPELLINGS.items():
        for name, text in values.items():
            yield f"{path.replace('_', '-')}-{name}.safetensors", bundle(spelt(path, text))
    yield "no-description.safetensors", safetensors({"weight": described()}, FLOATS)
    yield "description-not-text.safetensors", safetensors(
        {"__metadata__": {"torchclassify": GOOD}, "weight": described()}, FLOATS)
