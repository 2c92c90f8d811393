#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Finds, checks and unpacks the pinned wheels for tools/get-libtorch.

wheel.py list LOCKFILE...          one 'name==version' a line
wheel.py link NAME==VERSION ARCH   the wheel's file name and address
wheel.py check WHEEL LOCKFILE...   exit 1 unless the lock file has its hash
wheel.py unpack WHEEL FOLDER       what a C++ program needs of it
"""
import hashlib
import os
import re
import stat
import sys
import zipfile

MANYLINUX = ("manylinux_2_28_", "manylinux_2_27_", "manylinux_2_25_",
             "manylinux_2_18_", "manylinux2014_", "manylinux2010_",
             "manylinux1_")
WANTED = ("torch/include/", "torch/lib/", "torch/share/", "nvidia/")
# Only Python needs these; they are a third of the files.
UNWANTED = ("torch/lib/libtorch_python.so", "torch/include/pybind11/")


def pip_options(arch):
    """The options of `pip download` that pick one wheel whatever runs this."""
    options = ["--no-deps", "--only-binary=:all:", "--implementation", "cp",
               "--python-version", "3.11", "--abi", "cp311", "--abi", "none"]
    for platform in MANYLINUX:
        options += ["--platform", platform + arch]
    return options


def link(requirement, arch):
    """Asks pip, so that the user's mirror, proxy and certificates count.

    These are pip's internals (20 to 25 have them); get-libtorch falls back to
    `pip download`, which cannot resume, where they fail."""
    from pip._internal.cli import cmdoptions
    from pip._internal.commands import create_command
    from pip._vendor.packaging.specifiers import SpecifierSet

    name, version = requirement.split("==")
    command = create_command("download")
    options, _ = command.parse_args(pip_options(arch) + [requirement])
    with command.main_context():
        session = command.get_default_session(options)
        finder = command._build_package_finder(
            options, session, ignore_requires_python=True,
            target_python=cmdoptions.make_target_python(options))
        best = finder.find_best_candidate(
            name, SpecifierSet("==" + version)).best_candidate
    if best is None:
        sys.exit(f"wheel.py: no wheel of {requirement} for {arch}")
    print(best.link.filename, best.link.url.split("#")[0])


def requirements(locks):
    for lock in locks:
        with open(lock, encoding="utf-8") as text:
            yield from re.findall(r"^[\w.-]+==[\w.]+", text.read(), re.M)


def has_known_hash(wheel, locks):
    digest = hashlib.sha256()
    with open(wheel, "rb") as data:
        while block := data.read(1 << 20):
            digest.update(block)
    known = "".join(open(lock, encoding="utf-8").read() for lock in locks)
    return "sha256:" + digest.hexdigest() in known


def unpack(wheel, folder):
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            name = entry.filename
            if not name.startswith(WANTED) or name.startswith(UNWANTED):
                continue
            path = archive.extract(entry, folder)
            if not entry.is_dir():
                os.chmod(path, stat.S_IMODE(entry.external_attr >> 16) or 0o644)


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    verb, rest = arguments[0], arguments[1:]
    if verb == "list":
        print("\n".join(requirements(rest)))
    elif verb == "options":
        print("\n".join(pip_options(rest[0])))
    elif verb == "link":
        link(*rest)
    elif verb == "check":
        sys.exit(0 if has_known_hash(rest[0], rest[1:]) else 1)
    elif verb == "unpack":
        unpack(*rest)
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
