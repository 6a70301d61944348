"""The store beside LangGraph's own: what is done to both must leave the same in both."""

import asyncio
import json
import random

import pytest
from conftest import Account
from langgraph.store.base import BaseStore, GetOp, InvalidNamespaceError, Item, ListNamespacesOp, PutOp, SearchOp
from langgraph.store.memory import InMemoryStore

from jonathans_memory import InvalidRequestError, Memory
from jonathans_memory.langgraph import MemoryStore


@pytest.fixture
def store(memory: Memory) -> MemoryStore:
    return MemoryStore(memory)


def plain(items: list) -> list:
    """Without times and order, in which the stores may differ."""
    return sorted(([list(item.namespace), item.key, item.value] for item in items), key=json.dumps)


def test_an_item_lives(store: MemoryStore, memory: Memory) -> None:
    place, value = ("users", "Zoë ☃", "notes"), {"text": "Zoë collects fossils.", "pages": [1, 2.5, None, {"deep": True}]}
    assert store.get(place, "a") is None
    store.put(place, "a", value)
    first = store.get(place, "a")
    assert isinstance(first, Item) and (first.value, first.key, first.namespace) == (value, "a", place)
    assert first.created_at.tzinfo and first.created_at <= first.updated_at
    store.put(place, "a", {"text": "Zoë collects stamps."})
    second = store.get(place, "a")
    assert second and second.value == {"text": "Zoë collects stamps."} and second.created_at == first.created_at
    assert [item["content"] for item in memory.list()] == ["Zoë collects stamps."], "one item is one memory"
    store.delete(place, "a")
    store.delete(place, "a")
    assert store.get(place, "a") is None and list(memory.list()) == []
    store.put(place, "a", value)
    again = store.get(place, "a")
    assert again and again.value == value


def test_equal_and_nearly_equal_values_are_items_of_their_own(store: MemoryStore, memory: Memory) -> None:
    memory.add("The sky is blue.")
    for place in (("a",), ("a", "b"), ("b",)):
        for key in ("1", "2"):
            store.put(place, key, {"text": "The sky is blue."})
    store.put(("b",), "3", {"text": "The sky is blue!"})
    store.put(("b",), "4", {})
    store.put(("b",), "5", {"text": "ok"})
    assert len(store.search(())) == 9 and len(store.search(("a",))) == 4 and len(store.search(("a", "b"))) == 2
    assert store.get(("b",), "4").value == {}
    store.delete(("a",), "1")
    assert store.get(("a",), "1") is None and store.get(("a",), "2") and store.get(("a", "b"), "1")
    assert memory.search("sky")["results"], "what the person said themselves is untouched"


def test_searches_go_by_meaning_place_and_filter(store: MemoryStore) -> None:
    for number, (text, kind) in enumerate([("likes green tea", "drink"), ("drives a blue van", "car"), ("tea with milk at five", "drink")]):
        store.put(("users", "ann"), str(number), {"text": text, "kind": kind, "rank": number})
    store.put(("users", "bob"), "0", {"text": "hates tea", "kind": "drink", "rank": 9})
    store.put(("users", "ann"), "hidden", {"text": "tea in secret", "kind": "drink", "rank": 7}, index=False)
    store.put(("users", "ann"), "title", {"title": "a harbour", "text": "unrelated words"}, index=["title"])
    found = store.search(("users", "ann"), query="tea")
    assert {item.key for item in found[:2]} == {"0", "2"} and "hidden" not in {item.key for item in found}
    assert found[0].score and found[0].score >= (found[1].score or 0) and found[0].namespace == ("users", "ann")
    assert store.search(("users", "ann"), query="harbour")[0].key == "title"
    assert {item.namespace for item in store.search(("users",), query="tea", limit=50)} == {("users", "ann"), ("users", "bob")}
    assert [item.key for item in store.search(("users",), query="tea", filter={"rank": {"$gte": 9}})] == ["0"]
    two = store.search(("users",), query="tea", limit=2)
    assert [item.key for item in store.search(("users",), query="tea", limit=1, offset=1)] == [two[1].key]
    assert {item.key for item in store.search(("users", "ann"), filter={"kind": "car"})} == {"1"}
    assert [item.key for item in store.search(("users", "ann"))][0] in {"title", "hidden", "2", "1", "0"}


FILTERS = [None, {"n": 1}, {"n": {"$gt": 1}}, {"n": {"$ne": 2}, "tag": "x"}, {"in": {"deep": 1}}, {"n": {"$gte": 1, "$lt": 3}}]
CONDITIONS = [{}, {"prefix": ("a",)}, {"suffix": ("b",)}, {"prefix": ("*", "b")}, {"prefix": ("a",), "suffix": ("c",)}, {"max_depth": 1}]


@pytest.mark.parametrize("seed", range(3))
def test_it_does_what_the_store_of_langgraph_does(store: MemoryStore, seed: int) -> None:
    dice, other = random.Random(seed), InMemoryStore()
    places = [("a",), ("a", "b"), ("a", "b", "c"), ("b",), ("x", "b"), ("a/b",), ("ä", "☃")]

    def both(call) -> None:
        assert call(store) == call(other)

    for _ in range(60):
        place, key = dice.choice(places), dice.choice("pqrs")
        match dice.randrange(6):
            case 0 | 1 | 2:
                value = {"n": dice.randrange(4), "tag": dice.choice("xy"), "in": {"deep": dice.randrange(2)}}
                both(lambda s: s.put(place, key, value))
            case 3:
                both(lambda s: s.delete(place, key))
            case 4:
                both(lambda s: plain(filter(None, [s.get(place, key)])))
            case 5:
                prefix, wanted = place[: dice.randrange(len(place) + 1)], dice.choice(FILTERS)
                both(lambda s: plain(s.search(prefix, filter=wanted, limit=100)))
    for conditions in CONDITIONS:
        both(lambda s: s.list_namespaces(**conditions))
    both(lambda s: s.list_namespaces(limit=2, offset=1))
    both(lambda s: len(s.search((), limit=3, offset=2)))


def test_a_batch_reads_before_it_writes(store: MemoryStore) -> None:
    def through(any_store: BaseStore) -> list:
        any_store.put(("n",), "a", {"v": 1})
        ops = [PutOp(("n",), "a", {"v": 2}), GetOp(("n",), "a"), PutOp(("n",), "a", {"v": 3}), SearchOp(("n",)), ListNamespacesOp()]
        done = any_store.batch(ops)
        return [done[0], done[1].value, done[2], plain(done[3]), done[4], any_store.get(("n",), "a").value]

    assert through(store) == through(InMemoryStore()) == [None, {"v": 1}, None, [[["n"], "a", {"v": 1}]], [("n",)], {"v": 3}]


def test_its_async_side(store: MemoryStore) -> None:
    async def tried() -> None:
        await asyncio.gather(*(store.aput(("many",), str(number), {"text": f"Coin {number}"}) for number in range(8)))
        await asyncio.gather(*(store.aput(("one",), "same", {"text": f"Writer {number}"}) for number in range(5)))
        assert len(await store.asearch(("many",), limit=20)) == 8 and len(await store.asearch(("one",))) == 1
        assert (await store.aget(("many",), "3")).value == {"text": "Coin 3"}
        assert await store.alist_namespaces() == [("many",), ("one",)]
        await store.adelete(("many",), "3")
        assert await store.aget(("many",), "3") is None

    asyncio.run(tried())


def test_more_than_one_page(store: MemoryStore) -> None:
    for number in range(105):
        store.put(("pages",), str(number), {"n": number})
    assert len(store.search(("pages",), limit=1000)) == 105
    assert len(store.search(("pages",), limit=1000, filter={"n": {"$lt": 50}})) == 50
    assert [item.key for item in store.search(("pages",), filter={"n": 3})] == ["3"]


def test_what_it_does_not_do(store: MemoryStore) -> None:
    with pytest.raises(NotImplementedError):
        store.put(("n",), "a", {"v": 1}, ttl=5)
    for place in ((), ("a.b",), ("",), ("langgraph",)):
        with pytest.raises(InvalidNamespaceError):
            store.put(place, "a", {"v": 1})
    with pytest.raises(ValueError):
        store.put(("n",), "number", {"v": 1})
        store.search(("n",), filter={"v": {"$near": 1}})
    with pytest.raises(InvalidRequestError):
        store.put(("n",), "large", {"v": "x" * 20_000})
    assert store.get(("n",), "large") is None


def test_a_project_keeps_it_apart(memory: Memory, account: Account) -> None:
    key = account.new_key("memory:read", "memory:write", "memory:delete", "account:manage")
    with Memory(account.server.url, key) as owner:
        apart = MemoryStore(owner, project_id=owner.create_project("Agent")["id"])
    here = MemoryStore(memory)
    apart = MemoryStore(memory, project_id=apart._project_id)
    apart.put(("n",), "a", {"v": "there"})
    here.put(("n",), "a", {"v": "here"})
    assert (apart.get(("n",), "a").value, here.get(("n",), "a").value) == ({"v": "there"}, {"v": "here"})
