# SPDX-License-Identifier: LGPL-2.1-or-later
"""Archives that lie around a state dict that is in order."""
import struct
import zlib

import containers
import opcodes as op
from containers import Entry, archive, torch_members

PICKLE = op.state_dict()
ALL_ONES = 2**32 - 1


def with_member(name, data=b"x", **fields):
    return archive(torch_members(PICKLE) + [Entry(name, data, **fields)])


def changed(index, data=None, **fields):
    """The state dict's archive with one member's fields or data replaced."""
    members = torch_members(PICKLE)
    old = members[index]
    members[index] = Entry(old.name, old.data if data is None else data, **fields)
    return archive(members)


def without(index):
    members = torch_members(PICKLE)
    del members[index]
    return archive(members)


def truncated():
    good = containers.torch_zip()
    for name, size in (("signature", 4), ("quarter", len(good) // 4),
                       ("half", len(good) // 2), ("directory", len(good) - 60),
                       ("end-record", len(good) - 22), ("last-byte", len(good) - 1)):
        yield f"truncated-to-{name}", good[:size]


def ends():
    """Last records that lie."""
    yield "end-empty-archive", archive([])
    yield "end-entries-none", archive(torch_members(PICKLE), here=0, entries=0)
    yield "end-entries-65534", archive(torch_members(PICKLE), here=65534, entries=65534)
    yield "end-entries-differ", archive(torch_members(PICKLE), here=2)
    yield "end-size-short", archive(torch_members(PICKLE), size=10)
    yield "end-size-huge", archive(torch_members(PICKLE), size=ALL_ONES - 1)
    yield "end-offset-huge", archive(torch_members(PICKLE), offset=ALL_ONES - 1)
    yield "end-offset-in-the-data", archive(torch_members(PICKLE), offset=0)
    yield "end-disk-1", archive(torch_members(PICKLE), disk=1, start_disk=1)
    yield "end-comment-beyond", archive(torch_members(PICKLE), comment=65535)
    yield "end-zip64-promised", archive(torch_members(PICKLE), offset=ALL_ONES)
    for name, offset in (("beyond", 2**63), ("all-ones", 2**64 - 1), ("zero", 0)):
        yield f"end-zip64-record-{name}", zip64(locator=offset)
    yield "end-zip64-exabytes-of-directory", zip64(size=2**62)
    yield "end-zip64-offset-overflows", zip64(offset=2**64 - 10)
    yield "end-zip64-entries-huge", zip64(entries=2**62)


def zip64(locator=None, **lies):
    good = containers.torch_zip()
    entries, size, offset = struct.unpack("<H2I", good[-12:-2])
    true = {"entries": entries, "size": size, "offset": offset, **lies}
    record = b"PK\6\6" + struct.pack("<Q2H2I4Q", 44, 45, 45, 0, 0, true["entries"],
                                     true["entries"], true["size"], true["offset"])
    where = len(good) - 22 if locator is None else locator
    return (good[:-22] + record + b"PK\6\7" + struct.pack("<IQI", 0, where, 1) +
            b"PK\5\6" + struct.pack("<4H2IH", 0, 0, 65535, 65535, ALL_ONES, ALL_ONES, 0))


def deflated(index, size):
    """A member of zeros (or the pickle itself), packed."""
    data = torch_members(PICKLE)[index].data if size is None else b"\0" * size
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush()
    return changed(index, packed, both={"method": 8, "size": len(data),
                                        "crc": zlib.crc32(data)})


def members():
    """Headers of members that lie."""
    yield "deflated-pickle", deflated(0, None)
    yield "deflated-bomb-as-pickle", deflated(0, 20_000_000)
    yield "deflated-bomb-as-storage", deflated(2, 20_000_000)
    yield "method-99", changed(0, both={"method": 99})
    yield "encrypted", changed(0, both={"flags": 1})
    yield "wrong-checksum", changed(0, both={"crc": 1})
    yield "checksums-differ", changed(0, local={"crc": 1})
    yield "sizes-differ", changed(2, local={"size": 8, "packed": 8})
    yield "stored-but-packed", changed(2, both={"packed": 8})
    yield "stored-but-grows", changed(2, both={"size": 2**31})
    yield "sizes-all-ones", changed(2, both={"packed": ALL_ONES, "size": ALL_ONES})
    yield "sizes-beyond", changed(2, both={"packed": 10_000, "size": 10_000})
    yield "offset-beyond", changed(2, central={"offset": ALL_ONES - 1})
    yield "offset-at-the-end", changed(2, central={"offset": 100_000})
    yield "offset-in-the-data", changed(2, central={"offset": 3})
    yield "disk-7", changed(2, central={"disk": 7})
    yield "name-beyond", changed(2, local={"name_length": 60_000})
    yield "directory-name-beyond", changed(3, central={"name_length": 60_000})
    yield "extra-beyond", changed(2, local={"extra_length": 60_000})
    yield "directory-extra-beyond", changed(3, central={"extra_length": 60_000})
    yield "directory-comment-beyond", changed(3, central={"comment_length": 60_000})
    yield "zip64-field-short", changed(
        2, both={"packed": ALL_ONES, "size": ALL_ONES}, extra=b"\1\0\4\0abcd")
    yield "zip64-field-exabytes", changed(
        2, both={"packed": ALL_ONES, "size": ALL_ONES},
        extra=struct.pack("<2H2Q", 1, 16, 2**62, 2**62))
    yield "zip64-field-length-lies", changed(
        2, both={"packed": ALL_ONES, "size": ALL_ONES},
        extra=struct.pack("<2H2Q", 1, 60_000, 16, 16))


def as_torch_writes():
    """With sizes behind the data, and names marked as UTF-8."""
    unknown = {"crc": 0, "packed": 0, "size": 0}
    written = []
    for member in torch_members(PICKLE):
        true = member.fields()
        sizes = struct.pack("<3I", true["crc"], true["packed"], true["size"])
        written.append(Entry(
            member.name, member.data + b"PK\7\x08" + sizes, local={"flags": 0x808, **unknown},
            central={key: true[key] for key in unknown} | {"flags": 0x808}))
    return archive(written)


def overlaps():
    same = torch_members(PICKLE)
    first = same[0].fields()
    yield "two-entries-one-place", archive(same + [
        Entry("archive/data/1", b"", central={"offset": 0, "packed": first["size"],
                                              "size": first["size"]})])
    kernel = [Entry(f"archive/data/{index}", b"", central={
        "offset": 0, "packed": 500, "size": 500, "crc": 0}) for index in range(1, 2000)]
    yield "two-thousand-entries-one-place", archive(same + kernel)
    inner = archive([Entry("archive/data/1", b"one")])
    header = 30 + len("archive/data/1")  # bytes
    before = sum(30 + len(member.name) + len(member.data) for member in same)
    yield "entry-inside-another", archive(same + [
        Entry("archive/data/2", inner[:header + 3]),
        Entry("archive/data/1", b"one", central={"offset": before + header})])
    inner = containers.torch_zip()
    yield "entry-over-the-directory", archive(
        same[:3] + [Entry("archive/version", b"3\n", both={"packed": 200, "size": 200})])
    yield "archive-in-the-archive", archive([Entry("archive/data.pkl", inner)])


def names():
    evil = {"climbing": "../../evil", "climbing-inside": "archive/../../evil",
            "absolute": "/etc/passwd", "drive": "C:\\evil", "back-slashes": "..\\evil",
            "null": "archive/data/1\0.txt", "empty": ""}
    for name, member in evil.items():
        yield f"name-{name}", with_member(member)
    yield "name-twice-pickle", with_member("archive/data.pkl", PICKLE)
    yield "name-twice-storage", with_member("archive/data/0", containers.FLOATS)
    yield "name-twice-version", with_member("archive/version", b"4\n")
    yield "two-roots", with_member("other/data.pkl", PICKLE)
    yield "no-root", archive([Entry("data.pkl", PICKLE), Entry("data/0", b"\0" * 16)])


def contents():
    yield "no-pickle", without(0)
    yield "no-storage", without(2)
    yield "storage-short", containers.torch_zip(data=containers.FLOATS[:-1])
    yield "storage-empty", containers.torch_zip(data=b"")
    yield "byte-order-middle", changed(1, b"middle")
    yield "byte-order-empty", changed(1, b"")
    yield "byte-order-megabytes", changed(1, b"little" * 200_000)
    yield "torchscript", archive([Entry("net/data.pkl", PICKLE),
                                  Entry("net/constants.pkl", op.program(op.EMPTY_TUPLE)),
                                  Entry("net/code/__torch__.py", b"import os\n"),
                                  Entry("net/version", b"3\n")])
    yield "torchscript-and-weights", with_member("archive/constants.pkl", b"\x80\2).")
    yield "with-code", with_member("archive/code/__torch__.py", b"import os\n")
    yield "aot-inductor", archive([
        Entry("net/archive_format", b"pt2"), Entry("net/byteorder", b"little"),
        Entry("net/data/aotinductor/model/model.so", b"\x7fELF")])
    yield "numpy", archive([Entry("weight.npy", b"\x93NUMPY\1\0")])
    yield "office", archive([Entry("[Content_Types].xml", b"<?xml?>"),
                             Entry("word/document.xml", b"<w/>")])
    yield "many-members", archive(
        torch_members(PICKLE)[1:] +
        [Entry(f"archive/data/{index}", b"") for index in range(1, 60_000)])


def cases():
    for group in (truncated, ends, members, overlaps, names, contents):
        for name, data in group():
            yield f"{name}.pth", data
