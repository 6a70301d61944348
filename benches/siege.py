"""One account sends the worst that is known, from four clients at once; another one searches meanwhile.

    siege.py JMEM [--minutes 10] [--clients 4]

Starts a server of its own on an empty directory. Printed at the end: how long the other tenant's searches and the liveness probe
took, the server's memory, and what the attackers were answered. It fails where a search's p95 is over 50 ms, a probe's over 200 ms,
the server took more than 512 MiB or answered a 500, or anything is wrong after the siege. Standard library alone; Linux.
"""

import argparse
import collections
import gzip
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

PASSWORD = "correct horse battery"
MIB = 1 << 20


class Server:
    def __init__(self, jmem, directory):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        env = {**os.environ, "PORT": str(self.port), "JM_DATA_DIR": directory, "JM_LOG": "error"}
        self.process = subprocess.Popen([jmem, "serve"], env=env, stdout=subprocess.DEVNULL)
        for _ in range(400):
            try:
                if Client(self.port).call("GET", "/health/ready")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        sys.exit("the server does not become ready")

    def memory(self, figure):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) // 1024 for line in file if line.startswith(figure))


class Client:
    """One connection that is opened again when it was closed."""

    def __init__(self, port, token=None):
        self.port, self.token, self.connection = port, token, None

    def call(self, method, path, body=None, more=None):
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", **(more or {})}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                self.connection = None
                if attempt == 2:
                    raise

    def json(self, method, path, body=None):
        status, answer = self.call(method, path, None if body is None else json.dumps(body))
        if status >= 300:
            sys.exit(f"{path}: {status} {answer[:300]!r}")
        return json.loads(answer)


def account(port, name):
    body = {"email": f"{name}@example.com", "password": PASSWORD}
    return Client(port, Client(port).json("POST", "/api/v1/auth/register", body)["access_token"])


def words(count, seed):
    draw = random.Random(seed)
    return " ".join(f"{draw.choice('bcdfglmnprst')}{draw.choice('aeiou')}{draw.choice('lmnrst')}{draw.randrange(9999)}" for _ in range(count))


def batch(texts, path="/api/v1/memories/batch"):
    return "POST", path, json.dumps({"memories": [{"text": text} for text in texts]})


def arms():
    """What is sent, made beforehand: the attackers' own work must not be what is measured."""
    long = words(4_000, 1)[:30_000]
    secrets = " ".join(f"sk-{random.Random(n).randbytes(20).hex()} password: x{n} 4111 1111 1111 11{n % 90 + 10}" for n in range(300))
    hidden = "".join(f"a\u200b\u2060\U000e0041{n}" for n in range(2_000))
    dates = "What was said on " + " ".join(f"{n % 28 + 1} May {1900 + n % 130}" for n in range(100))
    speakers = [{"text": f"I am number {n}", "speaker": f"Person {n}", "session_id": f"s{n % 7}"} for n in range(100)]
    bomb = gzip.compress(b"[" + b'"a sentence that is said again and again",' * 800_000 + b'"end"]', 9)
    lines = gzip.compress(b"".join(json.dumps({"text": words(8, n)}).encode() + b"\n" for n in range(20_000)), 1)
    tall = json.dumps({"text": "x"})[:-1] + ', "metadata": ' + '{"a":' * 100 + "1" + "}" * 100 + "}"
    yield from (
        ("search, long", ("POST", "/api/v1/memories/search", json.dumps({"query": long[:3_900], "limit": 100}))),
        ("search, dates", ("POST", "/api/v1/memories/search", json.dumps({"query": dates[:1_900], "limit": 100}))),
        ("search, one letter", ("POST", "/api/v1/memories/search", json.dumps({"query": "e " * 900, "limit": 100}))),
        ("search, foreign", ("POST", "/api/v1/memories/search", json.dumps({"query": "我每年春天都喜欢在优胜美地攀岩" * 40, "limit": 100}))),
        ("context", ("POST", "/api/v1/context", json.dumps({"query": long[:1_500], "tokens": 4_000}))),
        ("list, contains", ("GET", "/api/v1/memories/?size=100&search_query=e", None)),
        ("list, deep", ("GET", "/api/v1/memories/?size=100&page=90", None)),
        ("stats", ("GET", "/api/v1/stats", None)),
        ("tags", ("GET", "/api/v1/memories/categories", None)),
        ("export", ("GET", "/api/v1/export", None)),
        ("undo", ("POST", "/api/v1/undo", json.dumps({"app": "web", "dry_run": True}))),
        ("archive", ("POST", "/api/v1/memories/actions/archive", json.dumps([f"01890a5d-ac96-774b-bcce-{n:012x}" for n in range(100)]))),
        ("import, bomb", ("POST", "/api/v1/import?dry_run=true", bomb)),
        ("import, lines", ("POST", "/api/v1/import?dry_run=true", lines)),
        ("deep", ("POST", "/api/v1/memories/", tall)),
        ("hidden", ("POST", "/api/v1/memories/", json.dumps({"text": hidden}))),
        ("secrets", ("POST", "/api/v1/memories/", json.dumps({"text": secrets[:30_000]}))),
        ("speakers", ("POST", "/api/v1/memories/batch", json.dumps({"memories": speakers}))),
        ("infer", ("POST", "/api/v1/memories/", json.dumps({"text": long, "infer": True}))),
        ("mcp, garbage", ("POST", "/mcp", "[" * 50_000)),
        ("mcp, list", ("POST", "/mcp", json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                                                  "params": {"name": "list_memories", "arguments": {"limit": 100}}}))),
        ("mcp, search", ("POST", "/mcp", json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                                                    "params": {"name": "search_memory", "arguments": {"query": long[:1_900]}}}))),
    )
    for n in range(30):
        yield f"batch {n}", batch([words(250, 100 * n + at) for at in range(60)])
        yield f"long texts {n}", batch([words(4_000, 10_000 + 10 * n + at)[:30_000] for at in range(4)])


class Siege:
    def __init__(self, server, minutes):
        self.server, self.end, self.lock = server, time.monotonic() + 60 * minutes, threading.Lock()
        self.answers, self.slowest, self.searches, self.probes, self.worst = collections.Counter(), collections.Counter(), [], [], 0

    def attack(self, token, arms, seed):
        draw, client = random.Random(seed), Client(self.server.port, token)
        while time.monotonic() < self.end:
            name, request = draw.choice(arms)
            start = time.monotonic()
            try:
                status, _ = client.call(*request)
            except (OSError, http.client.HTTPException) as error:
                status = type(error).__name__
            took, kind = time.monotonic() - start, name.rstrip("0123456789 ")
            with self.lock:
                self.answers[kind, status] += 1
                self.slowest[kind] = max(self.slowest[kind], took)

    def measure(self, client, method, path, body, times, pause):
        while time.monotonic() < self.end:
            start = time.monotonic()
            status, answer = client.call(method, path, body)
            times.append(time.monotonic() - start)
            if status != 200 or (body and not json.loads(answer)["results"]):
                with self.lock:
                    self.answers["OTHER TENANT", status] += 1
            time.sleep(pause)

    def watch(self):
        while time.monotonic() < self.end:
            self.worst = max(self.worst, self.server.memory("VmRSS"))
            time.sleep(0.2)


def told(what, times, bar):
    times = sorted(1e3 * t for t in times)
    at = lambda part: times[min(len(times) - 1, int(part * len(times)))]
    print(f"{what}: {len(times)}, p50 {statistics.median(times):.1f} ms, p95 {at(.95):.1f}, p99 {at(.99):.1f}, slowest {times[-1]:.0f}")
    return at(0.95) <= bar


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("jmem")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=4)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        server = Server(args.jmem, directory)
        try:
            attacker, other = account(server.port, "attacker"), account(server.port, "other")
            # MCP takes keys and REST does, too.
            attacker.token = attacker.json("POST", "/api/v1/keys/", {"name": "siege", "scopes": ["memory:read", "memory:write", "memory:delete", "memory:delete_all"]})["api_key"]
            for start in range(0, 1_000, 100):
                other.call(*batch([words(12, 500_000 + n) for n in range(start, start + 100)], "/api/v1/memories/batch?wait=true"))
            idle, siege, sent = server.memory("VmRSS"), Siege(server, args.minutes), list(arms())
            query = json.dumps({"query": words(5, 500_007), "limit": 10})
            threads = [threading.Thread(target=siege.attack, args=(attacker.token, sent, n)) for n in range(args.clients)]
            search = ("POST", "/api/v1/memories/search", query, siege.searches, 0.02)
            threads.append(threading.Thread(target=siege.measure, args=(Client(server.port, other.token), *search)))
            threads.append(threading.Thread(target=siege.measure, args=(Client(server.port), "GET", "/health/live", None, siege.probes, 0.05)))
            threads.append(threading.Thread(target=siege.watch))
            [thread.start() for thread in threads]
            [thread.join() for thread in threads]
            for (kind, status), count in sorted(siege.answers.items(), key=str):
                print(f"{kind:18} {status}: {count} (slowest {siege.slowest[kind]:.2f} s)")
            met = told("searches of the other tenant", siege.searches, 50)
            met &= told("liveness probes", siege.probes, 200)
            print(f"memory: {idle} MiB before, at most {siege.worst} MiB")
            met &= siege.worst <= 512 and not any(status == 500 or kind == "OTHER TENANT" for kind, status in siege.answers)
            time.sleep(5)
            met &= other.call("POST", "/api/v1/memories/?wait=true", json.dumps({"text": "It goes on as before."}))[0] == 200
            met &= Client(server.port).call("GET", "/health/ready")[0] == 200
            print("as it must be" if met else "NOT as it must be")
            sys.exit(not met)
        finally:
            server.process.terminate()
            server.process.wait()


if __name__ == "__main__":
    main()
