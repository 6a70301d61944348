"""How the working sets of many tenants fare over several nodes, by what the proxy in front hashes: a simulation, no server runs.

    scale.py [--rate 10] [--hours 12] [--budgets 512 2048 8192] [--exponents 0.8 1.1] ... (--help has all)

Each node keeps the working sets of the tenants that it served last, within a budget; a request for any other tenant reads all its
memories from SQL first (a cold load). The first third of the time fills the nodes and is not counted. The table's figures are of
the time from a third to a half; then one node is lost, comes back empty at two thirds, and one more is added at five sixths.
The same requests come in every row with one exponent. Standard library alone.
"""

import argparse
import bisect
import hashlib
import heapq
import itertools
import math
import random
from collections import OrderedDict
from typing import NamedTuple, Optional

MIB = 1 << 20


class Request(NamedTuple):
    at: float
    tenant: int
    credential: int


class Routing(NamedTuple):
    name: str
    by: Optional[str]  # what is hashed: "tenant", "credential", or nothing
    bounded: bool


# What a tenant's hash would do is shown for comparison: a proxy sees a secret, and cannot know whose it is.
ROUTINGS = [
    Routing("round robin", None, False),
    Routing("hash tenant", "tenant", False),
    Routing("hash secret", "credential", False),
    Routing("bounded tenant", "tenant", True),
    Routing("bounded secret", "credential", True),
]


def position(name: str) -> int:
    """A place on the ring; Python's own hash() of strings differs from run to run."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")


class Ring:
    """Consistent hashing: for each key the nodes in the order in which they are asked, so that losing one moves its keys alone."""

    def __init__(self, nodes: list[int], points: int) -> None:
        self.nodes = nodes
        self.points = sorted((position(f"node {node} {point}"), node) for node in nodes for point in range(points))
        self.known: dict[int, list[int]] = {}

    def order(self, key: int) -> list[int]:
        if key not in self.known:
            start = bisect.bisect(self.points, (position(f"key {key}"), -1))
            around = (self.points[(start + step) % len(self.points)][1] for step in range(len(self.points)))
            # A dict keeps the order in which it was filled, and each node once.
            self.known[key] = list(dict.fromkeys(around))
        return self.known[key]


class Tally:
    """What happened between two moments."""

    def __init__(self, begin: float, end: float) -> None:
        self.begin, self.seconds = begin, end - begin
        self.requests = self.cold = self.spilled = 0
        self.by_node: dict[int, int] = {}

    def count(self, node: int, cold: bool, spilled: bool) -> None:
        self.requests += 1
        self.cold += cold
        self.spilled += spilled
        self.by_node[node] = self.by_node.get(node, 0) + 1

    def imbalance(self) -> float:
        return max(self.by_node.values()) * len(self.by_node) / self.requests


def traffic(options: argparse.Namespace, exponent: float) -> list[Request]:
    """Sessions begin at random, of tenant k with probability ~ 1/k^exponent. One session is one client's: it asks a few times, with
    some time between, and its person comes back with the next session. The first tenants are so busy that theirs overlap."""
    chance = random.Random(options.seed)
    # Who is busy must not decide where on the ring somebody lies, nor how many credentials somebody has.
    tenants = list(range(options.tenants))
    chance.shuffle(tenants)
    credentials = [chance.randint(1, options.credentials) for _ in tenants]
    weights = list(itertools.accumulate((rank + 1) ** -exponent for rank in range(options.tenants)))
    requests: list[Request] = []
    end, at = options.hours * 3600, 0.0
    while (at := at + chance.expovariate(options.rate / options.session)) < end:
        tenant = tenants[chance.choices(range(options.tenants), cum_weights=weights)[0]]
        credential = tenant * options.credentials + chance.randrange(credentials[tenant])
        asked = at
        while asked < end:
            requests.append(Request(asked, tenant, credential))
            # As many requests a session as --session says, on average.
            if chance.random() < 1 / options.session:
                break
            asked += chance.expovariate(1 / options.gap)
    requests.sort()
    return requests


class Fleet:
    """The nodes and the proxy before them."""

    def __init__(self, options: argparse.Namespace, routing: Routing, budget_mib: int) -> None:
        self.options, self.routing = options, routing
        # All tenants are of one size, so a budget is a number of tenants. The set in use stays, however small the budget.
        self.most = max(1, int(budget_mib * MIB / (options.memories * options.bytes)))
        self.sets: dict[int, OrderedDict[int, None]] = {}
        # Waiting (for the question's embedding, the database, the network) counts as under way; nobody waits for a core here.
        self.took = (options.search_ms + options.wait_ms) / 1000
        self.loading = options.cold_us * options.memories / 1e6
        self.turn = 0
        self.under_way: list[tuple[float, int]] = []  # when each ends, and where: what a proxy that bounds loads counts
        self.active: dict[int, int] = {}
        self.keep(list(range(options.nodes)))

    def keep(self, nodes: list[int]) -> None:
        """From now on these nodes are there; one that was not there before begins empty."""
        self.sets = {node: self.sets.get(node, OrderedDict()) for node in nodes}
        self.active = {node: self.active.get(node, 0) for node in nodes}
        self.ring = Ring(nodes, self.options.points)

    def choose(self, request: Request) -> tuple[int, bool]:
        """The node, and whether it is another than the hash alone would have taken."""
        if self.routing.by is None:
            self.turn = (self.turn + 1) % len(self.ring.nodes)
            return self.ring.nodes[self.turn], False
        order = self.ring.order(request.tenant if self.routing.by == "tenant" else request.credential)
        if not self.routing.bounded:
            return order[0], False
        while self.under_way and self.under_way[0][0] <= request.at:
            node = heapq.heappop(self.under_way)[1]
            if node in self.active:
                self.active[node] -= 1
        # At most c times the mean of what is under way, this request included, rounded up; so there always is a node.
        total = sum(self.active.values()) + 1
        bound = math.ceil(self.options.balance * total / len(order)) + self.options.spare
        chosen = next(node for node in order if self.active[node] < bound)
        return chosen, chosen != order[0]

    def serve(self, request: Request) -> tuple[int, bool, bool]:
        node, spilled = self.choose(request)
        held = self.sets[node]
        cold = request.tenant not in held
        if cold:
            if len(held) >= self.most:
                held.popitem(last=False)
            held[request.tenant] = None
        else:
            held.move_to_end(request.tenant)
        if self.routing.bounded:
            heapq.heappush(self.under_way, (request.at + self.took + self.loading * cold, node))
            self.active[node] += 1
        return node, cold, spilled

    def resident(self) -> tuple[float, float]:
        """GiB of the fullest node, and on how many nodes a tenant lies that is in memory at all."""
        total = sum(map(len, self.sets.values()))
        fullest = max(map(len, self.sets.values())) * self.options.memories * self.options.bytes / (1 << 30)
        return fullest, total / len(set().union(*self.sets.values()))


def simulate(options: argparse.Namespace, requests: list[Request], routing: Routing, budget_mib: int) -> list[str]:
    fleet = Fleet(options, routing, budget_mib)
    first, end, after = list(range(options.nodes)), options.hours * 3600, min(options.after * 60, options.hours * 600)
    lost, back, added = end / 2, end * 2 / 3, end * 5 / 6
    changes = [(lost, first[1:]), (back, first), (added, [*first, options.nodes])]
    tallies = [Tally(end / 3, lost), *(Tally(at, at + after) for at in (lost, back, added))]
    before, counting = (0.0, 0.0), 0
    for request in requests:
        if changes and request.at >= changes[0][0]:
            if len(changes) == 3:
                before = fleet.resident()
            fleet.keep(changes.pop(0)[1])
            counting += 1
        served = fleet.serve(request)
        if 0 <= request.at - tallies[counting].begin < tallies[counting].seconds:
            tallies[counting].count(*served)
    steady = tallies[0]
    searching, loading = steady.requests * options.search_ms / 1000, steady.cold * fleet.loading
    return [
        routing.name,
        f"{budget_mib}",
        f"{100 - 100 * steady.cold / steady.requests:.1f}",
        f"{steady.cold / steady.seconds:.2f}",
        f"{100 * loading / (searching + loading):.0f}",
        f"{(searching + loading) / steady.seconds:.3f}",
        f"{before[0]:.2f}",
        f"{before[1]:.2f}",
        f"{steady.imbalance():.2f}",
        f"{100 * steady.spilled / steady.requests:.0f}" if routing.bounded else "-",
        *(f"{tally.cold / tally.seconds:.2f}" for tally in tallies[1:]),
        f"{tallies[1].imbalance():.2f}",
    ]


HEAD = ["routing", "MiB", "hit %", "cold/s", "cold CPU %", "cores", "GiB", "copies", "max/mean", "spill %", "lost", "back", "added", "then"]
LEGEND = """cold CPU %: of all CPU, what cold loads take. cores: CPU seconds a second, all nodes. GiB: fullest node, before the loss.
copies: nodes that hold a tenant, if any does. max/mean: requests of the busiest node. spill %: sent past the node of the hash.
lost, back, added: cold loads a second in the minutes after. then: max/mean in those after the loss."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    add = parser.add_argument
    add("--tenants", type=int, default=10_000, help="tenants, all of one size")
    add("--memories", type=int, default=1_000, help="memories of a tenant")
    add("--nodes", type=int, default=4, help="nodes at the beginning")
    add("--budgets", type=int, nargs="+", default=[512, 2048, 8192], help="index.cache_mib of each node, one row for each")
    add("--exponents", type=float, nargs="+", default=[0.8, 1.1], help="of the Zipf distribution over tenants, one table for each")
    add("--credentials", type=int, default=3, help="a tenant has 1 to so many secrets, each with an equal part of its sessions")
    add("--rate", type=float, default=10, help="requests a second to all nodes")
    add("--hours", type=float, default=12, help="simulated time")
    add("--session", type=float, default=8, help="requests a session, on average")
    add("--gap", type=float, default=30, help="seconds between two requests of a session, on average")
    add("--after", type=float, default=5, help="minutes after a change over which its cold loads are counted")
    add("--bytes", type=float, default=2_900, help="bytes a memory takes in a working set")
    add("--cold-us", type=float, default=20, help="microseconds of CPU to load a memory")
    add("--search-ms", type=float, default=0.25, help="milliseconds of CPU a search takes on a loaded set")
    add("--wait-ms", type=float, default=50, help="milliseconds a request waits for others, such as an embedder elsewhere")
    add("--balance", type=float, default=1.25, help="the bound of bounded loads, as a multiple of the mean")
    add("--spare", type=int, default=0, help="requests that a node may have beyond that: 0 as in the paper, 1 about as Envoy counts")
    add("--points", type=int, default=256, help="points of each node on the ring")
    add("--seed", type=int, default=1, help="of chance; the same seed gives the same table")
    options = parser.parse_args()
    for exponent in options.exponents:
        requests = traffic(options, exponent)
        rows = [simulate(options, requests, routing, budget) for routing in ROUTINGS for budget in options.budgets]
        print(f"Zipf {exponent:g}: {len(requests):,} requests of {len({r.tenant for r in requests}):,} tenants in {options.hours:g} h")
        widths = [max(map(len, column)) for column in zip(HEAD, *rows)]
        for row in [HEAD, *rows]:
            print("  ".join(cell.ljust(w) if at == 0 else cell.rjust(w) for at, (cell, w) in enumerate(zip(row, widths))))
        print()
    print(LEGEND)


if __name__ == "__main__":
    main()
