#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes files that every reader of weights must refuse.

make_hostile.py FOLDER         writes them, and lists them: a line is
                               'refused', 'bundle' (refused as a model file) or
                               'accepted' (what the others are broken copies of),
                               a file's name, and what the refusal must name
make_hostile.py --ring FOLDER  unpickles the canaries as an unwary reader would,
                               and fails unless each leaves its file: they are
                               live

Pickles that run code would create files named canary-* in FOLDER."""
import argparse
import contextlib
import copyreg
import io
import os
import pathlib
import pickle
import sys
import time
import zipfile

import bundle_cases
import canary_cases
import containers
import legacy_cases
import opcodes as op
import other_cases
import pickle_cases
import safetensors_cases
import tensor_cases
import zip_cases

FLOATS = containers.FLOATS


def accepted():
    """One of each kind, so that it is the lie that is refused."""
    yield "torch.pth", containers.torch_zip()
    yield "legacy.pth", containers.legacy()
    yield "legacy-with-a-view.pth", legacy_cases.with_view(
        op.MARK + op.text("1") + op.whole(0) + op.whole(4) + op.TUPLE)
    yield "as-torch-writes.pth", zip_cases.as_torch_writes()
    yield "zip64.pth", zip_cases.zip64()
    yield "safetensors.safetensors", containers.safetensors(safetensors_cases.GOOD, FLOATS)
    yield "bundle.safetensors", bundle_cases.bundle(bundle_cases.GOOD)
    yield "sharded", safetensors_cases.index({"weight": "a.safetensors"})


def special_files(folder):
    """What is not a regular file, and one that is larger than any disk."""
    folder.mkdir()
    (folder / "folder.pth").mkdir()
    os.mkfifo(folder / "pipe.pth")
    os.symlink("loop.pth", folder / "loop.pth")
    os.symlink("nowhere", folder / "dangling.pth")
    os.symlink("/dev/zero", folder / "device.pth")
    with open(folder / "sparse-terabyte.safetensors", "wb") as file:
        file.truncate(2**40)
    return [("refused", path, "") for path in sorted(folder.iterdir())]


def write(folder, data):
    """A file, or a folder of files whose index is what is opened."""
    folder.parent.mkdir(exist_ok=True)
    if isinstance(data, bytes):
        folder.write_bytes(data)
        return folder
    folder.mkdir()
    for name, content in data.items():
        (folder / name).write_bytes(content)
    return folder / safetensors_cases.MAIN


def plain_groups():
    yield "accepted", "accepted", accepted()
    yield "refused", "pickle", pickle_cases.cases()
    yield "refused", "tensor", tensor_cases.cases()
    yield "refused", "zip", zip_cases.cases()
    yield "refused", "legacy", legacy_cases.cases()
    yield "refused", "safetensors", safetensors_cases.single_cases()
    yield "refused", "sharded", safetensors_cases.shard_cases()
    yield "refused", "other", other_cases.cases()
    yield "bundle", "bundle", bundle_cases.cases()


def make(folder):
    for kind, group, cases in plain_groups():
        for name, data in cases:
            yield kind, write(folder / group / name, data), ""
    for name, data, refused, _ in canary_cases.cases(folder):
        yield "refused", write(folder / "canary" / name, data), refused
    yield from special_files(folder / "special")


class Unwary(pickle.Unpickler):
    """Python's own, which does as it is told; torch is absent."""

    def find_class(self, module, name):
        if module.split(".")[0] == "torch":
            return lambda *arguments: None
        return super().find_class(module, name)

    def persistent_load(self, pid):
        return None


def ring(data):
    """A legacy file is five pickles on end; an archive holds one."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = archive.read("archive/data.pkl")
    stream = io.BytesIO(data)
    for _ in range(5):
        # What follows the call may well fail: the canary tells.
        with contextlib.suppress(Exception):
            Unwary(stream).load()


def canary_appears(folder, before):
    """Within some seconds: not every call waits for what it starts."""
    for _ in range(100):
        if set(folder.glob("canary-*")) != before:
            return True
        time.sleep(0.05)
    return False


def ring_all(folder):
    silent = []
    for name, data, _, rings in canary_cases.cases(folder):
        before = set(folder.glob("canary-*"))
        ring(data)
        copyreg._extension_registry.clear()  # refuses one name under two numbers
        copyreg._inverted_registry.clear()
        if rings and not canary_appears(folder, before):
            silent.append(name)
    if silent:
        sys.exit("silent canaries: " + " ".join(silent))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--ring", action="store_true")
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(exist_ok=True)
    if options.ring:
        ring_all(folder)
        return
    for kind, path, refused in make(folder):
        print(kind, path.relative_to(folder), refused, sep="\t")


main()
