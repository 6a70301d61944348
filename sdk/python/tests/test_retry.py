"""What is made again when answers are lost, and what is not."""

import time

import pytest
from conftest import Account
from doubles import Proxy

from jonathans_memory import Memory, NotFoundError, RateLimitedError, Retry, ServerError, UnreachableError, VersionConflictError

FAST = Retry(tries=4, first=0.01)


@pytest.fixture
def flaky(proxy: Proxy, account: Account):
    with Memory(proxy.url, account.key, retry=FAST) as memory:
        yield memory


@pytest.mark.parametrize("loss", ["lose", "cut", "refuse", 502, (503, {"Retry-After": "0"}), 504, 429])
def test_an_add_whose_answer_is_lost_is_made_once(flaky: Memory, memory: Memory, proxy: Proxy, loss: object) -> None:
    proxy.script = [loss, loss]
    made = flaky.add("The spare key lies under the third pot.")
    assert (made["event"], len(proxy.seen)) == ("ADD", 3)
    assert len({key for _, _, key in proxy.seen}) == 1 and proxy.seen[0][2]
    there = list(memory.list())
    assert [item["id"] for item in there] == [made["id"]] and there[0]["version"] == 1


def test_so_are_a_batch_and_an_operation(flaky: Memory, memory: Memory, proxy: Proxy) -> None:
    proxy.script = ["lose"]
    flaky.add_many([{"text": f"Shelf {number} is blue."} for number in range(3)])
    assert len(list(memory.list())) == 3
    proxy.script = ["lose"]
    flaky.wait(flaky.add(messages=[{"role": "user", "content": "I mend clocks."}]))
    assert len([item for item in memory.list() if item["content"] == "I mend clocks."]) == 1


def test_a_key_of_ones_own_outlives_the_program(memory: Memory) -> None:
    first = memory.add("Ann was born in May.", idempotency_key="import-1")
    assert memory.add("Ann was born in May.", idempotency_key="import-1")["id"] == first["id"]
    assert len(list(memory.list())) == 1


def test_changes_whose_answer_is_lost_are_told_as_done(flaky: Memory, memory: Memory, proxy: Proxy) -> None:
    id = memory.add("The meeting is on Monday.")["id"] or ""
    proxy.script = ["lose"]
    changed = flaky.update(id, "The meeting is on Tuesday.", version=1, tags=["work"])
    assert (changed["content"], changed["version"], changed["tags"]) == ("The meeting is on Tuesday.", 2, ["work"])
    assert [method for method, _, _ in proxy.seen] == ["PUT", "PUT", "GET"]
    # Somebody else's change is a conflict all the same.
    proxy.script = ["refuse"]
    memory.update(id, "The meeting is on Friday.")
    with pytest.raises(VersionConflictError):
        flaky.update(id, "The meeting is on Sunday.", version=2)
    proxy.script = ["lose"]
    assert flaky.delete(id)["ids"] == [id]
    with pytest.raises(NotFoundError):
        flaky.delete(id)


def test_reads_are_made_again(flaky: Memory, memory: Memory, proxy: Proxy) -> None:
    memory.add("The bicycle is red.")
    proxy.script = ["lose", 502]
    assert flaky.search("bicycle")["results"]
    proxy.script = ["cut"]
    assert flaky.context("bicycle")["memories"]
    proxy.script = ["refuse"]
    assert len(list(flaky.list())) == 1
    proxy.script = [503]
    assert len(list(flaky.export())) >= 3
    assert len(proxy.seen) == 3 + 2 + 2 + 2


def test_a_write_without_a_key_is_made_once(flaky: Memory, memory: Memory, proxy: Proxy) -> None:
    id = memory.add("The lamp is green.")["id"] or ""
    proxy.script = ["lose"]
    with pytest.raises(UnreachableError) as lost:
        flaky.feedback(id, "POSITIVE")
    assert (lost.value.status, lost.value.code, lost.value.retryable, len(proxy.seen)) == (0, "unreachable", True, 1)
    proxy.script = [503]
    with pytest.raises(ServerError):
        flaky.request("POST", f"/api/v1/memories/{id}/undo")
    assert len(proxy.seen) == 2


def test_tries_come_to_an_end(flaky: Memory, proxy: Proxy) -> None:
    proxy.script = [503] * 10
    with pytest.raises(ServerError) as down:
        flaky.search("anything")
    assert (down.value.status, down.value.code, down.value.retryable, len(proxy.seen)) == (503, "http_503", True, 4)
    assert "<html>" not in str(down.value)


def test_retry_after_is_kept(proxy: Proxy, account: Account) -> None:
    with Memory(proxy.url, account.key, retry=Retry(first=0.01, longest=5)) as memory:
        proxy.script = [(429, {"Retry-After": "1"})]
        began = time.monotonic()
        memory.search("anything")
        assert 1 <= time.monotonic() - began < 4
        proxy.script = [(429, {"Retry-After": "60"})]
        with pytest.raises(RateLimitedError) as later:
            memory.search("anything")
        assert (later.value.retry_after, len(proxy.seen)) == (60, 3), "whoever calls decides whether to wait so long"


def test_an_export_that_breaks_off_is_no_whole_one(flaky: Memory, memory: Memory, proxy: Proxy) -> None:
    memory.add_many([{"text": f"Book {number} stands in the hall."} for number in range(20)])
    proxy.script = ["cut"]
    with pytest.raises(UnreachableError):
        list(flaky.export())
