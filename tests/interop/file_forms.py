# SPDX-License-Identifier: LGPL-2.1-or-later
"""The forms in which weights come: each writes a state dict into a folder and
returns the file to convert."""
import collections
import json
import re

import safetensors.torch
import torch


def zip_file(state, folder):
    torch.save(state, folder / "weights.pth")
    return folder / "weights.pth"


def legacy_file(state, folder):
    path = folder / "weights.pth"
    torch.save(state, path, _use_new_zipfile_serialization=False)
    return path


def safetensors_file(state, folder):
    path = folder / "model.safetensors"
    safetensors.torch.save_file({name: tensor.contiguous() for name, tensor in state.items()},
                                path)
    return path


def sharded_file(state, folder):
    """Two files and an index, as a model hub has large models."""
    names = list(state)
    weight_map = {}
    for number in (0, 1):
        shard = f"model-{number + 1:05}-of-00002.safetensors"
        part = {name: state[name].contiguous() for name in names[number::2]}
        safetensors.torch.save_file(part, folder / shard)
        weight_map.update(dict.fromkeys(part, shard))
    path = folder / "model.safetensors.index.json"
    path.write_text(json.dumps({"metadata": {}, "weight_map": weight_map}), encoding="utf-8")
    return path


def checkpoint_file(state, folder):
    """What a training script leaves: wrapped, with other things beside."""
    wrapped = collections.OrderedDict(("module." + name, t) for name, t in state.items())
    torch.save({"state_dict": wrapped, "epoch": 3, "best": 0.5, "arch": "net",
                "optimizer": {"state": {}, "param_groups": [{"lr": 0.1, "params": [0]}]}},
               folder / "checkpoint.pth.tar")
    return folder / "checkpoint.pth.tar"


OLD_NAMES = (
    (re.compile(r"(denselayer\d+\.(?:norm|conv))([12])\."), r"\1.\2."),
    (re.compile(r"(encoder_layer_\d+\.mlp\.)0\."), r"\1linear_1."),
    (re.compile(r"(encoder_layer_\d+\.mlp\.)3\."), r"\1linear_2."),
)


def old_file(state, folder):
    """torchvision's first DenseNets and vision transformers."""
    old = {}
    for name, tensor in state.items():
        for pattern, replacement in OLD_NAMES:
            name = pattern.sub(replacement, name)
        if not name.endswith("num_batches_tracked"):
            old[name] = tensor
    return legacy_file(old, folder)


FORMS = {
    "zip": zip_file,
    "legacy": legacy_file,
    "safetensors": safetensors_file,
    "sharded": sharded_file,
    "checkpoint": checkpoint_file,
    "old-names": old_file,
}
