# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads and cuts BDF and EDF files; written apart from the project's readers."""
from dataclasses import dataclass

import numpy as np


FULL_SCALE = 187500  # uV


@dataclass
class Recording:
    labels: list
    rate: float
    samples: np.ndarray  # channels x samples, in the file's unit


def fields(header, count, width, offset):
    start = 256 + offset * count
    part = header[start : start + width * count]
    return [part[i * width : (i + 1) * width].decode("latin-1").strip() for i in range(count)]


def read_digital(body, width, shape):
    if width == 2:
        return np.frombuffer(body, "<i2").reshape(shape)
    raw = np.frombuffer(body, np.uint8).reshape(*shape, 3).astype(np.int32)
    value = raw[..., 0] | raw[..., 1] << 8 | raw[..., 2] << 16
    return np.where(value >= 1 << 23, value - (1 << 24), value)


def read_bdf(path):
    """All signals, which must have one rate."""
    data = open(path, "rb").read()
    width = 3 if data[0] == 0xFF else 2
    count = int(data[252:256])
    header = 256 * (count + 1)
    per_record = [int(x) for x in fields(data, count, 8, 216)]
    if len(set(per_record)) != 1:
        raise ValueError(f"{path}: signals of several rates")
    size = per_record[0] * count * width
    records = (len(data) - header) // size
    body = data[header : header + records * size]
    digital = read_digital(body, width, (records, count, per_record[0]))
    low, high, dlow, dhigh = (
        np.array(fields(data, count, 8, offset), float)[:, None] for offset in (104, 112, 120, 128)
    )
    flat = digital.transpose(1, 0, 2).reshape(count, -1)
    samples = (flat - dlow) * ((high - low) / (dhigh - dlow)) + low
    return Recording(fields(data, count, 16, 0), per_record[0] / float(data[244:252]), samples)


def write_bdf(path, labels, rate, samples):
    """Whole seconds of microvolts, one-second records, 24 bits."""
    count, records = len(labels), samples.shape[1] // rate
    columns = (
        (16, labels), (80, [""] * count), (8, ["uV"] * count), (8, [f"-{FULL_SCALE}"] * count),
        (8, [str(FULL_SCALE)] * count), (8, ["-8388608"] * count), (8, ["8388607"] * count),
        (80, [""] * count), (8, [str(rate)] * count), (32, [""] * count),
    )
    head = ["BIOSEMI".ljust(7), "X X X X".ljust(80), "synthetic".ljust(80), "01.01.2600.00.00",
            str(256 * (count + 1)).ljust(8), "24BIT".ljust(44), str(records).ljust(8), "1".ljust(8),
            str(count).ljust(4)]
    head += [text.ljust(width) for width, texts in columns for text in texts]
    unit = (samples[:, : records * rate] + FULL_SCALE) / (2.0 * FULL_SCALE)
    digital = np.clip(np.rint(unit * 16777215.0) - 8388608, -8388608, 8388607).astype("<i4")
    raw = digital.reshape(count, records, rate, 1).transpose(1, 0, 2, 3).copy().view(np.uint8)
    with open(path, "wb") as file:
        file.write(b"\xff" + "".join(head).encode("ascii"))
        file.write(np.ascontiguousarray(raw[..., :3]).tobytes())


def cut_bdf(path, target, keep):
    """Writes the first @keep samples of a BDF file with one-second records."""
    data = open(path, "rb").read()
    count = int(data[252:256])
    header = 256 * (count + 1)
    rate = int(fields(data, count, 8, 216)[0])
    raw = np.frombuffer(data, np.uint8, offset=header).reshape(-1, count, rate, 3)
    flat = raw.transpose(1, 0, 2, 3).reshape(count, -1, 3)[:, :keep]
    size = max(d for d in range(1, rate + 1) if keep % d == 0)
    if len(f"{size / rate:g}") > 8:
        size = 1
    head = bytearray(data[:header])
    head[236:244] = b"%-8d" % (keep // size)
    head[244:252] = f"{size / rate:<8g}".encode()
    start = 256 + 216 * count
    head[start : start + 8 * count] = (b"%-8d" % size) * count
    body = flat.reshape(count, keep // size, size, 3).transpose(1, 0, 2, 3)
    with open(target, "wb") as out:
        out.write(head)
        out.write(np.ascontiguousarray(body).tobytes())
