#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the pipelines of a page; TAP.

check_pipelines.py PAGE ROOT ROAD_CLIP FOLDER

Cameras become a live test picture and the road clip, windows become fakesink."""
import pathlib
import re
import subprocess
import sys

RESULT = re.compile(r"torchclassify, timestamp=")


def pipelines(page):
    """The gst-launch-1.0 commands, continued lines joined."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(r"^    (gst-launch-1\.0 .*)$", text, re.M)


def without_hardware(command, clip):
    command = re.sub(r"rtspsrc location=\S+( latency=\d+)?", f"filesrc location={clip}", command)
    camera = "videotestsrc num-buffers=50 is-live=true"
    command = re.sub(r"v4l2src( device=\S+)? ! image/jpeg,framerate=30/1",
                     camera + " ! jpegenc", command)
    command = re.sub(r"v4l2src( device=\S+)?", camera, command)
    command = command.replace("autovideosink", "fakesink")
    command = command.replace("build/road.mp4", str(clip))
    return command.replace("build/road.jsonl", str(clip.with_suffix(".jsonl")))


def run(command, root):
    return subprocess.run(command, shell=True, check=False, text=True, cwd=root,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def needs_what_we_lack(command):
    """A model of the reader's own."""
    return "faces.safetensors" in command


def main(page, root, road_clip, folder):
    page, root, folder = map(pathlib.Path, (page, root, folder))
    folder.mkdir(parents=True, exist_ok=True)
    clip = folder / "road.mp4"
    subprocess.run([road_clip, clip], check=True)

    commands = pipelines(page)
    print(f"1..{len(commands) + 1}")
    print("ok" if len(commands) >= 5 else "not ok", 1,
          f"/{page.stem}/it-has-at-least-five-pipelines")
    for number, command in enumerate(commands, 2):
        if needs_what_we_lack(command):
            print("ok", number, f"/{page.stem}/a-pipeline/{number - 1}",
                  "# SKIP it needs a model of the reader's own")
            continue
        ended = run(without_hardware(command, clip), root)
        passed = ended.returncode == 0 and RESULT.search(ended.stdout)
        print("ok" if passed else "not ok", number,
              f"/{page.stem}/a-pipeline-gives-labels/{number - 1}")
        if not passed:
            print("#", command)
            print("\n".join("# " + line for line in ended.stdout.splitlines()[-8:]))


if len(sys.argv) != 5:
    sys.exit(__doc__)
main(*sys.argv[1:])
