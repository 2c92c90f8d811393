#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks what the project promises of its own sources; TAP on stdout.

check_rules.py SOURCE-ROOT"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
GST_OR_GLIB = r"(gst/|glib|gio/|gobject|gmodule)"
TORCH = r"(torch/|ATen/|c10/|caffe2/)"
CUDA = r"(cuda|nv)"

# (the folder, not below these, what its includes must not match)
FORBIDDEN = (
    ("lib", ("lib/include/torchclassify/nn",), r"^" + GST_OR_GLIB),
    ("lib/include/torchclassify/nn", (), r"^" + GST_OR_GLIB),
    ("lib/cuda", (), r"^(" + TORCH + "|" + GST_OR_GLIB + ")"),
    ("gst", (), r"^(" + TORCH + r"|formats/|models/|preprocess/|engine/|libtorch/"
     r"|cuda/|torchclassify/nn/|opencv|\.\./)"),
    ("trainer", (), r"^gst/"),
)
# Public headers may name each other and the standard library: no dot, no
# folder (as in <string>).
PUBLIC = "lib/include/torchclassify"
STANDARD = re.compile(r"^[a-z_]+$")
CLANG_FORMAT = 14  # Debian 12's
SOURCES = ("lib", "gst", "trainer", "tests", "examples", "tools")


def sources(root, folder, suffixes=(".h", ".cpp", ".cu")):
    for path in sorted((root / folder).rglob("*")):
        if path.suffix in suffixes and path.is_file():
            yield path.relative_to(root).as_posix()


def includes(root, path):
    text = (root / path).read_text(encoding="utf-8")
    return [(kind == "<", name) for kind, name in INCLUDE.findall(text)]


def broken_includes(root):
    """Every include that the layout forbids, as 'file includes name'."""
    broken = []
    for folder, exceptions, pattern in FORBIDDEN:
        for path in sources(root, folder):
            if not path.startswith(exceptions or ("\0",)):
                broken += [f"{path} includes {name}"
                           for _, name in includes(root, path)
                           if re.match(pattern, name)]
    for path in sources(root, PUBLIC):
        if path.startswith(PUBLIC + "/nn/"):
            continue
        for system, name in includes(root, path):
            own = name.startswith("torchclassify/") and "/nn/" not in name
            if not own and not (system and STANDARD.match(name)):
                broken.append(f"{path} includes {name}")
    return broken


def run(*command):
    return subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT).stdout


def badly_formatted(root):
    """One call for all: each one left alone by clang-format says nothing."""
    paths = [path for folder in SOURCES for path in sources(root, folder)]
    said = run("clang-format", "--dry-run", *[str(root / path) for path in paths])
    return [path for path in paths if str(root / path) + ":" in said]


def unsorted_options(root):
    text = (root / "meson_options.txt").read_text(encoding="utf-8")
    names = re.findall(r"^option\('([^']+)'", text, re.M)
    return [f"{b} after {a}" for a, b in zip(names, names[1:]) if b < a]


def long_readme(root):
    lines = (root / "README.md").read_text(encoding="utf-8").count("\n")
    return [f"README.md has {lines} lines, at most 200"] if lines > 200 else []


def without_licence(root):
    return [path for folder in SOURCES for path in sources(root, folder)
            if "SPDX-License-Identifier: LGPL-2.1-or-later" not in
            (root / path).read_text(encoding="utf-8").split("\n", 1)[0]]


def found_in(checked, path, text):
    """What a check says of a tree that holds one file."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
        return checked(root)


# Each of these is found, so that a check that sees nothing fails.
VIOLATIONS = (
    ("gst/a.cpp", "#include <torch/torch.h>\n"),
    ("gst/b.cpp", '#include "engine/batcher.h"\n'),
    ("lib/engine/c.cpp", "#include <gst/gst.h>\n"),
    ("lib/cuda/d.cu", "#include <ATen/ATen.h>\n"),
    ("lib/formats/e.h", "  #  include <glib.h>\n"),
    ("trainer/f.cpp", "#include <gst/video/video.h>\n"),
    (PUBLIC + "/g.h", "#include <nlohmann/json.hpp>\n"),
    (PUBLIC + "/h.h", '#include "formats/bundle.h"\n'),
    (PUBLIC + "/i.h", "#include <torchclassify/nn/registry.h>\n"),
    (PUBLIC + "/nn/j.h", "#include <glib-object.h>\n"),
)
ALLOWED = (
    ("gst/a.cpp", '#include <gst/gst.h>\n#include <torchclassify/error.h>\n'),
    ("lib/engine/b.cpp", '#include <torch/torch.h>\n#include "formats/bundle.h"\n'),
    (PUBLIC + "/c.h", '#include <cstdint>\n#include "torchclassify/error.h"\n'),
)


class Report:
    def __init__(self):
        self.count = 0

    def add(self, name, problems):
        self.count += 1
        print("ok" if not problems else "not ok", self.count, name)
        for problem in problems:
            print("#", problem)

    def skip(self, name, reason):
        self.count += 1
        print("ok", self.count, name, "# SKIP", reason)


def main():
    root = pathlib.Path(sys.argv[1])
    report = Report()
    for path, text in VIOLATIONS:
        found = found_in(broken_includes, path, text)
        report.add(f"/rules/a-forbidden-include-is-found/{path}",
                   [] if found else [f"not found: {text.strip()}"])
    for path, text in ALLOWED:
        report.add(f"/rules/an-allowed-include-passes/{path}",
                   found_in(broken_includes, path, text))
    report.add("/rules/options-out-of-order-are-found",
               [] if found_in(unsorted_options, "meson_options.txt",
                              "option('b')\noption('a')\n") else ["not found"])
    report.add("/rules/a-badly-formatted-line-is-found",
               [] if not shutil.which("clang-format") or
               found_in(badly_formatted, "lib/a.cpp", "int  a ;\n")
               else ["not found"])
    report.add("/rules/every-folder-includes-only-what-it-may", broken_includes(root))
    report.add("/rules/every-source-names-its-licence", without_licence(root))
    report.add("/rules/options-are-in-alphabetical-order", unsorted_options(root))
    report.add("/rules/the-readme-is-at-most-200-lines", long_readme(root))
    name = "/rules/sources-are-formatted"
    if not shutil.which("clang-format"):
        report.skip(name, "clang-format is not installed")
    elif f" {CLANG_FORMAT}." not in run("clang-format", "--version"):
        report.skip(name, f"releases disagree, and this is not {CLANG_FORMAT}")
    else:
        report.add(name, badly_formatted(root))
    print(f"1..{report.count}")


if not os.path.isdir(sys.argv[-1]) or len(sys.argv) != 2:
    sys.exit(__doc__)
main()
