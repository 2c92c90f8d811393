# SPDX-License-Identifier: LGPL-2.1-or-later
"""Safetensors files and indexes of shards that lie."""
import json
import struct

from containers import FLOATS, described, safetensors, torch_zip

GOOD = {"weight": described()}
MAIN = "model.safetensors.index.json"


def text_of(shape="[2,2]", dtype='"F32"', offsets="[0,16]", name='"weight"'):
    return (f'{{{name}:{{"dtype":{dtype},"shape":{shape},'
            f'"data_offsets":{offsets}}}}}')


def lengths():
    good = safetensors(GOOD, FLOATS)
    yield "truncated-in-the-length", good[:5]
    yield "truncated-in-the-header", good[:30]
    yield "truncated-before-the-data", good[:-16]
    yield "truncated-in-the-data", good[:-1]
    for name, length in (("zero", 0), ("one", 1), ("one-more", len(good) - 8 + 1),
                         ("gigabyte", 2**30), ("all-ones", 2**64 - 1),
                         ("overflowing", 2**64 - 8), ("header-limit", 100_000_001)):
        yield f"length-{name}", safetensors(GOOD, FLOATS, length)
    yield "trailing-byte", good + b"\0"


def headers():
    yield "header-empty-text", safetensors("", FLOATS)
    yield "header-spaces", safetensors("   ", FLOATS)
    yield "header-list", safetensors("[]", FLOATS)
    yield "header-number", safetensors("1", b"")
    yield "header-cut", safetensors(json.dumps(GOOD)[:-1], FLOATS)
    yield "header-followed-by-more", safetensors(json.dumps(GOOD) + "{}", FLOATS)
    yield "header-not-utf-8", safetensors(b'{"\xff\xfe": {}}')
    yield "header-with-null", safetensors(json.dumps(GOOD).encode() + b"\0", FLOATS)
    yield "header-with-byte-order-mark", safetensors(b"\xef\xbb\xbf{}", b"")
    yield "header-half-a-surrogate", safetensors(text_of(name=r'"\ud800"'), FLOATS)
    yield "header-comment", safetensors("{/* */}", b"")
    yield "header-without-tensors-but-data", safetensors("{}", FLOATS)
    yield "name-twice", safetensors(
        text_of(offsets="[0,16]")[:-1] + "," + text_of(offsets="[16,32]")[1:], FLOATS * 2)
    yield "metadata-twice", safetensors('{"__metadata__":{},"__metadata__":{}}')
    yield "field-twice", safetensors(
        '{"weight":{"dtype":"F32","dtype":"F32","shape":[4],"data_offsets":[0,16]}}',
        FLOATS)
    yield "metadata-number", safetensors({"__metadata__": {"a": 1}, **GOOD}, FLOATS)
    yield "metadata-list", safetensors({"__metadata__": [], **GOOD}, FLOATS)
    yield "metadata-nested", safetensors({"__metadata__": {"a": {"b": "c"}}}, b"")
    yield "nested-objects", safetensors('{"a":' * 100_000 + "{}" + "}" * 100_000)
    yield "nested-lists", safetensors('{"a":' + "[" * 500_000)
    yield "nested-shape", safetensors(text_of(shape="[" * 1000 + "]" * 1000), FLOATS)
    yield "many-dtypes", safetensors('{"a":{"dtype":"' + "F" * 1_000_000 + '"}}')


def fields():
    for name, value in (("null", None), ("list", []), ("text", "F32"), ("empty", {})):
        yield f"tensor-is-{name}", safetensors({"weight": value}, b"")
    for missing in ("dtype", "shape", "data_offsets"):
        entry = {key: value for key, value in described().items() if key != missing}
        yield f"without-{missing}", safetensors({"weight": entry}, FLOATS)
    yield "with-another-field", safetensors({"weight": {**described(), "code": "x"}}, FLOATS)
    for name, dtype in (("unknown", '"F128"'), ("lower-case", '"f32"'), ("number", "32"),
                        ("null", "null"), ("complex", '"C64"'), ("four-bits", '"F4"')):
        yield f"dtype-{name}", safetensors(text_of(dtype=dtype), FLOATS)
    for name, shape in (
            ("negative", "[-2,-2]"), ("of-floats", "[2.0,2.0]"), ("of-texts", '["2","2"]'),
            ("number", "4"), ("null", "null"), ("too-large", "[2,3]"), ("too-small", "[2]"),
            ("overflows", "[4611686018427387904,4611686018427387904]"),
            ("overflows-to-16-bytes", "[4611686018427387905,4]"),
            ("overflows-through-zero", "[9223372036854775807,9223372036854775807,0]"),
            ("beyond-64-bits", "[18446744073709551616]"), ("exponent", "[1e999]"),
            ("of-100000-sides", "[" + ",".join(["1"] * 100_000) + "]")):
        yield f"shape-{name}", safetensors(text_of(shape=shape), FLOATS)
    for name, offsets in (
            ("reversed", "[16,0]"), ("beyond", "[0,32]"), ("far-beyond", "[0,1e18]"),
            ("negative", "[-16,0]"), ("one", "[16]"), ("three", "[0,8,16]"),
            ("wrapping", "[18446744073709551600,18446744073709551616]"),
            ("largest", "[0,18446744073709551615]"), ("texts", '["0","16"]')):
        yield f"offsets-{name}", safetensors(text_of(offsets=offsets), FLOATS)


def ranges():
    def pair(first, second, size=32):
        return safetensors({"a": described(*first), "b": described(*second)}, b"\0" * size)
    yield "ranges-same", pair((0, 16), (0, 16), 16)
    yield "ranges-overlap", pair((0, 16), (8, 24), 24)
    yield "ranges-with-a-hole", pair((0, 16), (20, 36), 36)
    yield "ranges-with-a-hole-before", pair((4, 20), (20, 36), 36)
    yield "ranges-with-a-rest", pair((0, 16), (16, 32), 40)
    empty = {f"empty{index}": described(4, 4, (0,)) for index in range(3)}
    yield "ranges-empty-in-another", safetensors({**GOOD, **empty}, FLOATS)
    many = {f"tensor{index}": described() for index in range(5000)}
    yield "ranges-five-thousand-times-the-same", safetensors(many, FLOATS)


def single_cases():
    for group in (lengths, headers, fields, ranges):
        for name, data in group():
            yield f"{name}.safetensors", data


def index(weight_map, **shards):
    """An index and the shards beside it."""
    text = weight_map if isinstance(weight_map, (str, bytes)) else json.dumps(
        {"metadata": {"total_size": 16}, "weight_map": weight_map})
    good = {"a.safetensors": safetensors(GOOD, FLOATS)}
    files = {name.replace("_", "."): data for name, data in shards.items()}
    return {MAIN: text.encode() if isinstance(text, str) else text, **good, **files}


def shard_cases():
    """(name, the files of a folder by name; the index is opened)"""
    for name, shard in (("climbs", "../a.safetensors"), ("here", "./a.safetensors"),
                        ("absolute", "/etc/passwd"), ("missing", "b.safetensors"),
                        ("empty", ""), ("dot", "."), ("dots", ".."), ("number", 1),
                        ("null", None), ("list", ["a.safetensors"]),
                        ("with-a-null", "a.safetensors\0"), ("itself", MAIN),
                        ("back-slashes", "..\\a.safetensors"), ("long", "a" * 100_000),
                        ("device", "/dev/zero"), ("folder", "folder/a.safetensors")):
        yield f"shard-{name}", index({"weight": shard})
    yield "shard-is-a-pickle", index({"weight": "b.pth"}, b_pth=torch_zip())
    yield "shard-is-empty", index({"weight": "b.safetensors"}, b_safetensors=b"")
    yield "shard-lies", index({"weight": "b.safetensors"},
                              b_safetensors=safetensors(GOOD, FLOATS, 2**60))
    yield "tensor-not-in-its-shard", index({"weight": "a.safetensors",
                                            "bias": "a.safetensors"})
    yield "tensor-in-another-shard", index(
        {"weight": "b.safetensors", "bias": "a.safetensors"},
        b_safetensors=safetensors({"bias": described()}, FLOATS))
    yield "tensor-in-two-shards", index(
        {"weight": "a.safetensors", "bias": "b.safetensors"},
        b_safetensors=safetensors({"weight": described(), "bias": described(16, 32)},
                                  FLOATS * 2))
    yield "tensor-twice", index('{"weight_map":{"weight":"a.safetensors",'
                                '"weight":"a.safetensors"}}')
    yield "map-empty", index({})
    yield "map-list", index(["a.safetensors"])
    yield "map-absent", index('{"metadata":{}}')
    yield "map-twice", index('{"weight_map":{"weight":"a.safetensors"},"weight_map":{}}')
    yield "map-nested", index('{"weight_map":' * 100_000)
    yield "map-cut", index('{"weight_map":{"weight":"a.safe')
    yield "map-of-100000-shards", index(
        {f"tensor{number}": f"{number}.safetensors" for number in range(100_000)})
    yield "index-empty", index("")
    yield "index-list", index("[]")
    yield "index-not-utf-8", index(b'{"weight_map":{"\xff":"a.safetensors"}}')
    yield "index-null-bytes", index(b"\0" * 4096)
    yield "index-is-a-safetensors-file", index(safetensors(GOOD, FLOATS))
    yield "index-is-an-archive", index(torch_zip())
    yield "index-length-header", index(struct.pack("<Q", 2**60))
