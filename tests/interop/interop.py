# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run by check_interop.py, in an interpreter that has the packages.

interop.py PROGRAM [ROW...]: a row is LIBRARY/MODEL/FORM, or a part of that."""
import concurrent.futures
import dataclasses
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import PIL.Image
import safetensors
import safetensors.torch
import timm.models
import torch
import torchvision.transforms as T
import torchvision.transforms.functional as F

import python_models
import random_weights
from file_forms import FORMS
from python_models import logits_of

TOLERANCE = 1e-4  # of the largest logit
SEED = 7


@dataclasses.dataclass
class Row:
    library: str
    model: python_models.PythonModel
    form: str
    write: object              # (module, state dict, folder) -> file
    named: bool = False        # --model is given, not recognised
    dtype: torch.dtype = torch.float32
    refusal: str = ""          # what the program says; empty: it converts

    @property
    def name(self):
        return f"{self.library}/{self.model.name}/{self.form}"


def write_form(form):
    return lambda _, state, folder: FORMS[form](state, folder)


def save_pretrained(module, _, folder):
    module.save_pretrained(folder)
    return folder / "model.safetensors"


def save_for_hub(module, _, folder):
    timm.models.save_for_hf(module, str(folder), safe_serialization=True)
    return folder / "model.safetensors"


def rows():
    for model in python_models.TORCHVISION:
        yield Row("torchvision", model, "zip", write_form("zip"), named=True)
        yield Row("torchvision", model, "legacy", write_form("legacy"))
        yield Row("torchvision", model, "safetensors", write_form("safetensors"))
        if model.name in ("densenet121", "vit_b_32"):
            yield Row("torchvision", model, "old-names", write_form("old-names"))
        if model.name == "mobilenet_v3_small":
            yield Row("torchvision", model, "sharded", write_form("sharded"))
            yield Row("torchvision", model, "checkpoint", write_form("checkpoint"))
            yield Row("torchvision", model, "half", write_form("zip"), dtype=torch.float16)
            yield Row("torchvision", model, "bfloat16", write_form("safetensors"),
                      dtype=torch.bfloat16)
            yield Row("torchvision", model, "double", write_form("legacy"),
                      dtype=torch.float64)
    for model in python_models.TIMM:
        yield Row("timm", model, "safetensors", write_form("safetensors"))
        if model.name == "mobilenetv3_small_100":
            yield Row("timm", model, "hub", save_for_hub)
            yield Row("timm", model, "checkpoint", write_form("checkpoint"))
    for model in python_models.TRANSFORMERS:
        yield Row("transformers", model, "save_pretrained", save_pretrained)
        yield Row("transformers", model, "zip", write_form("zip"))
    for name, refusal in python_models.REFUSED:
        yield Row("timm", python_models.from_timm(name, ""), "refused",
                  write_form("safetensors"), refusal=refusal)


def run(program, arguments):
    return subprocess.run([program, *map(str, arguments)], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def convert(program, file, bundle, more=()):
    classes = bundle.with_suffix(".txt")
    classes.write_text("".join(f"class {i}\n" for i in range(python_models.CLASSES)),
                       encoding="utf-8")
    return run(program, ["convert", file, "--classes", classes, "-o", bundle, *more])


def described(bundle):
    with safetensors.safe_open(bundle, "pt") as file:
        return json.loads(file.metadata()["torchclassify"])


def self_check_picture(width, height):
    """As docs/model-file.md has it."""
    y, x, c = numpy.mgrid[:height, :width, :3]
    return PIL.Image.fromarray(((7 * x + 13 * y + 29 * c + x * y // 8) % 256).astype("uint8"))


def self_check_input(description):
    shape = description["preprocessing"]
    check = description["self_check"]
    assert shape["resize_mode"] == "shorter-side", shape
    picture = self_check_picture(check["width"], check["height"])
    picture = F.resize(picture, shape.get("resize_size", 256),
                       T.InterpolationMode(shape["interpolation"]))
    picture = F.center_crop(picture, [shape["crop_height"], shape["crop_width"]])
    return F.normalize(F.to_tensor(picture), shape["mean"], shape["std"]).unsqueeze(0)


def usual_input(size):
    """Like the self-check's that a bundle will have, before there is one."""
    return self_check_input({
        "preprocessing": {"resize_mode": "shorter-side", "resize_size": size,
                          "interpolation": "bilinear", "crop_width": size, "crop_height": size,
                          "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
        "self_check": {"width": 64, "height": 48}})


def difference(got, expected):
    return ((got - expected).abs().max() / expected.abs().max()).item()


def expect_near(got, expected, what):
    found = difference(got, expected)
    if not found < TOLERANCE:
        raise AssertionError(f"{what}: expected at most {TOLERANCE}, got {found:.2g}")
    return f"{what} {found:.1e}"


def strict_module(bundle, description):
    """torchvision's own, with the bundle's weights."""
    aux = description["architecture"].get("options", {}).get("aux_logits", 1)
    module = python_models.torchvision_module(description["architecture"]["name"], bool(aux))
    state = module.state_dict()  # for its versions: MNASNet insists on one
    state.clear()
    state.update(safetensors.torch.load_file(bundle))
    module.load_state_dict(state, strict=True)
    return module.eval()


def check_row(program, row, module, folder):
    """What was measured; raises AssertionError."""
    folder.mkdir(parents=True)
    state = module.state_dict()  # with its versions, which torch.save() keeps
    for name, tensor in state.items():
        state[name] = tensor.to(row.dtype) if tensor.is_floating_point() else tensor
    file = row.write(module, state, folder)
    bundle = folder / "bundle.safetensors"
    said = convert(program, file, bundle, ["--model", row.model.architecture] if row.named else [])
    if row.refusal:
        assert said.returncode != 0 and row.refusal in said.stdout, said.stdout.strip()
        return [said.stdout.strip()]
    assert said.returncode == 0, said.stdout.strip()
    description = described(bundle)
    name = description["architecture"]["name"]
    assert name == row.model.architecture, f"expected {row.model.architecture}, got {name}"
    module.load_state_dict(state)  # with what rounding has left
    pictures = self_check_input(description)
    with torch.no_grad():
        expected = logits_of(module, pictures)[0]
        again = strict_module(bundle, description)(pictures)[0]
    ours = torch.tensor(description["self_check"]["logits"])
    return [expect_near(ours, expected, "logits"),
            expect_near(again, expected, "torchvision's with the bundle")]


def check_model(program, model_rows):
    """[(row, what was measured, problem or None)] for rows of one model."""
    model = model_rows[0].model
    module = model.make()
    if not model_rows[0].refusal:
        random_weights.fill(module, lambda x: logits_of(module, x), usual_input(model.size), SEED)
    results = []
    for row in model_rows:
        with tempfile.TemporaryDirectory() as folder:
            try:
                results.append((row, check_row(program, row, module,
                                               pathlib.Path(folder) / row.name), None))
            except Exception as error:  # pylint: disable=broad-except
                results.append((row, [], f"{type(error).__name__}: {error}"))
    return results


def grouped(chosen):
    groups = {}
    for row in chosen:
        groups.setdefault((row.library, row.model.name), []).append(row)
    return list(groups.values())


def main():
    program, parts = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2:]
    torch.set_num_threads(1)
    chosen = [row for row in rows()
              if not parts or any(part in row.name for part in parts)]
    print(f"1..{len(chosen)}", flush=True)
    count = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for results in pool.map(lambda group: check_model(program, group), grouped(chosen)):
            for row, measured, problem in results:
                count += 1
                print("ok" if problem is None else "not ok", count, f"/interop/{row.name}")
                for line in [*measured, *(problem or "").splitlines()]:
                    print("#", line)
                sys.stdout.flush()


if __name__ == "__main__":
    main()
