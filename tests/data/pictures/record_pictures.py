#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes one small picture of each kind, and records what Pillow reads in them
and in a folder of broken ones (../shared/data/corrupt-images).

    record_pictures.py CORRUPT_FOLDER

A line of decoded.txt is NAME WIDTH HEIGHT PIXELS: all pixels, RGB, as hex.
A line of corrupt.txt is NAME WIDTH HEIGHT SAMPLES: 24 pixels of a 6x4 grid.
Files that Pillow refuses have no line.
"""
import struct
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

HERE = Path(__file__).parent
WIDTH, HEIGHT = 7, 5


def png(depth, kind, rows, extra=b""):
    def chunk(name, content):
        crc = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, kind, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra
            + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def make_pictures(folder):
    random = np.random.default_rng(1)
    deep = random.integers(0, 65536, (HEIGHT, WIDTH, 4)).astype(">u2")
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    image = Image.fromarray(
        np.stack([x * 36, y * 60, 255 - x * 20], axis=2).astype(np.uint8))
    alpha = image.convert("RGBA")
    alpha.putalpha(Image.fromarray((x * 30 + y).astype(np.uint8)))

    for channels, kind, name in ((1, 0, "grey"), (2, 4, "grey_alpha"),
                                 (3, 2, "colour"), (4, 6, "colour_alpha")):
        rows = [row.tobytes() for row in deep[:, :, :channels]]
        (folder / f"{name}_16.png").write_bytes(png(16, kind, rows))
    image.convert("1").save(folder / "bits.png")
    image.convert("1").save(folder / "bits.pbm")
    image.convert("1").save(folder / "bits.tif")
    image.convert("L").save(folder / "grey.pgm")
    image.convert("LA").save(folder / "grey_alpha.png")
    image.quantize(16).save(folder / "palette.png", transparency=3)
    image.quantize(16).save(folder / "palette.bmp")
    image.quantize(16).save(folder / "palette.tif")
    alpha.save(folder / "alpha.png")
    alpha.save(folder / "alpha.webp", lossless=True, exact=True)
    image.convert("CMYK").save(folder / "cmyk.tif")
    image.save(folder / "colour.bmp")
    image.save(folder / "packed.tif", compression="tiff_lzw")
    (folder / "deep.ppm").write_bytes(
        b"P6 %d %d 65535\n" % (WIDTH, HEIGHT) + deep[:, :, :3].tobytes())
    for orientation in range(2, 9):
        exif = Image.Exif()
        exif[0x112] = orientation
        image.save(folder / f"turned_{orientation}.webp", lossless=True, exif=exif)
        image.save(folder / f"turned_{orientation}.png", exif=exif)


def read(path):
    image = ImageOps.exif_transpose(Image.open(path))
    return np.asarray(image.convert("RGB"))


def record(paths, output, pick):
    lines = []
    for path in paths:
        try:
            pixels = read(path)
        except Exception:  # whatever Pillow throws at broken files
            continue
        height, width, _ = pixels.shape
        lines.append(f"{path.name} {width} {height} {pick(pixels).tobytes().hex()}\n")
    output.write_text("".join(lines))


def grid(pixels):
    height, width, _ = pixels.shape
    return pixels[[height * i // 4 for i in range(4)]][:, [width * i // 6 for i in range(6)]]


def main():
    warnings.simplefilter("ignore")
    make_pictures(HERE)
    own = [path for path in sorted(HERE.iterdir()) if path.suffix not in (".py", ".txt")]
    record(own, HERE / "decoded.txt", lambda pixels: pixels)
    record(sorted(Path(sys.argv[1]).iterdir()), HERE / "corrupt.txt", grid)


main()
