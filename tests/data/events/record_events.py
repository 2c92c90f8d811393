#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes events.hex: an event file by TensorBoard's own code, for a fixed time.

Needs the tensorboard package."""
import io
import pathlib

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter


def main():
    file = io.BytesIO()
    writer = RecordWriter(file)
    version = event_pb2.Event(wall_time=1700000000.25, file_version="brain.Event:2")
    summary = summary_pb2.Summary(value=[
        summary_pb2.Summary.Value(tag="accuracy/valid", simple_value=0.75),
        summary_pb2.Summary.Value(tag="loss", simple_value=2.5)])
    scalars = event_pb2.Event(wall_time=1700000001.5, step=300, summary=summary)
    restart = event_pb2.Event(
        wall_time=1700000002.5, step=300,
        session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START))
    for event in version, scalars, restart:
        writer.write(event.SerializeToString())
    recorded = pathlib.Path(__file__).with_name("events.hex")
    recorded.write_text(file.getvalue().hex() + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
