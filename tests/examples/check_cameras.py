#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Watches a network camera and a clip in real time with examples/cameras; TAP.

check_cameras.py CAMERAS ROAD_CLIP RTSP_SERVER MODEL-FILE FOLDER"""
import pathlib
import re
import subprocess
import sys

from checks import report

SECONDS = 9
FIRST_SIGN = "Speed limit (50km/h)"


def watch(program, model, *uris, seconds=SECONDS):
    return subprocess.run(
        [program, "--model-file", model, "--seconds", str(seconds), *uris],
        check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def labels(text, camera):
    return re.findall(rf"^camera {camera} +[\d.]+ s  (.*?) +\d+ %$", text, re.M)


def frames(text, camera):
    found = re.search(rf"^camera {camera}  (\d+) frames, ", text, re.M)
    return int(found.group(1)) if found else 0


def main(program, road_clip, rtsp_server, model, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    clip = folder / "road.mp4"
    subprocess.run([road_clip, clip], check=True)
    file = clip.absolute().as_uri()
    with subprocess.Popen([rtsp_server, clip], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as server:
        camera = f"rtsp://127.0.0.1:{int(server.stdout.readline())}/stream"
        both = watch(program, model, camera, file)
        one = watch(program, model, "rtsp://127.0.0.1:1/stream", file, seconds=4)
        server.stdin.close()
    no_model = watch(program, folder / "absent.safetensors", file)

    said = both.stdout + both.stderr
    checks = (
        ("a-network-camera-is-labelled", FIRST_SIGN in labels(said, 1), said),
        ("a-clip-is-labelled-beside-it", FIRST_SIGN in labels(said, 2), said),
        ("a-clip-plays-in-real-time",
         SECONDS * 25 * 0.6 < frames(said, 2) <= SECONDS * 25 + 30, said),
        ("both-end-well", both.returncode == 0, said),
        ("a-camera-that-is-not-there-is-one-line",
         one.returncode == 1 and one.stderr.count("\n") == 1
         and "camera 1" in one.stderr, one.stderr),
        ("the-other-goes-on", frames(one.stdout, 2) > 25, one.stdout),
        ("an-absent-model-is-one-line",
         no_model.returncode == 1 and no_model.stderr.count("\n") == 1
         and "absent.safetensors" in no_model.stderr, no_model.stderr),
    )
    report("cameras", checks)


if len(sys.argv) != 6:
    sys.exit(__doc__)
main(*sys.argv[1:])
