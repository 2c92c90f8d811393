#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Installs the libraries into a temporary folder and uses them from there, as
somebody else's program would; TAP on stdout.

check_package.py SOURCE-ROOT BUILD-ROOT PREFIX LIBDIR LIBTORCH-LIBDIR..."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PUBLIC = ("lib/include", "trainer/include")
# LibTorch is no package of pkg-config's: who includes these adds its folders.
WITH_LIBTORCH = "torchclassify/nn/"


def run(command, **options):
    result = subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, **options)
    return result.returncode == 0, result.stdout


class Report:
    def __init__(self):
        self.count = 0

    def add(self, name, passed, said=""):
        self.count += 1
        print("ok" if passed else "not ok", self.count, name)
        if not passed:
            for line in said.splitlines()[-20:]:
                print("#", line)
        return passed


def public_headers(source):
    for folder in PUBLIC:
        for path in sorted((source / folder).rglob("*.h")):
            yield path.relative_to(source / folder).as_posix()


def write_pictures(folder):
    """Red ones and blue ones, which one epoch tells apart."""
    for name, color in (("blue", (20, 40, 220)), ("red", (220, 40, 20))):
        for part in ("train", "test"):
            (folder / part / name).mkdir(parents=True)
            for i in range(32):
                pixels = bytes(value + i % 8 for value in color) * (32 * 32)
                (folder / part / name / f"{i}.ppm").write_bytes(
                    b"P6 32 32 255\n" + pixels)


class Installed:
    def __init__(self, root, prefix, libdir, libtorch):
        self.root = root
        self.include = root / prefix.lstrip("/") / "include"
        lib = root / prefix.lstrip("/") / libdir
        self.environment = dict(os.environ,
                                PKG_CONFIG_LIBDIR=str(lib / "pkgconfig"),
                                PKG_CONFIG_SYSROOT_DIR=str(root),
                                # Of the linker, too.
                                LD_LIBRARY_PATH=":".join([str(lib), *libtorch]))

    def run(self, *command):
        return run(command, env=self.environment)

    def flags(self, package):
        passed, said = self.run("pkg-config", "--cflags", "--libs", package)
        return said.split() if passed else []


def check(source, installed, folder, report):
    headers = list(public_headers(source))
    missing = [name for name in headers if not (installed.include / name).is_file()]
    report.add("/package/every-public-header-is-installed", not missing,
               "\n".join(missing))
    flags = installed.flags("torchclassify-train")
    report.add("/package/pkg-config-finds-both-libraries",
               {"-ltorchclassify", "-ltorchclassify-train"} <= set(flags), str(flags))
    alone = installed.flags("torchclassify")
    report.add("/package/the-engine-comes-without-the-trainer",
               "-ltorchclassify" in alone and "-ltorchclassify-train" not in alone,
               str(alone))
    everything = folder / "everything.cpp"
    everything.write_text("".join(f'#include "{name}"\n' for name in headers
                                  if not name.startswith(WITH_LIBTORCH)))
    report.add("/package/public-headers-need-nothing-else",
               *installed.run("c++", "-std=c++20", "-fsyntax-only", str(everything),
                              *flags))
    example = str(folder / "train_cifar10")
    report.add("/package/the-example-compiles",
               *installed.run("c++", "-std=c++20", "-o", example,
                              str(source / "examples/train_cifar10.cpp"), *flags))
    write_pictures(folder / "pictures")
    passed, said = installed.run(example, str(folder / "pictures"),
                                 str(folder / "run"), "1")
    report.add("/package/the-example-trains", passed and "accuracy 1.0000" in said,
               said)


def main(source, build, prefix, libdir, *libtorch):
    report = Report()
    missing = [tool for tool in ("c++", "meson", "pkg-config") if not shutil.which(tool)]
    if missing:
        print("1..0 # SKIP no", missing[0])
        return
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        root = folder / "installed"
        if report.add("/package/it-installs",
                      *run(["meson", "install", "--no-rebuild", "--quiet", "-C", build,
                            "--destdir", str(root)])):
            check(pathlib.Path(source), Installed(root, prefix, libdir, libtorch),
                  folder, report)
    print(f"1..{report.count}")


if len(sys.argv) < 6:
    sys.exit(__doc__)
main(*sys.argv[1:])
