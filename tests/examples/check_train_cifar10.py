#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the training example on some of CIFAR-10; TAP on stdout.

check_train_cifar10.py EXAMPLE SOURCE-ROOT"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse",
           "ship", "truck")


def run(*command):
    return subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)


def check_training(example, pictures, folder):
    """What is wrong, or nothing."""
    result = run(example, pictures, folder, "3")
    accuracy = re.search(r"^accuracy (0\.\d{4})$", result.stdout, re.M)
    if result.returncode != 0 or not accuracy:
        return result.stdout
    unsaid = [name for name in CLASSES
              if not re.search(rf"^{name}( +[01]\.\d{{4}}){{3}}$", result.stdout, re.M)]
    if unsaid:
        return "no scores of " + ", ".join(unsaid)
    # Of ten classes by chance: 0.1.
    return "" if float(accuracy[1]) > 0.15 else result.stdout


def main(example, source):
    data = pathlib.Path(os.environ.get("TORCHCLASSIFY_REAL_DATA",
                                       os.path.join(source, "../shared/data")))
    pictures = data / "cifar10-mini.tar"
    name = "ok 1 /train-cifar10/it-learns-and-says-so-class-by-class"
    if not pictures.is_file():
        print(name, "# SKIP there is no", pictures.name)
    else:
        with tempfile.TemporaryDirectory() as folder:
            wrong = check_training(example, str(pictures), folder)
        print("not " * bool(wrong) + name)
        for line in wrong.splitlines():
            print("#", line)
    refused = run(example, "/nowhere", "/nowhere/else", "1")
    good = refused.returncode == 1 and "/nowhere" in refused.stdout
    print("not " * (not good) + "ok 2 /train-cifar10/it-names-pictures-that-are-not-there")
    print("1..2")


if len(sys.argv) != 3:
    sys.exit(__doc__)
main(*sys.argv[1:])
