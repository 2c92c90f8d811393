#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the fuzz targets' first inputs into corpus/ beside this file.

Needs PyTorch and safetensors: their real output, with tensors of some bytes."""
import io
import json
import pathlib
import pickle
import sys
import zipfile

import safetensors.torch
import torch

FOLDER = pathlib.Path(__file__).resolve().parent / "corpus"
LARGEST = 2048  # bytes
sys.path.insert(0, str(FOLDER.parent.parent / "data/hostile"))
import bundle_cases  # noqa: E402
import containers  # noqa: E402
import legacy_cases  # noqa: E402
import opcodes as op  # noqa: E402


def objects():
    """(name, what users save)"""
    weight = torch.arange(6, dtype=torch.float32).reshape(2, 3)
    yield "weight", {"weight": weight}
    yield "scalar", {"weight": torch.tensor(1.5)}
    yield "empty", {"weight": torch.empty(0, 3)}
    yield "transposed", {"weight": weight.t()}
    yield "slice", {"weight": weight[1:, 1:]}
    yield "tied", {"a": weight, "b": weight}
    yield "channels-last", {"weight": torch.zeros(1, 2, 2, 2).contiguous(
        memory_format=torch.channels_last)}
    yield "parameter", {"weight": torch.nn.Parameter(weight)}
    yield "prefixed", {"module.weight": weight, "module.bias": weight[0]}
    yield "wrapped", {"state_dict": {"weight": weight}, "epoch": 3, "best": 0.5,
                      "args": ["a", None, True, (1, -2), 2**40], "set": {1}}
    yield "averaged", {"model": {"weight": weight}, "model_ema": {"weight": weight}}
    yield "module", torch.nn.Linear(2, 1).state_dict()
    yield "normalization", torch.nn.BatchNorm1d(2).state_dict()
    for dtype in ("float64", "float16", "bfloat16", "int64", "int32", "int16", "int8",
                  "uint8", "uint16", "bool"):
        yield dtype, {"weight": torch.ones(3, dtype=getattr(torch, dtype))}


def saved(value, zipped=True, protocol=2):
    file = io.BytesIO()
    torch.save(value, file, pickle_protocol=protocol,
               _use_new_zipfile_serialization=zipped)
    return file.getvalue()


def pickle_of(archive):
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return file.read("archive/data.pkl")


def rewritten(archive, **replaced):
    """By Python's zipfile, which writes other headers than PyTorch."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            data = replaced.get(name.rpartition("/")[2], old.read(name))
            new.writestr(zipfile.ZipInfo(name), data)
    return file.getvalue()


def archives():
    for name, value in objects():
        yield f"{name}.pth", saved(value)
    pair = saved({"weight": torch.ones(2)})
    yield "by-zipfile.pth", rewritten(pair)
    yield "big-endian.pth", rewritten(pair, byteorder=b"big")
    yield "version-1.pth", rewritten(pair, version=b"1\n")
    yield "torchscript.pt", rewritten(pair).replace(
        b"archive/byteorder", b"archive/code/a.py")  # names of one length
    yield "numpy.npz", containers.archive([containers.Entry("weight.npy", b"\x93NUMPY")])


def handmade_pickles():
    """What older versions wrote."""
    pairs = op.EMPTY_LIST + (op.EMPTY_LIST + op.MARK + op.text("weight") + op.tensor() +
                             op.APPENDS) + op.APPEND
    yield "ordered-pairs.pkl", b"p" + op.program(
        op.call(op.global_name("collections.OrderedDict"), pairs))
    big = op.dictionary([("little_endian", op.FALSE)])
    yield "big-endian-legacy.pth", b"l" + containers.legacy(sys_info=big)
    yield "view-legacy.pth", b"l" + legacy_cases.with_view(
        op.MARK + op.text("1") + op.whole(0) + op.whole(4) + op.TUPLE)
    yield "pairs-legacy.pth", b"l" + containers.legacy(op.program(op.call(
        op.global_name("collections.OrderedDict"), pairs)))
    yield "one-tensor-legacy.pth", b"l" + containers.legacy(
        op.program(containers.legacy_tensor()))


def pickles():
    """The target's first byte says how the others are read."""
    for name, value in objects():
        yield f"{name}.pkl", b"p" + pickle_of(saved(value))
        yield f"{name}-legacy.pth", b"l" + saved(value, zipped=False)
    yield from handmade_pickles()
    plain = {"a": [1, -1, 2**40, 2**80, 0.5, None, True], "b": (b"x", "y", ()), "c": {1}}
    for protocol in range(6):
        yield f"plain-{protocol}.pkl", b"p" + pickle.dumps(plain, protocol)
        value = {"weight": torch.ones(2)}
        yield f"protocol-{protocol}.pkl", b"p" + pickle_of(saved(value, protocol=protocol))


def shards():
    yield "index.json", json.dumps({"metadata": {"total_size": 16}, "weight_map": {
        "weight": "model-00001-of-00002.safetensors",
        "bias": "model-00002-of-00002.safetensors"}}).encode()


def safetensors_files():
    for name, value in objects():
        tensors = {key: tensor.detach().clone().contiguous() for key, tensor in value.items()
                   if isinstance(tensor, torch.Tensor)}
        if tensors:
            yield f"{name}.safetensors", safetensors.torch.save(tensors, {"format": "pt"})
    yield "float8.safetensors", safetensors.torch.save(
        {"weight": torch.ones(3).to(torch.float8_e4m3fn)})
    yield "nothing.safetensors", safetensors.torch.save({})
    yield from shards()


def descriptions():
    good = bundle_cases.GOOD
    yield "good.json", good
    least = {key: good[key] for key in ("version", "architecture", "classes",
                                        "preprocessing", "activation")}
    yield "least.json", least
    yield "grey.json", bundle_cases.changed("preprocessing", {
        **good["preprocessing"], "channels": 1, "mean": [0.1], "std": [0.3]})
    for key, value in (("resize_mode", "letterbox"), ("resize_mode", "squash"),
                       ("interpolation", "bicubic")):
        yield f"{value}.json", bundle_cases.changed(f"preprocessing.{key}", value)
    for value in ("sigmoid", "none"):
        yield f"{value}.json", bundle_cases.changed("activation", value)
    yield "options.json", bundle_cases.changed("architecture.options", {"width": 64})
    yield "newer.json", bundle_cases.changed("version", 2)


def main():
    groups = {"zip": archives(), "pickle": pickles(), "safetensors": safetensors_files(),
              "bundle_json": ((name, json.dumps(value).encode())
                              for name, value in descriptions())}
    for target, inputs in groups.items():
        folder = FOLDER / target
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, data in inputs:
            if len(data) <= LARGEST:
                (folder / name).write_bytes(data)


main()
