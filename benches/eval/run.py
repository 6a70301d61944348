"""Runs retrieval corpora through the REST API of a server of its own and writes run files for their scorer.

    run.py JMEM DATA OUT [--weight W]

DATA holds pairs NAME.memories.jsonl ({tenant, order, text, speaker?, date?, session?}) and NAME.queries.jsonl
({tenant, qid, cat?, text, relevant: [order, ...]}). Each tenant gets an account of its own; its memories are added verbatim.
OUT/NAME.run.jsonl gets a line for each query, {tenant, qid, ranked: [order, ...]}, best first. Printed are, without category 5
(questions that have no answer):
- recall@10 and nDCG@10;
- the part of the evidence that a context of 500, 1,000 and 2,000 tokens has;
- where there are several tenants, abstention: each question is asked in its own tenant and in up to four others, where nothing
  answers it. `area` is the area under the curve of the best score of ten, own against other; `nothing` the part of the questions in other
  tenants that get nothing by default; `kept` the part of the evidence among the first ten that the default keeps.
Standard library alone.
"""

import argparse
import bisect
import json
import math
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

LIMIT = 50
BATCH = 100


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


class Server:
    def __init__(self, jmem, directory, weight):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        env = {**os.environ, "PORT": str(port), "JM_DATA_DIR": directory, "JM_LOG": "error", "JM__AUTH__REGISTRATION": "true"}
        env["JM__LIMITS__REGISTRATIONS_PER_HOUR"] = "100000"
        if weight:
            env["JM__INDEX__DENSE_WEIGHT"] = weight
        self.process = subprocess.Popen([jmem, "serve"], env=env, stdout=subprocess.DEVNULL)
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{self.base}/health/ready").close()
                return
            except OSError:
                time.sleep(0.05)
        sys.exit("the server does not become ready")

    def call(self, token, path, body):
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(self.base + path, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            sys.exit(f"{path}: {error.code} {error.read().decode()}")

    def account(self, name):
        return self.call(None, "/api/v1/auth/register", {"email": f"{name}@example.com", "password": "correct horse battery"})["access_token"]


def fill(server, token, memories):
    """Adds memories in order; answers their order numbers by id."""
    orders = {}
    for start in range(0, len(memories), BATCH):
        part = memories[start : start + BATCH]
        sent = []
        for memory in part:
            fields = {"text": memory["text"], "speaker": memory.get("speaker"), "occurred_at": memory.get("date"),
                      "session_id": memory.get("session")}
            sent.append({name: value for name, value in fields.items() if value is not None})
        answer = server.call(token, "/api/v1/memories/batch?wait=true", {"memories": sent})
        for memory, result in zip(part, answer["results"], strict=True):
            if result.get("event") == "ADD":
                orders[result["id"]] = memory["order"]
            elif result.get("event") is None:
                print("refused:", result, repr(memory["text"][:80]), file=sys.stderr)
    return orders


def score(query, ranked):
    ranks = [ranked.index(order) if order in ranked else math.inf for order in query["relevant"]]
    recall = sum(rank < 10 for rank in ranks) / len(ranks)
    gain = sum(1 / math.log2(rank + 2) for rank in ranks if rank < 10)
    return recall, gain / sum(1 / math.log2(at + 2) for at in range(min(len(ranks), 10)))


def area(own, other):
    """The chance that one of `own` is more than one of `other`."""
    other = sorted(other)
    return statistics.fmean((bisect.bisect_left(other, best) + bisect.bisect_right(other, best)) / 2 for best in own) / len(other)


def run(server, name, memories, queries, out):
    scores, times, own, other, kept, contexts = [], [], [], [], [], {500: [], 1_000: [], 2_000: []}
    tenants = {}
    for tenant in dict.fromkeys(memory["tenant"] for memory in memories):
        token = server.account(f"{name}-{tenant}".lower())
        tenants[tenant] = token, fill(server, token, [memory for memory in memories if memory["tenant"] == tenant])
    with open(out, "w", encoding="utf-8") as file:
        for query in queries:
            token, orders = tenants[query["tenant"]]
            start = time.perf_counter()
            answer = server.call(token, "/api/v1/memories/search", {"query": query["text"], "limit": LIMIT, "threshold": 0})["results"]
            times.append(time.perf_counter() - start)
            ranked = [orders[hit["id"]] for hit in answer]
            file.write(json.dumps({"tenant": query["tenant"], "qid": query["qid"], "ranked": ranked}) + "\n")
            if str(query.get("cat")) == "5":
                continue
            scores.append(score(query, ranked))
            own.append(max(hit["score"] for hit in answer[:10]))
            told = server.call(token, "/api/v1/memories/search", {"query": query["text"], "limit": 10})["results"]
            told = {orders[hit["id"]] for hit in told}
            kept += [order in told for order in ranked[:10] if order in query["relevant"]]
            for tokens, found in contexts.items():
                context = server.call(token, "/api/v1/context", {"query": query["text"], "tokens": tokens})["memories"]
                there = {orders[memory["id"]] for memory in context}
                found.append(statistics.fmean(order in there for order in query["relevant"]))
            for elsewhere in [tenant for tenant in tenants if tenant != query["tenant"]][:4]:
                body = {"query": query["text"], "limit": 10, "nearest": True}
                answer = server.call(tenants[elsewhere][0], "/api/v1/memories/search", body)
                hits = answer["results"] + answer.get("nearest", [])
                other.append((max((hit["score"] for hit in hits), default=0), not answer["results"]))
    recall, gain = (statistics.fmean(column) for column in zip(*scores, strict=True))
    shares = " / ".join(f"{statistics.fmean(found):.3f}" for found in contexts.values())
    print(f"{name}: {len(memories)} memories, {len(scores)} questions, R@10 {recall:.4f}, nDCG@10 {gain:.4f}, "
          f"search p50 {1e3 * statistics.median(times):.2f} ms, in contexts {shares}, kept {statistics.fmean(kept):.4f}")
    if other:
        print(f"  asked elsewhere: area {area(own, [best for best, _ in other]):.4f}, "
              f"nothing {statistics.fmean(nothing for _, nothing in other):.4f}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("jmem")
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--weight", help="weight of the dense leg")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    names = sorted(path.name.removesuffix(".memories.jsonl") for path in args.data.glob("*.memories.jsonl"))
    if not names:
        sys.exit(f"there is no *.memories.jsonl in {args.data}")
    with tempfile.TemporaryDirectory() as directory:
        server = Server(args.jmem, directory, args.weight)
        try:
            for name in names:
                run(server, name, lines(args.data / f"{name}.memories.jsonl"), lines(args.data / f"{name}.queries.jsonl"),
                    args.out / f"{name}.run.jsonl")
        finally:
            server.process.terminate()
            server.process.wait()


if __name__ == "__main__":
    main()
