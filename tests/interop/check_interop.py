#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Weights saved by the real Python packages, converted by the program, give the
logits that the packages give; TAP on stdout.

check_interop.py PROGRAM [ROW...]

The packages are those of the interpreter that TORCHCLASSIFY_TEST_PYTHON names
(tools/make-interop-environment makes one). Without ROW all of them are run."""
import os
import pathlib
import subprocess
import sys

PACKAGES = ("torch", "torchvision", "timm", "transformers", "safetensors")


def reason_to_skip(python):
    if not python:
        return ("TORCHCLASSIFY_TEST_PYTHON names no interpreter "
                "(tools/make-interop-environment DIR makes one)")
    for package in PACKAGES:
        code = f"import importlib.util as u, sys; sys.exit(not u.find_spec('{package}'))"
        try:
            found = subprocess.run([python, "-c", code], check=False).returncode == 0
        except OSError as error:
            return f"{python}: {error.strerror}"
        if not found:
            return f"{python} lacks {package}"
    return None


def main():
    python = os.environ.get("TORCHCLASSIFY_TEST_PYTHON")
    reason = reason_to_skip(python)
    if reason:
        print("1..0 # SKIP", reason)
        return
    # Nothing is fetched; one thread each, two rows run at a time.
    os.environ.update(HF_HUB_OFFLINE="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1",
                      PYTHONDONTWRITEBYTECODE="1")
    script = pathlib.Path(__file__).with_name("interop.py")
    sys.stdout.flush()
    os.execv(python, [python, str(script), *sys.argv[1:]])


if __name__ == "__main__":
    main()
