# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pickles in order whose tensors and storages lie."""
import struct

import containers
import opcodes as op

HUGE = 2**62


def view(**arguments):
    return op.state_dict(**arguments)


def rebuilt(*arguments, by="torch._utils._rebuild_tensor_v2"):
    return op.state_dict(op.call(op.global_name(by), *arguments))


def persistent(*parts):
    return op.state_dict(op.tensor(op.MARK + b"".join(parts) + op.TUPLE + op.BINPERSID))


def views():
    """(name, pickle): of a storage of four floats."""
    yield "offset-negative", view(offset=-1)
    yield "offset-beyond", view(offset=1)
    yield "offset-far-beyond", view(offset=HUGE)
    yield "offset-of-16-bytes", view(offset=2**70)
    yield "size-negative", view(size=(-2, -2))
    yield "size-too-large", view(size=(2, 3), stride=(3, 1))
    yield "size-overflows", view(size=(2**32, 2**32), stride=(2**32, 1))
    yield "size-overflows-to-zero", view(size=(2**32, 2**32, 2), stride=(0, 0, 0))
    yield "size-huge", view(size=(HUGE,), stride=(1,))
    yield "stride-negative", view(stride=(-2, -1))
    yield "stride-too-large", view(stride=(4, 1))
    yield "stride-overflows", view(stride=(HUGE * 2 - 1, HUGE * 2 - 1))
    yield "stride-zero-bomb", view(size=(2**40,), stride=(0,))
    yield "stride-zero-small-bomb", view(size=(5,), stride=(0,))
    yield "stride-zero-in-a-matrix", view(size=(2**20, 4), stride=(0, 1))
    yield "stride-overlaps", view(size=(3, 2), stride=(1, 1))
    yield "ranks-differ", view(size=(2, 2), stride=(1,))
    yield "ten-thousand-sides", view(size=(1,) * 10_000, stride=(1,) * 10_000)
    four = (op.storage(), op.whole(0), op.wholes((2, 2)), op.wholes((2, 1)))
    yield "too-few-arguments", rebuilt(*four[:3])
    yield "no-arguments", rebuilt()
    yield "a-thousand-arguments", rebuilt(*four, *[op.NONE] * 1000)
    yield "storage-is-none", rebuilt(op.NONE, *four[1:], op.FALSE, op.NONE)
    yield "storage-is-a-tensor", rebuilt(op.tensor(), *four[1:], op.FALSE, op.NONE)
    yield "offset-is-a-text", rebuilt(four[0], op.text("0"), *four[2:], op.FALSE, op.NONE)
    yield "size-is-a-text", rebuilt(*four[:2], op.text("22"), four[3], op.FALSE, op.NONE)
    halves = b"G" + struct.pack(">d", 0.5)
    yield "size-is-of-floats", rebuilt(*four[:2], op.MARK + halves * 2 + op.TUPLE, four[3],
                                       op.FALSE, op.NONE)
    yield "size-is-of-lists", rebuilt(*four[:2], op.EMPTY_LIST + op.TUPLE1, four[3],
                                      op.FALSE, op.NONE)
    yield "parameter-of-nothing", rebuilt(op.NONE, op.TRUE, op.NONE,
                                          by="torch._utils._rebuild_parameter")
    yield "parameter-without-arguments", rebuilt(by="torch._utils._rebuild_parameter")


def storages():
    """(name, pickle)"""
    floats = op.global_name("torch.FloatStorage")
    kind, key, cpu, four = op.text("storage"), op.text("0"), op.text("cpu"), op.whole(4)
    yield "more-than-the-file-has", view(where=op.storage(numel=5))
    yield "huge", view(where=op.storage(numel=HUGE))
    yield "bytes-overflow", view(where=op.storage(numel=2**62 + 4))
    yield "of-16-bytes", view(where=op.storage(numel=2**70))
    yield "negative", view(where=op.storage(numel=-4))
    yield "doubles-of-half-the-size", view(where=op.storage(dtype="DoubleStorage"))
    yield "complex", view(where=op.storage(dtype="ComplexFloatStorage"))
    yield "quantized", view(where=op.storage(dtype="QUInt8Storage"))
    yield "unknown-type", view(where=op.storage(dtype="EvilStorage"))
    yield "type-is-a-text", persistent(kind, op.text("FloatStorage"), key, cpu, four)
    yield "type-is-a-dictionary", persistent(
        kind, op.global_name("collections.OrderedDict"), key, cpu, four)
    yield "key-unknown", view(where=op.storage(key="7"))
    yield "key-empty", view(where=op.storage(key=""))
    yield "key-climbs", view(where=op.storage(key="../../../../etc/passwd"))
    yield "key-is-absolute", view(where=op.storage(key="/etc/passwd"))
    yield "key-is-the-pickle", view(where=op.storage(key="../data.pkl"))
    yield "key-with-a-null", view(where=op.storage(key="0\0"))
    yield "key-is-a-number", persistent(kind, floats, op.whole(0), cpu, four)
    yield "id-is-none", op.state_dict(op.tensor(op.NONE + op.BINPERSID))
    yield "id-is-a-text", op.state_dict(op.tensor(key + op.BINPERSID))
    yield "id-is-a-line", op.state_dict(op.tensor(b"Pstorage\n"))
    yield "id-is-empty", persistent()
    yield "id-too-short", persistent(kind, floats, key)
    yield "id-too-long", persistent(kind, floats, key, cpu, four, four, four, four)
    yield "id-of-a-module", persistent(op.text("module"), floats, key, cpu, four)
    yield "id-of-another-kind", persistent(op.text("file"), floats, key, cpu, four)
    yield "size-is-a-text", persistent(kind, floats, key, cpu, op.text("4"))
    pair = [("a", op.tensor()), ("b", op.tensor(op.storage(dtype="IntStorage", numel=9)))]
    yield "of-two-sizes", op.program(op.ordered(pair))
    yield "called", op.state_dict(op.call(floats, op.whole(2**40)))
    yield "built", op.state_dict(op.storage() + op.EMPTY_DICT + op.BUILD)


def misuses():
    """(name, opcodes of a value): instructions on what they are not for."""
    rebuild = op.global_name("torch._utils._rebuild_tensor_v2")
    yield "tensor-by-newobj", rebuild + op.EMPTY_TUPLE + op.NEWOBJ
    yield "tensor-by-obj", op.MARK + rebuild + op.OBJ
    yield "tensor-by-inst", op.MARK + b"itorch._utils\n_rebuild_tensor_v2\n"
    yield "build-on-a-tensor", op.tensor() + op.text("cmd") + op.BUILD
    yield "build-on-a-list", op.EMPTY_LIST + op.EMPTY_DICT + op.BUILD
    yield "setitem-on-a-tensor", op.tensor() + op.NONE + op.NONE + op.SETITEM
    yield "append-on-a-dictionary", op.EMPTY_DICT + op.NONE + op.APPEND
    yield "append-on-a-function", rebuild + op.NONE + op.APPEND
    yield "setitems-on-a-list", op.EMPTY_LIST + op.MARK + op.NONE * 2 + op.SETITEMS
    yield "call-of-a-text", op.text("os.system") + op.EMPTY_TUPLE + op.REDUCE
    yield "call-with-a-list", rebuild + op.EMPTY_LIST + op.REDUCE
    yield "call-of-a-tensor", op.tensor() + op.EMPTY_TUPLE + op.REDUCE
    yield "stack-global-of-numbers", op.whole(1) + op.whole(2) + op.STACK_GLOBAL
    yield "global-nearly-allowed", op.global_name("torch._utils._rebuild_tensor_v9")
    yield "global-with-a-space", op.global_name("collections.OrderedDict ")
    yield "global-in-capitals", op.global_name("Collections.ordereddict")
    yield "global-with-a-tail", op.stack_global("torch.FloatStorage.__class__")
    yield "global-of-nothing", b"c\n\n"


def shared():
    """Two thousand names for one storage: a small file, two hundred megabytes."""
    data = bytes(100_000)
    everything = op.tensor(op.storage(numel=25_000), size=(25_000,), stride=(1,))
    names = [(f"weight{number}", everything) for number in range(2000)]
    return containers.torch_zip(op.program(op.ordered(names)), data)


def cases():
    yield "storage-shared-by-two-thousand.pth", shared()
    for name, pickle in views():
        yield f"tensor-{name}.pth", containers.torch_zip(pickle)
    for name, pickle in storages():
        yield f"storage-{name}.pth", containers.torch_zip(pickle)
    for name, value in misuses():
        yield f"misuse-{name}.pth", containers.torch_zip(op.program(
            op.ordered([("weight", value)]), 4))
