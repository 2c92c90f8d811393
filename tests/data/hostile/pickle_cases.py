# SPDX-License-Identifier: LGPL-2.1-or-later
"""Broken pickles, and pickles that lie, each as a state dict's."""
import struct

import containers
import opcodes as op

HUGE = 2**62
DEEP = 200_000


def u64(value):
    return struct.pack("<Q", value)


def u32(value):
    return struct.pack("<I", value)


def broken():
    """(name, the whole pickle)"""
    good = op.state_dict()
    yield "empty", b""
    yield "protocol-only", op.proto()
    yield "without-stop", good[:-1]
    yield "half", good[:len(good) // 2]
    yield "stop-only", op.program(b"")
    yield "protocol-9", op.program(op.EMPTY_DICT, 9)
    yield "protocol-255", op.program(op.EMPTY_DICT, 255)
    yield "unknown-opcode", op.program(b"\xff")
    yield "text", b"these are not the opcodes that you look for"
    yield "two-values", op.program(op.NONE + op.EMPTY_DICT)
    yield "mark-left", op.program(op.EMPTY_DICT + op.MARK)
    yield "buffer", op.program(b"\x97", 5)
    yield "readonly-buffer", op.program(b"\x97\x98", 5)


UNDERFLOWS = {
    "tuple": op.TUPLE, "tuple1": op.TUPLE1, "tuple2": op.NONE + op.TUPLE2,
    "tuple3": op.TUPLE3, "list": op.LIST, "dict": op.DICT, "append": op.APPEND,
    "appends": op.EMPTY_LIST + op.APPENDS, "setitem": op.EMPTY_DICT + op.SETITEM,
    "setitems": op.EMPTY_DICT + op.SETITEMS, "reduce": op.REDUCE, "build": op.BUILD,
    "obj": op.MARK + op.OBJ, "newobj": op.NEWOBJ, "newobj-ex": op.NEWOBJ_EX,
    "pop": op.POP, "pop-mark": op.POP_MARK, "dup": op.DUP, "binput": op.put(0),
    "memoize": op.MEMOIZE, "stack-global": op.STACK_GLOBAL, "binpersid": op.BINPERSID,
    "additems": op.ADDITEMS, "frozenset": op.FROZENSET,
    "below-the-mark": op.EMPTY_LIST + op.MARK + op.APPEND,
    "odd-setitems": op.EMPTY_DICT + op.MARK + op.text("weight") + op.SETITEMS,
    "odd-dict": op.MARK + op.text("weight") + op.DICT,
}


def lengths():
    """(name, opcodes of a value): sizes that the file does not have."""
    yield "binunicode-4-gigabytes", b"X" + u32(2**32 - 1) + b"a"
    yield "binunicode8-exabytes", b"\x8d" + u64(HUGE) + b"a"
    yield "binunicode8-all-ones", b"\x8d" + u64(2**64 - 1) + b"a"
    yield "short-binunicode-beyond", b"\x8c\xffa"
    yield "binstring-negative", b"T" + struct.pack("<i", -1) + b"a"
    yield "binstring-2-gigabytes", b"T" + u32(2**31 - 1) + b"a"
    yield "binbytes-4-gigabytes", b"B" + u32(2**32 - 1) + b"a"
    yield "binbytes8-exabytes", b"\x8e" + u64(HUGE) + b"a"
    yield "bytearray8-exabytes", b"\x96" + u64(HUGE) + b"a"
    yield "long1-beyond", b"\x8a\xff\1"
    yield "long4-negative", b"\x8b" + struct.pack("<i", -1)
    yield "long4-2-gigabytes", b"\x8b" + u32(2**31 - 1) + b"\1"
    yield "frame-all-ones", b"\x95" + u64(2**64 - 1) + op.NONE
    yield "frame-beyond", b"\x95" + u64(1000) + op.NONE
    yield "global-without-newline", b"ccollections"
    yield "int-is-a-word", b"Iseven\n"
    yield "float-is-a-word", b"Fseven\n"
    yield "long-is-a-word", b"LsevenL\n"
    yield "long-of-many-digits", b"L" + b"9" * 200_000 + b"L\n"
    yield "string-without-quotes", b"Sabc\n"
    yield "string-with-one-quote", b"S'abc\n"
    yield "unicode-not-utf-8", op.text(b"\xff\xfe")
    yield "binget-unknown", op.get(7)
    yield "long-binget-unknown", op.get(2**32 - 1)
    yield "get-is-a-word", b"gseven\n"
    yield "get-of-many-digits", b"g" + b"9" * 30 + b"\n"
    yield "put-negative", op.NONE + b"p-1\n"
    yield "put-of-many-digits", op.NONE + b"p" + b"9" * 30 + b"\n"
    yield "extension", b"\x82\x01"
    yield "extension-zero", b"\x82\x00"
    yield "extension-4-bytes", b"\x84\xff\xff\xff\x7f"


def laughs(empty, add):
    """Each level holds the one before ten times: 10^40 leaves in some bytes."""
    body = empty + op.put(0)
    for level in range(1, 40):
        body += op.POP + empty
        body += op.MARK + op.get(level - 1) * 10 + add + op.put(level)
    return body


def shapes():
    """(name, opcodes of a value): nesting, cycles and bombs."""
    yield "nested-lists", op.EMPTY_LIST * DEEP + op.APPEND * (DEEP - 1)
    yield "nested-tuples", op.EMPTY_TUPLE + op.TUPLE1 * DEEP
    yield "nested-dictionaries", ((op.EMPTY_DICT + op.text("a")) * DEEP + op.NONE +
                                  op.SETITEM * DEEP)
    yield "nested-marks", op.MARK * DEEP
    yield "nested-tuples-of-marks", op.MARK * DEEP + op.TUPLE * DEEP
    yield "nested-calls", (op.global_name("torch._utils._rebuild_parameter") * DEEP +
                           op.NONE + (op.TUPLE1 + op.REDUCE) * DEEP)
    yield "list-in-itself", op.EMPTY_LIST + op.put(0) + op.get(0) + op.APPEND
    yield "tuple-in-itself", (op.EMPTY_LIST + op.put(0) + op.get(0) + op.TUPLE1 +
                              op.APPEND)
    yield "laughing-lists", laughs(op.EMPTY_LIST, op.APPENDS)
    yield "laughing-tuples", op.EMPTY_TUPLE + (op.DUP + op.TUPLE2) * 100
    yield "memo-at-4-billion", op.NONE + op.put(2**32 - 1) + op.get(0)
    yield "a-million-values-left", op.NONE * 1_000_000


def self_containing(key):
    """{key: itself}: a reader that follows wrappers does so for ever."""
    return op.program(op.EMPTY_DICT + op.put(0) + op.text(key) + op.get(0) + op.SETITEM)


def wrong_things():
    """(name, the whole pickle): well-formed, and no state dict."""
    yield "none", op.program(op.NONE)
    yield "whole-number", op.program(op.whole(7))
    yield "a-text", op.program(op.text("weights"))
    yield "a-list", op.program(op.EMPTY_LIST + op.tensor() + op.APPEND)
    yield "a-tuple", op.program(op.tensor() + op.TUPLE1)
    yield "empty-dictionary", op.program(op.EMPTY_DICT)
    yield "empty-state-dict", op.program(op.dictionary([("state_dict", op.EMPTY_DICT)]))
    yield "no-tensors", op.program(op.dictionary([("epoch", op.whole(3))]))
    yield "numbers-as-names", op.program(op.dictionary([(op.whole(1), op.tensor())]))
    yield "an-ordered-dictionary-class", op.program(
        op.global_name("collections.OrderedDict"))
    yield "a-function", op.program(op.global_name("torch._utils._rebuild_tensor_v2"))
    yield "name-twice", op.program(op.ordered([("weight", op.tensor())] * 2))
    yield "a-module", op.program(op.call(
        op.global_name("torch.nn.modules.linear.Linear"), op.whole(2), op.whole(2)))
    yield "a-module-by-newobj", op.program(
        op.global_name("torch.nn.modules.linear.Linear") + op.EMPTY_TUPLE + op.NEWOBJ +
        op.dictionary([("training", op.FALSE)]) + op.BUILD)
    yield "someones-class", op.program(op.call(op.global_name("models.MyNet")))
    yield "wrapper-in-itself-state-dict", self_containing("state_dict")
    yield "wrapper-in-itself-model", self_containing("model")


def cases():
    for name, pickle in broken():
        yield f"broken-{name}.pth", containers.torch_zip(pickle)
        yield f"legacy-broken-{name}.pth", containers.legacy(pickle)
    for name, body in UNDERFLOWS.items():
        yield f"underflow-{name}.pth", containers.torch_zip(op.program(body, 4))
    for name, value in lengths():
        yield f"lies-{name}.pth", containers.torch_zip(op.state_dict(value))
    for name, value in shapes():
        yield f"shape-{name}.pth", containers.torch_zip(op.state_dict(value))
        yield f"legacy-shape-{name}.pth", containers.legacy(
            op.state_dict(value), keys=op.EMPTY_LIST, numel=None)
    for name, pickle in wrong_things():
        yield f"holds-{name}.pth", containers.torch_zip(pickle)
