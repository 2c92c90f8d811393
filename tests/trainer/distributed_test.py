#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two processes train as one does, and end together; TAP on stdout.

distributed_test.py TORCHCLASSIFY"""
import array
import csv
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

SIDE = 8
CLASSES = {"left": 11, "right": 17, "top": 9}  # pictures to train on
LIMIT = 1e-5
LAUNCHERS = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_", "SLURM_", "OMPI_",
             "PMI_", "MPI_", "TORCHELASTIC_")
GENERIC = "another process of this training has ended"


def picture(name, number):
    """Bright where the class says, by formula."""
    pixels = bytearray()
    for at in range(SIDE * SIDE):
        bright = {"left": at % SIDE < SIDE // 2, "right": at % SIDE >= SIDE // 2,
                  "top": at < SIDE * SIDE // 2}[name]
        for channel in range(3):
            noise = (at * 37 + channel * 11 + number * 101) % 80
            pixels.append(noise + (120 if bright else 40))
    return b"P6 %d %d 255\n" % (SIDE, SIDE) + bytes(pixels)


def write_set(folder, counts, first):
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for i in range(count):
            (folder / name / f"{i:03}.ppm").write_bytes(picture(name, first + i))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Runs:
    """Starts trainings of one set of pictures."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = folder
        self.started = []
        write_set(folder / "train", CLASSES, 0)
        write_set(folder / "val", {"left": 5, "right": 4, "top": 4}, 500)

    def start(self, output, arguments, processes=1, data="train"):
        """One Popen for each process; those after the first write nowhere."""
        port = free_port()
        return [self.start_one(output if rank == 0 else f"{output}-{rank}",
                               arguments, rank, processes, port, data)
                for rank in range(processes)]

    def start_one(self, output, arguments, rank, processes, port, data):
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(LAUNCHERS)}
        environment["OMP_NUM_THREADS"] = "1"
        if processes > 1:
            environment.update(RANK=str(rank), WORLD_SIZE=str(processes),
                               LOCAL_RANK=str(rank), MASTER_ADDR="127.0.0.1",
                               MASTER_PORT=str(port))
        command = [self.program, "train", "--output-dir", self.folder / output,
                   *arguments]
        if "--resume" not in arguments:
            command += ["--data-path", self.folder / data,
                        "--val-path", self.folder / "val", *COMMON]
            if "--model" not in arguments:
                command += ["--model", "simple_cnn"]
        process = subprocess.Popen(command, env=environment, text=True,
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.started.append(process)
        return process

    def finish(self, output, arguments, processes=1, data="train"):
        """What each has printed; they must succeed."""
        printed = []
        for process in self.start(output, arguments, processes, data):
            out, err = process.communicate(timeout=120)
            if process.returncode != 0:
                raise RuntimeError(f"{output}: {process.returncode}: {err}")
            printed.append(out)
        return printed

    def end(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait()


COMMON = ("--dataset imagefolder --img-size 8 --val-resize-size 8 "
          "--train-crop-size 8 --resize-mode squash "
          "--opt sgd --momentum 0.9 --lr 0.02 --lr-scheduler constant "
          "--lr-warmup-epochs 0 --workers 1 --seed 3").split()


def tensors(path):
    """The float32 tensors of a safetensors file."""
    data = path.read_bytes()
    length, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    found = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            begin, end = entry["data_offsets"]
            found[name] = array.array("f", data[8 + length + begin:8 + length + end])
    return found


def difference(one, two, name="last.ckpt"):
    """The largest, over weights, averages and the optimiser's state."""
    first, second = tensors(one / name), tensors(two / name)
    if not first or first.keys() != second.keys():
        raise RuntimeError(f"{one} and {two} have other tensors")
    return max(abs(a - b) for name in first
               for a, b in zip(first[name], second[name], strict=True))


def same_measures(one, two):
    """metrics.json and the rows of predictions.csv, to rounding."""
    def near(a, b):
        if isinstance(a, dict):
            return a.keys() == b.keys() and all(near(a[k], b[k]) for k in a)
        if isinstance(a, list):
            return len(a) == len(b) and all(map(near, a, b))
        if isinstance(a, float):
            return abs(a - b) <= 1e-4
        return a == b

    def rows(folder):
        with open(folder / "predictions.csv", newline="") as file:
            return [row[:3] for row in csv.reader(file)]

    metrics = [json.loads((folder / "metrics.json").read_text())
               for folder in (one, two)]
    return near(*metrics) and len(rows(one)) == 14 and rows(one) == rows(two)


# Batches that do not divide the 37 pictures: the last one is smaller.
CASES = {
    "a plain network": ["--epochs", "3"],
    "summed batches": ["--epochs", "2", "--grad-accum-steps", "2"],
    "class weights": ["--epochs", "2", "--class-weights", "balanced",
                      "--label-smoothing", "0.1"],
    "an average and clipping": ["--epochs", "2", "--model-ema",
                                "--model-ema-steps", "1",
                                "--clip-grad-norm", "0.5"],
    "frozen batch norms": ["--epochs", "2", "--model", "cifar_resnet20",
                           "--freeze", "bn"],
    "frozen layers": ["--epochs", "2", "--freeze", "conv1"],
}


def check_case(runs, number, arguments):
    one, two = f"one{number}", f"two{number}"
    runs.finish(one, [*arguments, "-b", "8"])
    printed = runs.finish(two, [*arguments, "-b", "4"], processes=2)
    one, two = runs.folder / one, runs.folder / two
    largest = difference(one, two)
    print(f"# differs by at most {largest:.3g}")
    return {"trains to the same weights": largest <= LIMIT,
            "has the same measures": same_measures(one, two),
            "is silent but for the first": "best_epoch=" in printed[0]
                                           and printed[1] == ""
                                           and not two.with_name(two.name + "-1").exists()}


def check_norms(runs):
    """Batch norms in training mode. Of 26 pictures the third process has none
    in the last batch, where it must take part nevertheless."""
    write_set(runs.folder / "few", {"left": 9, "right": 9, "top": 8}, 0)
    arguments = ["--epochs", "1", "--model", "cifar_resnet20"]
    runs.finish("norms", [*arguments, "-b", "12"], data="few")
    runs.finish("norms-alone", [*arguments, "-b", "12", "--sync-bn"], data="few")
    for name, more in {"norms-together": ["--sync-bn"], "norms-apart": []}.items():
        runs.finish(name, [*arguments, "-b", "4", *more], 3, data="few")
    one, alone, together, apart = (
        runs.folder / name for name in
        ("norms", "norms-alone", "norms-together", "norms-apart"))
    largest, usual = (difference(one, other, "best.safetensors")
                      for other in (together, apart))
    print(f"# differ by at most {largest:.3g}, by {usual:.3g} without --sync-bn")
    return {"of all processes train to the same weights": largest <= LIMIT,
            "of all processes have the same measures": same_measures(one, together),
            "of each process do not": usual > 100 * LIMIT,
            "of one process are its own": difference(one, alone) == 0}


LONG = ["--epochs", "100000", "-b", "4", "--print-freq", "1",
        "--checkpoint-steps", "1"]


def check_death(runs, killed):
    """The other one's exit status, words, and the seconds until then."""
    output = f"killed{killed}"
    processes = runs.start(output, LONG, processes=2)
    while "epoch=2 " not in processes[0].stdout.readline():
        if processes[0].poll() is not None:
            raise RuntimeError(processes[0].communicate()[1])
    processes[killed].send_signal(signal.SIGKILL)
    begin = time.monotonic()
    _, err = processes[1 - killed].communicate(timeout=60)
    print("#", err.strip())
    return {"ends the other within 30 s": time.monotonic() - begin < 30,
            "is said in one sentence": err.count("\n") == 1 and GENERIC in err,
            "can be tried again": processes[1 - killed].returncode == 75}


def check_resume(runs):
    """From a checkpoint amid an epoch: that of the killed run."""
    checkpoint = runs.folder / "killed1" / "last.ckpt"
    done = json.loads((runs.folder / "killed1" / "status.json").read_text())["epoch"]
    epochs = ["--epochs", str(done + 2)]
    runs.finish("resumed", ["--resume", checkpoint, *epochs], processes=2)
    runs.finish("straight", [*epochs, "-b", "8"])
    one, two = runs.folder / "straight", runs.folder / "resumed"
    largest = difference(one, two)
    print(f"# differs by at most {largest:.3g}")
    return {"goes on to the same weights": largest <= LIMIT,
            "has the same measures": same_measures(one, two)}


def check_corrupt(runs):
    """A picture that the second process alone gets to see."""
    write_set(runs.folder / "broken", CLASSES, 0)
    bad = runs.folder / "broken" / "left" / "004.ppm"
    bad.write_bytes(b"P6 8 8 255\nshort")
    processes = runs.start("corrupt", ["--epochs", "1", "-b", "4"],
                           processes=2, data="broken")
    errors = [process.communicate(timeout=60)[1] for process in processes]
    codes = [process.returncode for process in processes]
    print("#", errors)
    named = ["004.ppm" in error for error in errors]
    generic = [GENERIC in error for error in errors]
    return {"is named by who met it": sum(named) == 1,
            "ends the other": sum(generic) == 1 and named != generic,
            "is bad input": sorted(codes) == [65, 75]}


def check_skipped(runs):
    """Pictures left out, of which each process meets some; the last check,
    for it spoils the validation set."""
    write_set(runs.folder / "holes", CLASSES, 0)
    bad = [runs.folder / "holes" / "left" / f"{i:03}.ppm" for i in range(1, 9)]
    bad_val = [runs.folder / "val" / "left" / f"{i:03}.ppm" for i in range(5)]
    for path in bad + bad_val:
        path.write_bytes(b"P6 8 8 255\nshort")
    arguments = ["--epochs", "1", "-b", "4", "--on-corrupt", "report"]
    processes = runs.start("holes-run", arguments, processes=2, data="holes")
    ended = [process.communicate(timeout=60) for process in processes]
    met = [out.count("skipped: ") for out, _ in ended]
    print("#", met, [err for _, err in ended])
    output = runs.folder / "holes-run"
    with open(output / "skipped.csv", newline="") as file:
        named = [row[0] for row in csv.reader(file)][1:]
    report = (output / "report.html").read_text()
    return {"are met by both": 0 < min(met) <= max(met) < len(named),
            "are all in skipped.csv": named == sorted(map(str, bad + bad_val)),
            "are all in the report": all(str(path) in report for path in bad_val),
            "are counted by the first": processes[0].returncode == 65
                                        and f"{len(named)} pictures" in ended[0][1]}


def main():
    checks = {}
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(sys.argv[1], pathlib.Path(folder))
        try:
            for number, (name, arguments) in enumerate(CASES.items()):
                for what, holds in check_case(runs, number, arguments).items():
                    checks[f"{name} {what}"] = holds
            for what, holds in check_norms(runs).items():
                checks[f"batch norms {what}"] = holds
            for killed in (0, 1):
                for what, holds in check_death(runs, killed).items():
                    checks[f"killing process {killed} {what}"] = holds
            for what, holds in check_resume(runs).items():
                checks[f"a resumed run {what}"] = holds
            for what, holds in check_corrupt(runs).items():
                checks[f"a corrupt picture {what}"] = holds
            for what, holds in check_skipped(runs).items():
                checks[f"pictures left out {what}"] = holds
        finally:
            runs.end()
    print(f"1..{len(checks)}")
    for number, (name, holds) in enumerate(checks.items(), 1):
        print("ok" if holds else "not ok", number, "-", name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
