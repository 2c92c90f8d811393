#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks what pipelines publish against the schema in docs/; TAP on stdout.

publish_schema.py SCHEMA"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    jsonschema = None

SOURCE = "videotestsrc num-buffers={frames} {more} ! video/x-raw,format=GRAY8,width=8,height=4"
PIPELINES = (
    ("one-label", SOURCE + " ! torchclassify model-file=m"),
    ("several-classes", SOURCE + " ! torchclassify model-file=m top-k=3"),
    ("two-elements",
     SOURCE + " ! torchclassify model-file=m ! torchclassify model-file=n"),
    ("an-unknown-label",
     SOURCE + " ! torchclassify model-file=m class-confidence-threshold=0.8"),
)

# Each change makes a line of ours wrong, so that a schema that takes anything
# fails.
BROKEN = (
    ("a-field-too-many", lambda line: line.update(colour="red")),
    ("a-field-too-few", lambda line: line.pop("model")),
    ("a-time-in-seconds", lambda line: line.update(timestamp=0.04)),
    ("a-time-before-the-beginning", lambda line: line.update(timestamp=-1)),
    ("a-confidence-in-percent",
     lambda line: line["results"][0].update(confidence=75)),
    ("a-label-that-is-a-number",
     lambda line: line["results"][0].update(label=7)),
    ("a-class-without-present",
     lambda line: line["results"][0]["top"][0].pop("present")),
)


def launch(pipeline, path):
    """The lines that a pipeline publishes."""
    command = f"gst-launch-1.0 -q {pipeline} ! torchpublish source=cam file-path={path} ! fakesink"
    subprocess.run(command.split(), check=True, timeout=60)
    return pathlib.Path(path).read_text(encoding="utf-8").splitlines()


def problems(validator, lines, expected):
    found = [] if len(lines) == expected else [
        f"expected {expected} lines, got {len(lines)}"]
    for line in lines:
        found += [f"{error.json_path}: {error.message}"
                  for error in validator.iter_errors(json.loads(line))]
    return found


class Report:
    def __init__(self):
        self.count = 0

    def add(self, name, found):
        self.count += 1
        print("ok" if not found else "not ok", self.count, name)
        for problem in found:
            print("#", problem)


def main():
    if jsonschema is None:
        print("1..0 # SKIP no python3-jsonschema on this machine")
        return
    if not shutil.which("gst-launch-1.0") or "GST_REGISTRY_FORK" in os.environ:
        print("1..0 # SKIP no gst-launch-1.0 that can load these plugins")
        return
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    report = Report()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    with tempfile.TemporaryDirectory() as folder:
        for name, pipeline in PIPELINES:
            frames = 5
            lines = launch(pipeline.format(frames=frames, more=""),
                           os.path.join(folder, name))
            elements = pipeline.count("torchclassify")
            report.add(f"/publish/schema/describes/{name}",
                       problems(validator, lines, frames * elements))
        good = launch(PIPELINES[1][1].format(frames=1, more=""),
                      os.path.join(folder, "good"))[0]
    for name, spoil in BROKEN:
        line = json.loads(good)
        spoil(line)
        report.add(f"/publish/schema/refuses/{name}",
                   [] if list(validator.iter_errors(line)) else ["accepted"])
    print(f"1..{report.count}")


main()
