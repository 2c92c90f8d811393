# SPDX-License-Identifier: LGPL-2.1-or-later
"""Files of torch.save() before 1.6, and older, that lie."""
import io
import struct
import tarfile

import opcodes as op
from containers import FLOATS, SYS_INFO, legacy, legacy_tensor

HUGE = 2**62


def key_list(*keys):
    return op.EMPTY_LIST + op.MARK + b"".join(op.text(key) for key in keys) + op.APPENDS


def truncated():
    good = legacy()
    marks = [at for at, byte in enumerate(good) if byte == ord(".")]
    for count, at in enumerate(marks[:4], 1):
        yield f"truncated-after-pickle-{count}", good[:at + 1]
    yield "truncated-before-the-storages", good[:-24]
    yield "truncated-in-a-count", good[:-20]
    yield "truncated-after-a-count", good[:-16]
    yield "truncated-in-a-storage", good[:-1]


def headers():
    yield "magic-of-another", legacy(magic=op.whole(0x1950a86a20f9469cfc6d))
    yield "magic-small", legacy(magic=op.whole(7))
    yield "version-1002", legacy(version=op.whole(1002))
    yield "version-none", legacy(version=op.NONE)
    yield "version-of-16-bytes", legacy(version=op.whole(2**100))
    yield "system-none", legacy(sys_info=op.NONE)
    yield "system-a-list", legacy(sys_info=op.EMPTY_LIST)
    yield "system-twice", legacy(version=op.whole(1001) + op.STOP + op.proto() + SYS_INFO)


def keys():
    yield "keys-none", legacy(keys=op.NONE)
    yield "keys-empty", legacy(keys=op.EMPTY_LIST)
    yield "keys-numbers", legacy(keys=op.EMPTY_LIST + op.whole(0) + op.APPEND)
    yield "keys-unknown", legacy(keys=key_list("7"))
    yield "keys-one-too-many", legacy(keys=key_list("0", "1"))
    yield "keys-twice", legacy(keys=key_list("0", "0"),
                               data=FLOATS + struct.pack("<q", 4) + FLOATS)
    yield "keys-a-dictionary", legacy(keys=op.dictionary([("0", op.NONE)]))


def counts():
    for name, numel in (("negative", -1), ("smallest", -2**63), ("largest", 2**63 - 1),
                        ("overflows", HUGE), ("one-more", 5), ("one-less", 3),
                        ("none", 0), ("gigabytes", 2**30)):
        yield f"count-{name}", legacy(numel=numel)
    yield "count-big-endian", legacy(data=FLOATS, numel=4 << 56)


def with_view(metadata):
    where = (op.MARK + op.text("storage") + op.global_name("torch.FloatStorage") +
             op.text("0") + op.text("cpu") + op.whole(4) + metadata + op.TUPLE +
             op.BINPERSID)
    return legacy(op.state_dict(op.tensor(where)))


def views():
    """Storages within storages, which PyTorch 0.x wrote."""
    def triple(offset, size):
        return op.MARK + op.text("1") + op.whole(offset) + op.whole(size) + op.TUPLE
    yield "view-negative", with_view(triple(-1, 4))
    yield "view-beyond", with_view(triple(2, 4))
    yield "view-huge", with_view(triple(HUGE, HUGE))
    yield "view-short", with_view(triple(0, 1))
    yield "view-a-text", with_view(op.text("1"))
    yield "view-a-pair", with_view(op.NONE * 2 + op.TUPLE2)


def tensors():
    for name, arguments in (("offset-beyond", {"offset": 1}),
                            ("size-huge", {"size": (HUGE,), "stride": (1,)}),
                            ("stride-zero-bomb", {"size": (2**40,), "stride": (0,)})):
        yield f"tensor-{name}", legacy(op.state_dict(legacy_tensor(**arguments)))
    yield "storage-more-than-the-file-has", legacy(op.state_dict(legacy_tensor(numel=5)))
    yield "storage-huge", legacy(op.state_dict(legacy_tensor(numel=HUGE)))


def tar(*names):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in names:
            archive.addfile(tarfile.TarInfo(name))
    return file.getvalue()


def cases():
    for group in (truncated, headers, keys, counts, views, tensors):
        for name, data in group():
            yield f"{name}.pth", data
    yield "tar.pth", tar("sys_info", "pickle", "storages", "tensors")
    yield "tar-climbing.pth", tar("../../evil", "pickle")
