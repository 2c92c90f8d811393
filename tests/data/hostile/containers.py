# SPDX-License-Identifier: LGPL-2.1-or-later
"""The files around pickles and tensors, each field free to lie."""
import json
import struct
import zlib

import opcodes as op

FLOATS = struct.pack("<4f", 1, 2, 3, 4)


class Entry:
    """A member of an archive. Overrides of the fields' values, by their names in
    LOCAL and CENTRAL, replace what is true in both headers, or in one."""

    def __init__(self, name, data, both=None, local=None, central=None, extra=b""):
        self.name = name if isinstance(name, bytes) else name.encode()
        self.data = data
        self.local = {**(both or {}), **(local or {})}
        self.central = {**(both or {}), **(central or {})}
        self.extra = extra

    def fields(self):
        return {"version": 20, "flags": 0, "method": 0, "time": 0, "date": 33,
                "crc": zlib.crc32(self.data), "packed": len(self.data),
                "size": len(self.data), "name_length": len(self.name),
                "extra_length": len(self.extra)}


LOCAL = ("version", "flags", "method", "time", "date", "crc", "packed", "size",
         "name_length", "extra_length")
CENTRAL = LOCAL + ("comment_length", "disk", "internal", "external", "offset")


def archive(members, /, **end):
    """A zip file of Entry objects; end overrides its last record's fields."""
    body, directory = bytearray(), bytearray()
    for entry in members:
        fields = dict(entry.fields(), comment_length=0, disk=0, internal=0, external=0,
                      offset=len(body))
        local = {**fields, **entry.local}
        central = {**fields, **entry.central}
        body += (b"PK\3\4" + struct.pack("<5H3I2H", *(local[key] for key in LOCAL)) +
                 entry.name + entry.extra + entry.data)
        directory += (b"PK\1\2" + struct.pack("<H", 20) +
                      struct.pack("<5H3I5H2I", *(central[key] for key in CENTRAL)) +
                      entry.name + entry.extra)
    last = {"disk": 0, "start_disk": 0, "here": len(members), "entries": len(members),
            "size": len(directory), "offset": len(body), "comment": 0, **end}
    return bytes(body + directory) + b"PK\5\6" + struct.pack(
        "<4H2IH", *(last[key] for key in ("disk", "start_disk", "here", "entries",
                                          "size", "offset", "comment")))


def torch_members(pickle, data=FLOATS, root="archive"):
    return [Entry(f"{root}/data.pkl", pickle), Entry(f"{root}/byteorder", b"little"),
            Entry(f"{root}/data/0", data), Entry(f"{root}/version", b"3\n")]


def torch_zip(pickle=None, data=FLOATS):
    return archive(torch_members(op.state_dict() if pickle is None else pickle, data))


MAGIC = 0x1950a86a20f9469cfc6c
SYS_INFO = op.dictionary([
    ("protocol_version", op.whole(1001)), ("little_endian", op.TRUE),
    ("type_sizes", op.dictionary([("short", op.whole(2)), ("int", op.whole(4)),
                                  ("long", op.whole(4))]))])


def legacy_tensor(numel=4, **arguments):
    return op.tensor(op.storage(numel=numel, legacy=True), **arguments)


def legacy(pickle=None, magic=op.whole(MAGIC), version=op.whole(1001), sys_info=SYS_INFO,
           keys=op.EMPTY_LIST + op.text("0") + op.APPEND, numel=4, data=FLOATS):
    """What torch.save() wrote before 1.6: five pickles, then the storages; here
    one, or none where its count is None."""
    if pickle is None:
        pickle = op.state_dict(legacy_tensor())
    head = b"".join(op.program(part) for part in (magic, version, sys_info))
    storages = b"" if numel is None else struct.pack("<q", numel) + data
    return head + pickle + op.program(keys) + storages


def safetensors(header, data=b"", length=None):
    """The header is JSON's text, or what to make it of; the length may lie."""
    if not isinstance(header, (str, bytes)):
        header = json.dumps(header)
    if isinstance(header, str):
        header = header.encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def described(begin=0, end=16, shape=(2, 2), dtype="F32"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}
