# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pickle opcodes by hand: what pickle.dumps() would never write."""
import struct

MARK, STOP, EMPTY_TUPLE, EMPTY_LIST, EMPTY_DICT = b"(", b".", b")", b"]", b"}"
NONE, TRUE, FALSE = b"N", b"\x88", b"\x89"
TUPLE, TUPLE1, TUPLE2, TUPLE3, LIST, DICT = b"t", b"\x85", b"\x86", b"\x87", b"l", b"d"
APPEND, APPENDS, SETITEM, SETITEMS = b"a", b"e", b"s", b"u"
POP, POP_MARK, DUP, MEMOIZE = b"0", b"1", b"2", b"\x94"
REDUCE, BUILD, OBJ, NEWOBJ, NEWOBJ_EX = b"R", b"b", b"o", b"\x81", b"\x92"
STACK_GLOBAL, BINPERSID = b"\x93", b"Q"
EMPTY_SET, ADDITEMS, FROZENSET = b"\x8f", b"\x90", b"\x91"


def proto(number=2):
    return b"\x80" + bytes([number])


def global_name(name):
    """GLOBAL: 'module.name', the last dot divides."""
    module, _, attribute = name.rpartition(".")
    return f"c{module}\n{attribute}\n".encode()


def stack_global(name):
    module, _, attribute = name.rpartition(".")
    return short_text(module) + short_text(attribute) + STACK_GLOBAL


def text(value):
    data = value.encode() if isinstance(value, str) else value
    return b"X" + struct.pack("<I", len(data)) + data


def short_text(value):
    data = value.encode()
    return b"\x8c" + bytes([len(data)]) + data


def whole(value):
    if 0 <= value < 256:
        return b"K" + bytes([value])
    if -2**31 <= value < 2**31:
        return b"J" + struct.pack("<i", value)
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def put(index):
    return b"q" + bytes([index]) if index < 256 else b"r" + struct.pack("<I", index)


def get(index):
    return b"h" + bytes([index]) if index < 256 else b"j" + struct.pack("<I", index)


def wholes(values):
    return MARK + b"".join(whole(value) for value in values) + TUPLE


def call(callee, *arguments):
    return callee + MARK + b"".join(arguments) + TUPLE + REDUCE


def dictionary(entries):
    """Entries: (key, opcodes) pairs, the key a str or opcodes."""
    body = b"".join((text(key) if isinstance(key, str) else key) + value
                    for key, value in entries)
    return EMPTY_DICT + MARK + body + SETITEMS


def ordered(entries):
    empty = global_name("collections.OrderedDict") + EMPTY_TUPLE + REDUCE
    body = b"".join(text(key) + value for key, value in entries)
    return empty + MARK + body + SETITEMS


def storage(key="0", numel=4, dtype="FloatStorage", place="cpu", legacy=False):
    """The persistent id; older files' has a view's metadata at its end."""
    return (MARK + text("storage") + global_name("torch." + dtype) + text(key) +
            text(place) + whole(numel) + (NONE if legacy else b"") + TUPLE + BINPERSID)


def tensor(where=None, offset=0, size=(2, 2), stride=(2, 1)):
    return call(global_name("torch._utils._rebuild_tensor_v2"), where or storage(),
                whole(offset), wholes(size), wholes(stride), FALSE,
                global_name("collections.OrderedDict") + EMPTY_TUPLE + REDUCE)


def program(body, protocol=2):
    return proto(protocol) + body + STOP


def state_dict(value=None, **arguments):
    """One weight: given, or a tensor of these arguments."""
    return program(ordered([("weight", value or tensor(**arguments))]))
