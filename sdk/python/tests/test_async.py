"""The asyncio client; what it does besides awaiting is tried in the other files, for the blocking one is made from it."""

import asyncio
import json

import pytest
from conftest import Account
from doubles import Model, Proxy

from jonathans_memory import AsyncMemory, NotFoundError, Retry, UnreachableError, WaitTimeoutError

pytestmark = pytest.mark.anyio


async def test_a_memory_lives(account: Account) -> None:
    async with AsyncMemory(account.server.url, account.key) as memory:
        made = await memory.add("The user's parrot is called Kiki ☃.", tags=["pets"])
        id = made["id"] or ""
        assert (await memory.search("parrot"))["results"][0]["id"] == id
        assert "Kiki" in (await memory.context("parrot"))["text"]
        assert (await memory.update(id, tags=["birds"], version=1))["version"] == 2
        assert len((await memory.history(id))["history"]) == 2
        await memory.feedback(id, "CONFIRMATION")
        assert (await memory.projects())["total"] == 1
        await asyncio.gather(*(memory.add(f"Parrot number {number} is grey.") for number in range(7)))
        assert len([item async for item in memory.list(page_size=3)]) == 8
        assert len([line async for line in memory.export() if "arrot" in json.loads(line).get("text", line)]) == 8
        await memory.delete(id)
        with pytest.raises(NotFoundError):
            await memory.get(id)
    assert "jmk_" not in repr(memory)


async def test_an_operation_is_waited_for(account: Account, model: Model) -> None:
    async with AsyncMemory(account.server.url, account.key) as memory:
        model.delay = 0.5
        try:
            operation = await memory.add(messages=[{"role": "user", "content": "I collect stamps."}])
            with pytest.raises(WaitTimeoutError):
                await memory.wait(operation, timeout=0.1)
            done = await memory.wait(operation)
        finally:
            model.delay = 0.0
        assert [result["memory"] for result in done["results"]] == ["I collect stamps."]


async def test_a_lost_answer(account: Account, proxy: Proxy) -> None:
    async with AsyncMemory(proxy.url, account.key, retry=Retry(first=0.01)) as memory:
        proxy.script = ["lose", 503]
        made = await memory.add("The ladder is in the barn.")
        assert [item["id"] async for item in memory.list()] == [made["id"]]
        proxy.script = ["lose"]
        with pytest.raises(UnreachableError):
            await memory.feedback(made["id"] or "", "NEUTRAL")


async def test_a_call_can_be_cancelled(account: Account, proxy: Proxy, model: Model) -> None:
    async with AsyncMemory(proxy.url, account.key, retry=Retry(first=5, longest=5)) as memory:
        # While it waits for the next try, and while it waits for the server.
        proxy.script = ["refuse"]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(memory.search("anything"), 0.2)
        assert len(proxy.seen) == 1
        model.delay = 1.0
        try:
            slow = asyncio.create_task(memory.add("I bake bread.", infer=True, wait=True))
            await asyncio.sleep(0.3)
            slow.cancel()
            with pytest.raises(asyncio.CancelledError):
                await slow
        finally:
            model.delay = 0.0
        assert (await memory.add("The oven is new."))["event"] == "ADD", "the client goes on"


async def test_a_list_may_be_left_in_the_middle(account: Account) -> None:
    async with AsyncMemory(account.server.url, account.key) as memory:
        await memory.add_many([{"text": f"Stone {number} is round."} for number in range(6)])
        async for _ in memory.list(page_size=2):
            break
        async for _ in memory.export():
            break
        assert (await memory.search("stone"))["results"]
