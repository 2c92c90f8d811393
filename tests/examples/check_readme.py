#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the README's pipelines; TAP.

check_readme.py README ROAD_CLIP FOLDER

Cameras become a live test picture and the road clip, windows become fakesink."""
import pathlib
import re
import subprocess
import sys

RESULT = re.compile(r"torchclassify, timestamp=")


def pipelines(readme):
    """The gst-launch-1.0 commands, continued lines joined."""
    text = readme.read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(r"^    (gst-launch-1\.0 .*)$", text, re.M)


def without_hardware(command, clip):
    command = re.sub(r"rtspsrc location=\S+", f"filesrc location={clip}", command)
    command = command.replace("v4l2src", "videotestsrc num-buffers=50 is-live=true")
    command = command.replace("autovideosink", "fakesink")
    return command.replace("build/road.mp4", str(clip))


def run(command, root):
    return subprocess.run(command, shell=True, check=False, text=True, cwd=root,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def main(readme, road_clip, folder):
    readme, folder = pathlib.Path(readme), pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    clip = folder / "road.mp4"
    subprocess.run([road_clip, clip], check=True)

    commands = pipelines(readme)
    print(f"1..{len(commands) + 1}")
    print("ok" if len(commands) >= 5 else "not ok", 1,
          "/readme/it-has-at-least-five-pipelines")
    for number, command in enumerate(commands, 2):
        ended = run(without_hardware(command, clip), readme.parent)
        passed = ended.returncode == 0 and RESULT.search(ended.stdout)
        print("ok" if passed else "not ok", number,
              f"/readme/a-pipeline-gives-labels/{number - 1}")
        if not passed:
            print("#", command)
            print("\n".join("# " + line for line in ended.stdout.splitlines()[-8:]))


if len(sys.argv) != 4:
    sys.exit(__doc__)
main(*sys.argv[1:])
