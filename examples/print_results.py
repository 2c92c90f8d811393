#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plays a launch line and prints every result of its elements torchclassify,
one a line: from the buffers that leave them, or from their messages. Needs
python3-gst-1.0, which makes lists and structures readable.

print_results.py [--messages] ELEMENT... (as for gst-launch-1.0)"""
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

FACTORY = "torchclassify"


def die(text):
    print("print_results.py:", text, file=sys.stderr)
    sys.exit(1)


def print_frame(element, structure):
    """What the meta and the message share, every field of both."""
    seconds = structure["timestamp"] / Gst.SECOND
    for result in structure["results"]:
        print(f"{element} {seconds:.3f} s {result['region']}"
              f" {result['x']},{result['y']} {result['width']}x{result['height']}"
              f" {result['confidence']:.4f} {result['label-id']} {result['label']}")


def on_buffer(pad, info):
    # The first one only: of several elements in line, messages tell all.
    meta = info.get_buffer().get_custom_meta(FACTORY)
    if meta:
        print_frame(pad.get_parent_element().get_name(), meta.get_structure())
    return Gst.PadProbeReturn.OK


def elements_of(pipeline):
    found = []
    pipeline.iterate_all_by_element_factory_name(FACTORY).foreach(found.append)
    return found


def play(pipeline):
    """Prints the messages torchclassify until the stream ends."""
    bus = pipeline.get_bus()
    pipeline.set_state(Gst.State.PLAYING)
    try:
        while True:
            message = bus.timed_pop_filtered(
                Gst.CLOCK_TIME_NONE, Gst.MessageType.ELEMENT |
                Gst.MessageType.ERROR | Gst.MessageType.EOS)
            if message.type == Gst.MessageType.EOS:
                return
            if message.type == Gst.MessageType.ERROR:
                die(message.parse_error()[0].message)
            if message.get_structure().get_name() == FACTORY:
                print_frame(message.src.get_name(), message.get_structure())
    finally:
        pipeline.set_state(Gst.State.NULL)


def main(words):
    Gst.init(None)
    messages = words[:1] == ["--messages"]
    words = words[messages:]
    if not words:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    try:
        pipeline = Gst.parse_launchv_full(words, None, Gst.ParseFlags.FATAL_ERRORS)
    except gi.repository.GLib.Error as error:
        die(error.message)
    elements = elements_of(pipeline) if isinstance(pipeline, Gst.Pipeline) else []
    if not elements:
        die(f"expected an element {FACTORY}, found none in the launch line")
    for element in elements:
        element.set_property("post-messages", "all" if messages else "none")
        if not messages:
            element.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, on_buffer)
    play(pipeline)


main(sys.argv[1:])
