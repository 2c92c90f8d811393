#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Labels the road clip with the bundled model, as tools/quickstart does; TAP.

check_road.py ROAD_CLIP ANNOTATE MODEL-FILE FOLDER"""
import pathlib
import re
import subprocess
import sys

from checks import report

# In the order of examples/road_scene.cpp.
SIGNS = ["Speed limit (50km/h)", "Priority road", "Yield", "Stop",
         "Turn right ahead", "Keep right", "No entry"]
FRAMES = 525


def annotate(program, model, clip, output):
    return subprocess.run([program, "--model-file", model, clip, output],
                          check=False, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)


def is_one_line(text, word):
    return text.count("\n") == 1 and word in text


def main(road_clip, program, model, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    clip, output = folder / "road.mp4", folder / "annotated.mp4"
    subprocess.run([road_clip, clip], check=True)

    good = annotate(program, model, clip, output)
    labels = re.findall(r"^ *[\d.]+ s  (.*?) +\d+ %$", good.stdout, re.M)
    unused = folder / "unused.mp4"
    absent = annotate(program, folder / "absent.safetensors", clip, unused)
    no_clip = annotate(program, model, folder / "absent.mp4", unused)

    checks = (
        ("the-seven-signs-are-read-in-order", labels == SIGNS, labels),
        ("every-frame-is-labelled",
         f"{FRAMES} frames, {FRAMES} labelled" in good.stdout, good.stdout),
        ("the-annotated-clip-is-written", output.is_file() and output.stat().st_size > 0, good.stderr),
        ("an-absent-model-is-one-line",
         absent.returncode == 1 and is_one_line(absent.stderr, "absent.safetensors"),
         absent.stderr),
        ("an-absent-clip-is-one-line",
         no_clip.returncode == 1 and is_one_line(no_clip.stderr, "absent.mp4"),
         no_clip.stderr),
    )
    report("road", checks)


if len(sys.argv) != 5:
    sys.exit(__doc__)
main(*sys.argv[1:])
