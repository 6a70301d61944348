"""What one account that asks far more often than it may costs the others; and what one build costs beside another.

    fairness.py JMEM                    a quiet account's searches, alone and beside one at twenty times its limit, turn by turn
    fairness.py JMEM --beside OTHER     searches and adds a second of two builds, turn by turn in one run

Starts servers of its own on empty directories, with the embedder that costs nothing. Prints medians of the turns' figures. Standard
library alone.
"""

import argparse
import json
import os
import statistics
import tempfile
import threading
import time

from siege import Client, Server, account, batch

TURNS = 5
SECONDS = 6


class Loud(threading.Thread):
    """Asks as fast as it can, at most so often a second, until it is told to stop."""

    def __init__(self, port, token, rate):
        super().__init__(daemon=True)
        self.client, self.pause, self.running, self.asked, self.passed = Client(port, token), 1 / rate, True, 0, 0

    def run(self):
        due = time.monotonic()
        while self.running:
            status = self.client.call(*search("boat harbour"))[0]
            self.asked, self.passed = self.asked + 1, self.passed + (status == 200)
            due += self.pause
            time.sleep(max(0.0, due - time.monotonic()))


def filled(server, name, count):
    client = account(server.port, name)
    for begin in range(0, count, 500):
        texts = [f"note {n}: the boat {n % 97} lies in harbour {n % 31} since day {n}" for n in range(begin, min(begin + 500, count))]
        client.call(*batch(texts))
    return client.token


def search(query):
    return "POST", "/api/v1/memories/search", json.dumps({"query": query, "limit": 10})


def searches(port, token, seconds):
    client, times, end = Client(port, token), [], time.monotonic() + seconds
    while time.monotonic() < end:
        begin = time.monotonic()
        status = client.call(*search("boat in harbour"))[0]
        assert status == 200, status
        times.append(time.monotonic() - begin)
        time.sleep(0.005)
    return times


def p95(times):
    return statistics.quantiles(times, n=20)[-1] * 1000


def neighbours(jmem, limit):
    with tempfile.TemporaryDirectory() as folder:
        server = started(jmem, folder, f"tenant {limit}/second")
        quiet, loud = filled(server, "quiet", 1_000), filled(server, "loud", 1_000)
        time.sleep(2)
        alone, beside, asked, passed = [], [], 0, 0
        for _ in range(TURNS):
            alone.append(p95(searches(server.port, quiet, SECONDS)))
            crowd = [Loud(server.port, loud, 5 * limit) for _ in range(4)]
            for one in crowd:
                one.start()
            beside.append(p95(searches(server.port, quiet, SECONDS)))
            for one in crowd:
                one.running = False
            for one in crowd:
                one.join()
            asked, passed = asked + sum(c.asked for c in crowd), passed + sum(c.passed for c in crowd)
        server.process.terminate()
    span = TURNS * SECONDS
    print(f"the loud one asked {asked / span:.0f} times a second, {asked / span / limit:.1f} times its limit; {passed / span:.0f} passed")
    print(f"the quiet one's p95: alone {statistics.median(alone):.2f} ms, beside it {statistics.median(beside):.2f} ms, "
          f"{statistics.median(b / a for a, b in zip(alone, beside)):.2f} times")


def started(jmem, folder, rates=""):
    os.environ.update({"EMBEDDER_PROVIDER": "hash", "JM__LIMITS__RATES": rates})
    if not rates:
        del os.environ["JM__LIMITS__RATES"]
    return Server(jmem, folder)


def pace(client, ask, seconds):
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        status = ask(client, count)
        assert status == 200, status
        count += 1
    return count / seconds


def builds(jmem, other):
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        servers = [started(jmem, one), started(other, two)]
        clients = [Client(server.port, filled(server, "ann", 1_000)) for server in servers]
        rates = {"searches": ([], []), "adds": ([], [])}
        number = [0]

        def add(client, _):
            number[0] += 1
            return client.call("POST", "/api/v1/memories/", json.dumps({"text": f"a new note {number[0]} of the boat"}))[0]

        def find(client, count):
            return client.call(*search(f"boat {count % 97} in harbour"))[0]

        for turn in range(2 * TURNS):
            for what, ask in (("searches", find), ("adds", add)):
                for at in (0, 1) if turn % 2 == 0 else (1, 0):
                    rates[what][at].append(pace(clients[at], ask, 3))
        for server in servers:
            server.process.terminate()
    for what, (ours, theirs) in rates.items():
        ratio = statistics.median(a / b for a, b in zip(ours, theirs))
        print(f"{what} a second: {statistics.median(ours):.0f} and {statistics.median(theirs):.0f}, {ratio:.3f} times")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("jmem")
    parser.add_argument("--beside")
    parser.add_argument("--limit", type=int, default=50, help="requests a second that an account may make")
    given = parser.parse_args()
    if given.beside:
        builds(given.jmem, given.beside)
    else:
        neighbours(given.jmem, given.limit)


main()
