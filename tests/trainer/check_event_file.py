#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""TensorBoard reads the event files that we write; TAP on stdout.

check_event_file.py WRITE_EVENTS

TensorBoard is that of the interpreter that TORCHCLASSIFY_TEST_PYTHON names."""
import json
import os
import subprocess
import sys
import tempfile
import time

READ = """
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1])
events.Reload()
print(json.dumps({
    "version": events.file_version,
    "curves": {tag: [[e.step, e.value] for e in events.Scalars(tag)]
               for tag in events.Tags()["scalars"]},
    "times": [e.wall_time for e in events.Scalars("loss/train")]}))
"""


def reason_to_skip(python):
    if not python:
        return "TORCHCLASSIFY_TEST_PYTHON names no interpreter"
    try:
        found = subprocess.run([python, "-c", "import tensorboard"], check=False,
                               stderr=subprocess.DEVNULL).returncode == 0
    except OSError as error:
        return f"{python}: {error.strerror}"
    return None if found else f"{python} lacks tensorboard"


def main():
    python = os.environ.get("TORCHCLASSIFY_TEST_PYTHON")
    reason = reason_to_skip(python)
    if reason:
        print("1..0 # SKIP", reason)
        return 0
    started = time.time()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        read = subprocess.run([python, "-c", READ, folder], check=True, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    events = json.loads(read.stdout.splitlines()[-1])
    checks = {
        "the version is the one that scalars need": events["version"] == 2.0,
        "both curves have each point once, as written last": events["curves"] == {
            "accuracy/valid": [[1, 0.25], [2, 0.5], [3, 0.25]],
            "loss/train": [[1, 1.0], [2, 0.5], [3, 0.1111111119389534]]},
        "times are those of the writing": all(
            started - 1 <= t <= time.time() + 1 for t in events["times"]),
    }
    print(f"1..{len(checks)}")
    for number, (name, holds) in enumerate(checks.items(), 1):
        print("ok" if holds else "not ok", number, name)
    if not all(checks.values()):
        print("# got", events)
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
