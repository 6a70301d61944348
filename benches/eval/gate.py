"""Replays a corpus at the write gate of a server of its own and counts what it stores.

    gate.py JMEM DATA [--junk FILE]

DATA as for run.py. Each tenant's memories are added once (facts that are new), then again: verbatim, in other dress (simple
edits that change nothing that is said), as echoes of search results, and between them lines of junk that no classifier was
trained on. Tenants are dealt out to two halves: thresholds were chosen by the first, the second is for reporting. Printed for each half: the part of
new facts that was refused, of repetitions that was stored, of junk that was stored.
"""

import argparse
import random
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

from run import Server, lines

HERE = Path(__file__).parent
CONTRACTIONS = [("do not", "don't"), ("does not", "doesn't"), ("did not", "didn't"), ("is not", "isn't"), ("I am", "I'm"),
                ("it is", "it's"), ("they are", "they're"), ("we are", "we're"), ("will not", "won't"), ("cannot", "can't")]
NUMBERS = {"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10"}


def in_other_dress(text, dice):
    """One to three edits that leave what is said as it is."""
    edits = [
        lambda t: t.lower(),
        lambda t: t.upper(),
        lambda t: t.rstrip(".!?"),
        lambda t: t.rstrip(".!?") + "!",
        lambda t: re.sub(r"\s+", "  ", t),
        lambda t: t.replace("'", "\u2019"),
        lambda t: t.replace(" and ", " & "),
        lambda t: re.sub(r",", "", t),
        lambda t: "By the way, " + t,
        lambda t: "Please remember that " + t,
        lambda t: "Note that " + t,
        lambda t: "The user said that " + t,
        lambda t: t.rstrip(".") + ", by the way.",
        lambda t: re.sub(r"\b(is|are|was|were|has|have)\b", r"\1 really", t, count=1),
        lambda t: re.sub(r"\b(the|a|an) ", "", t, count=1, flags=re.I),
        lambda t: re.sub("|".join(NUMBERS), lambda m: NUMBERS[m.group(0)], t),
        lambda t: next((t.replace(a, b, 1) for a, b in CONTRACTIONS if a in t), next((t.replace(b, a, 1) for a, b in CONTRACTIONS if b in t), t)),
    ]
    for edit in dice.sample(edits, dice.randint(1, 3)):
        text = edit(text)
    return text


def echo(hits, dice):
    """What a client makes of what it was given."""
    texts = [hit["memory"] for hit in hits]
    match dice.randint(0, 3):
        case 0:
            return texts[0]
        case 1:
            return f"According to my memory: {texts[0]}"
        case 2:
            return " ".join(texts[:2])
        case _:
            return "\n".join(f"- {text}" for text in texts[:3])


def add(server, token, memories):
    results = []
    for start in range(0, len(memories), 100):
        answer = server.call(token, "/api/v1/memories/batch?wait=true", {"memories": memories[start : start + 100]})
        results += answer["results"]
    return results


def fields(memory):
    named = {"text": memory["text"], "speaker": memory.get("speaker"), "occurred_at": memory.get("date"), "session_id": memory.get("session")}
    return {name: value for name, value in named.items() if value is not None}


def replay(server, name, tenant, memories, queries, junk, dice):
    counts = Counter()
    examples = []

    def count(kind, sent, results, wanted):
        for memory, result in zip(sent, results, strict=True):
            stored = result["event"] != "NONE"
            counts[kind] += 1
            if stored != wanted:
                counts[f"{kind} wrong"] += 1
                examples.append((kind, result.get("reason"), memory["text"]))

    token = server.account(f"{name}-{tenant}".lower())
    new = list({(m["text"], m.get("speaker"), m.get("session")): fields(m) for m in memories}.values())
    count("new", new, add(server, token, new), True)
    again = [dict(memory) for memory in new]
    count("verbatim", again, add(server, token, again), False)
    dressed = [{**memory, "text": in_other_dress(memory["text"], dice)} for memory in new]
    mixed = [(memory, "dressed") for memory in dressed] + [({"text": line}, "junk") for line in junk]
    dice.shuffle(mixed)
    for kind in ("dressed", "junk"):
        sent = [memory for memory, of in mixed if of == kind]
        count(kind, sent, add(server, token, sent), False)
    for query in dice.sample(queries, min(100, len(queries))):
        hits = server.call(token, "/api/v1/memories/search", {"query": query["text"], "limit": 5})["results"]
        if hits:
            sent = [{"text": echo(hits, dice)}]
            count("echo", sent, add(server, token, sent), False)
    return counts, examples


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("jmem")
    parser.add_argument("data", type=Path)
    parser.add_argument("--junk", type=Path, default=HERE.parent / "gate" / "lines" / "test" / "junk.txt")
    parser.add_argument("--show", type=int, default=0, help="print so many wrong decisions of each half")
    args = parser.parse_args()
    junk = [line.replace("\\n", "\n") for line in args.junk.read_text(encoding="utf-8").splitlines() if line.strip()]
    with tempfile.TemporaryDirectory() as directory:
        server = Server(args.jmem, directory, None)
        try:
            for path in sorted(args.data.glob("*.memories.jsonl")):
                name = path.name.removesuffix(".memories.jsonl")
                memories, queries = lines(path), lines(args.data / f"{name}.queries.jsonl")
                halves = {"choosing": (Counter(), []), "reporting": (Counter(), [])}
                for at, tenant in enumerate(dict.fromkeys(memory["tenant"] for memory in memories)):
                    half = halves["choosing" if at % 2 == 0 else "reporting"]
                    of = [m for m in memories if m["tenant"] == tenant], [q for q in queries if q["tenant"] == tenant]
                    part = junk[at % 2 :: 2]
                    counts, examples = replay(server, name, tenant, *of, part, random.Random(at))
                    half[0].update(counts)
                    half[1].extend(examples)
                for half, (counts, examples) in halves.items():
                    repeated = sum(counts[kind] for kind in ("verbatim", "dressed", "echo"))
                    again = sum(counts[f"{kind} wrong"] for kind in ("verbatim", "dressed", "echo"))
                    parts = ", ".join("{} {}/{}".format(kind, counts[kind + " wrong"], counts[kind]) for kind in ("verbatim", "dressed", "echo"))
                    print(f"{name}, {half} half: new facts refused {counts['new wrong']}/{counts['new']} = {counts['new wrong'] / counts['new']:.2%}, "
                          f"repetitions stored {again}/{repeated} = {again / repeated:.2%} "
                          f"({parts}), "
                          f"junk stored {counts['junk wrong']}/{counts['junk']} = {counts['junk wrong'] / max(counts['junk'], 1):.2%}")
                    for example in examples[: args.show]:
                        print("   ", example, file=sys.stderr)
        finally:
            server.process.terminate()
            server.process.wait()


if __name__ == "__main__":
    main()
