#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints the results of a pipeline with both examples, in C and in Python, and
compares them; TAP. The fake engine's class is a frame's first byte.

check_print_results.py PRINT_RESULTS [PRINT_RESULTS.PY]"""
import subprocess
import sys

WHITE = 235  # videotestsrc's, in GRAY8
SOURCE = ("videotestsrc num-buffers=3 pattern=white ! "
          "video/x-raw,format=GRAY8,width=8,height=4,framerate=25/1 ! ").split()
ONE = SOURCE + "torchclassify name=one model-file=fake ! fakesink".split()
EXPECTED = "".join(f"one {time} s full-frame 0,0 8x4 0.7500 {WHITE} class {WHITE}\n"
                   for time in ("0.000", "0.040", "0.080"))
TWO = SOURCE + ("torchclassify name=one model-file=fake ! "
                "torchclassify name=two model-file=fake ! fakesink").split()
# What each is given, and the words of its only line.
REFUSED = (
    ("a-misspelt-element", SOURCE + ["nosuch", "!", "fakesink"], "nosuch"),
    ("a-line-without-the-element", SOURCE + ["fakesink"], "torchclassify"),
    ("a-lone-element", ["torchclassify"], "torchclassify"),
    ("an-absent-model", SOURCE + ["torchclassify", "model-file=absent", "!",
                                  "fakesink"], "absent"),
)


def run(*command):
    return subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)


def python_with_gstreamer():
    """The interpreter that has the distribution's packages, if any has."""
    for python in (sys.executable, "/usr/bin/python3"):
        tried = run(python, "-c", "import gi; gi.require_version('Gst', '1.0');"
                    "from gi.repository import Gst; Gst.ValueList")
        if tried.returncode == 0:
            return python
    return None


class Report:
    def __init__(self):
        self.count = 0

    def add(self, name, passed, got):
        self.count += 1
        print("ok" if passed else "not ok", self.count, "/examples/print-results/" + name)
        if not passed:
            print("# got:", repr(got))

    def skip(self, name, reason):
        self.count += 1
        print("ok", self.count, "/examples/print-results/" + name, "# SKIP", reason)


def check_errors(report, language, command):
    for name, words, said in REFUSED:
        got = run(*command, *words)
        one_line = got.stderr.count("\n") == 1 and said in got.stderr
        report.add(f"{language}/{name}-is-one-line",
                   got.returncode == 1 and one_line and not got.stdout, got)
    got = run(*command)
    report.add(f"{language}/no-line-shows-the-usage",
               got.returncode == 2 and "print_results" in got.stderr, got)


def main(program, script=None):
    report = Report()
    got = run(program, *ONE)
    report.add("c/every-result-is-a-line", got.stdout == EXPECTED, got)
    got = run(program, *TWO)
    words = [line.split()[0] for line in got.stdout.splitlines()]
    report.add("c/a-second-element-s-buffers-carry-both",
               sorted(words) == ["one"] * 3 + ["two"] * 6, got)
    check_errors(report, "c", [program])

    python = python_with_gstreamer()
    if not script:
        report.skip("python", "a sanitizer")
    elif not python:
        report.skip("python", "no Python with python3-gst-1.0")
    else:
        got = run(python, script, *ONE)
        report.add("python/buffers-say-the-same", got.stdout == EXPECTED, got)
        got = run(python, script, "--messages", *ONE)
        report.add("python/messages-say-the-same", got.stdout == EXPECTED, got)
        check_errors(report, "python", [python, script])
    print(f"1..{report.count}")


if len(sys.argv) not in (2, 3):
    sys.exit(__doc__)
main(*sys.argv[1:])
