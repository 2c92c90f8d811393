# SPDX-License-Identifier: LGPL-2.1-or-later
"""What else people give to a reader of weights."""
import gzip
import pickle

from containers import FLOATS, described, legacy, safetensors, torch_zip

LINK = (b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 +
        b"\nsize 46830571\n")


def cases():
    """(name with its suffix, bytes)"""
    yield "empty.pth", b""
    yield "empty.safetensors", b""
    yield "one-byte.pth", b"P"
    yield "seven-bytes.safetensors", b"\2\0\0\0\0\0\0"
    yield "zip-magic-only.pth", b"PK\3\4"
    yield "pickle-magic-only.pth", b"\x80\2"
    yield "text.pth", b"resnet18 weights\n"
    yield "page-not-found.pth", b"<!DOCTYPE html>\n<title>404 Not Found</title>\n"
    yield "git-lfs-pointer.safetensors", LINK
    yield "git-lfs-pointer.pth", LINK
    yield "json.json", b'{"weight": [1, 2]}'
    yield "compressed.pth.gz", gzip.compress(torch_zip(), mtime=0)
    yield "compressed-bomb.pth", gzip.compress(b"\0" * 20_000_000, mtime=0)
    yield "program.pth", b"\x7fELF\2\1\1" + b"\0" * 57
    yield "picture.pth", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
    yield "keras.h5", b"\x89HDF\r\n\x1a\n" + b"\0" * 88
    yield "array.npy", b"\x93NUMPY\1\0v\0{'descr': '<f4'}"
    yield "onnx.onnx", b"\x08\x07\x12\x07pytorch"
    yield "gguf.gguf", b"GGUF\3\0\0\0" + b"\0" * 16
    yield "zeros.pth", bytes(1_000_000)
    yield "zeros.safetensors", bytes(1_000_000)
    yield "ones.pth", b"\xff" * 1_000_000
    yield "marks.pth", b"\x80\2" + b"(" * 1_000_000
    for protocol in range(6):
        yield (f"plain-pickle-protocol-{protocol}.pth",
               pickle.dumps({"weight": [1.0, 2.0]}, protocol))
    yield "pickle-of-safetensors.pth", pickle.dumps(safetensors({"a": described()}, FLOATS))
    yield "archive-after-text.pth", b"#!/bin/sh\n" + torch_zip()
    yield "legacy-after-text.pth", b"\n" + legacy()
    yield "safetensors-after-text.safetensors", b"\n" + safetensors(
        {"weight": described()}, FLOATS)
