"""The official Python SDK against a running server, over SSE and over Streamable HTTP, in both eras of the protocol."""

import json
import os
import time
import uuid

import anyio
import httpx2
import pytest
from conftest import Endpoint, jmem, new_endpoint, open_client
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.sse import sse_client

pytestmark = pytest.mark.anyio

TOOLS = [
    "add_memories",
    "delete_memories",
    "get_memory",
    "list_memories",
    "memory_feedback",
    "search_memory",
    "update_memory",
]
FULL = {"detail": "full"}
UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"


def text_of(result) -> str:
    assert len(result.content) == 1, result.content
    return result.content[0].text


def good(result):
    assert not result.is_error, text_of(result)
    return result


def refused(result) -> str:
    assert result.is_error, text_of(result)
    assert text_of(result).startswith("Error"), text_of(result)
    return text_of(result)


async def test_add_search_list_delete(way: str) -> None:
    canary = f"canary{uuid.uuid4().hex[:10]}"
    said = f"The user keeps a {canary} in the greenhouse."
    async with open_client(way) as client:
        tools = (await client.list_tools()).tools
        assert sorted(tool.name for tool in tools) == TOOLS, "delete_all_memories needs a scope of its own"
        for tool in tools:
            assert tool.output_schema and tool.annotations and tool.description, tool.name

        added = good(await client.call_tool("add_memories", {"text": said, "infer": False}))
        assert json.loads(text_of(added)) == added.structured_content
        [memory] = added.structured_content["results"]
        assert memory["memory"] == said and memory["event"] == "ADD"

        found = good(await client.call_tool("search_memory", {"query": f"where is the {canary}?", **FULL}))
        assert found.structured_content["results"][0]["id"] == memory["id"]
        assert json.loads(text_of(found))["results"][0]["memory"] == said

        listed = good(await client.call_tool("list_memories", FULL))
        assert memory["id"] in [entry["id"] for entry in json.loads(text_of(listed))], "the text is OpenMemory's bare array"
        assert memory["id"] in [entry["id"] for entry in listed.structured_content["memories"]]

        gone = good(await client.call_tool("delete_memories", {"memory_ids": [memory["id"]]}))
        assert text_of(gone) == "Successfully deleted 1 memories"
        after = good(await client.call_tool("search_memory", {"query": canary, **FULL}))
        assert memory["id"] not in [hit["id"] for hit in after.structured_content["results"]]


async def test_what_one_client_stores_another_finds() -> None:
    canary = f"shared{uuid.uuid4().hex[:10]}"
    async with open_client("sse") as writer, open_client("http-2026") as reader:
        good(await writer.call_tool("add_memories", {"text": f"The {canary} is blue."}))
        found = good(await reader.call_tool("search_memory", {"query": canary, **FULL}))
        assert canary in found.structured_content["results"][0]["memory"]


async def test_pages_of_a_list(way: str) -> None:
    endpoint = new_endpoint()
    async with open_client(way, endpoint) as client:
        for number in range(5):
            good(await client.call_tool("add_memories", {"text": f"page filler {uuid.uuid4().hex} {number}"}))
        seen, cursor = set(), ""
        while True:
            page = good(await client.call_tool("list_memories", {"limit": 2, "cursor": cursor, **FULL})).structured_content
            ids = {memory["id"] for memory in page["memories"]}
            assert len(ids) <= 2 and not ids & seen
            seen |= ids
            cursor = page.get("next_cursor", "")
            if not cursor:
                break
        assert len(seen) == page["total"] >= 5


async def test_delete_all_is_refused_without_its_scope(way: str) -> None:
    async with open_client(way) as client:
        assert "memory:delete_all" in refused(await client.call_tool("delete_all_memories", {"confirm": True}))


async def test_delete_all_asks_for_confirmation() -> None:
    email = f"wipe-{uuid.uuid4().hex[:8]}@example.com"
    jmem("user", "create", email)
    made = jmem("endpoint", "create", "--user", email, "--client", "pytest", "--scopes", "memory:read,memory:write,memory:delete_all")
    async with Client(made["http_url"]) as client:
        assert "delete_all_memories" in [tool.name for tool in (await client.list_tools()).tools]
        good(await client.call_tool("add_memories", {"text": "The user owns a red bicycle."}))
        assert "confirm" in refused(await client.call_tool("delete_all_memories", {"confirm": False}))
        assert "confirm" in refused(await client.call_tool("delete_all_memories", {}))
        assert good(await client.call_tool("list_memories", {})).structured_content["total"] == 1
        assert text_of(good(await client.call_tool("delete_all_memories", {"confirm": True}))) == "Successfully deleted all memories"
        assert good(await client.call_tool("list_memories", {})).structured_content["total"] == 0


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("add_memories", {}),
        ("add_memories", {"text": ""}),
        ("add_memories", {"text": "x" * 70_000}),
        ("add_memories", {"text": "tea at five", "occurred_at": "yesterday"}),
        ("search_memory", {"query": " "}),
        ("search_memory", {"query": "tea", "limit": 100_000}),
        ("search_memory", {"query": {"words": "tea"}}),
        ("list_memories", {"limit": 0}),
        ("list_memories", {"cursor": "nonsense"}),
        ("delete_memories", {"memory_ids": []}),
        ("delete_memories", {"memory_ids": [UNKNOWN_ID]}),
        ("delete_memories", {"memory_ids": ["' or 1=1 --"]}),
    ],
    ids=lambda value: json.dumps(value)[:40] if isinstance(value, dict) else value,
)
async def test_mistakes_come_back_as_tool_errors(way: str, tool: str, arguments: dict) -> None:
    async with open_client(way) as client:
        # The SDK looks at the schema before it looks at the answer; listing first is what real hosts do.
        await client.list_tools()
        refused(await client.call_tool(tool, arguments))


async def test_an_unknown_tool_is_a_protocol_error(way: str) -> None:
    async with open_client(way) as client:
        with pytest.raises(MCPError) as error:
            await client.call_tool("no_such_tool", {})
        assert error.value.code == -32602


def revoke(endpoint: Endpoint) -> None:
    jmem("endpoint", "revoke", "--user", os.environ["JMEM_USER"], endpoint.id)


def statuses(group: BaseException) -> list[int]:
    """HTTP status codes anywhere in the tree of exceptions that task groups make."""
    if isinstance(group, BaseExceptionGroup):
        return [status for one in group.exceptions for status in statuses(one)]
    return [group.response.status_code] if isinstance(group, httpx2.HTTPStatusError) else []


@pytest.mark.parametrize("kind", ["sse", "http-2025", "http-auto"])
async def test_an_unknown_secret_is_refused_cleanly(kind: str) -> None:
    endpoint = new_endpoint()
    # Well formed in every respect, but the server has forgotten it.
    revoke(endpoint)
    with anyio.fail_after(10), pytest.raises(BaseException) as error:
        async with open_client(kind, endpoint) as client:
            await client.list_tools()
    assert not isinstance(error.value, TimeoutError | KeyboardInterrupt)
    assert endpoint.secret not in str(error.value) or kind == "sse", "only the SDK's own SSE error names the URL it was given"
    if kind == "sse":
        assert statuses(error.value) == [404]


async def test_revoked_unknown_and_malformed_secrets_are_told_apart_by_nobody() -> None:
    endpoint = new_endpoint()
    revoke(endpoint)
    flipped = endpoint.secret[:-8] + ("A" if endpoint.secret[-8] != "A" else "B") + endpoint.secret[-7:]
    answers = set()
    async with httpx2.AsyncClient() as http:
        for secret in (endpoint.secret, flipped, "jme_nothing"):
            url = endpoint.http_url.replace(endpoint.secret, secret)
            body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
            answer = await http.post(url, json=body, headers={"Accept": "application/json, text/event-stream"})
            assert secret not in answer.text
            problem = answer.json()
            for own in ("request_id", "instance"):
                problem.pop(own, None)
            answers.add((answer.status_code, json.dumps(problem, sort_keys=True)))
    assert len(answers) == 1 and next(iter(answers))[0] == 404, answers


async def test_revoking_closes_open_streams_within_five_seconds() -> None:
    endpoint = new_endpoint()
    async with httpx2.AsyncClient(timeout=30) as http:
        async with http.stream("GET", endpoint.sse_url, headers={"Accept": "text/event-stream"}) as stream:
            assert stream.status_code == 200
            lines = stream.aiter_lines()
            assert await anext(lines) == "event: endpoint"
            revoke(endpoint)
            began = time.monotonic()
            with anyio.fail_after(15):
                async for _ in lines:
                    pass
            took = time.monotonic() - began
    assert took <= 5, f"the stream stayed open for {took:.1f} s"


async def test_a_revoked_client_hears_an_error_and_does_not_hang() -> None:
    endpoint = new_endpoint()
    began = 0.0
    with anyio.fail_after(15), pytest.raises(BaseException) as error:
        async with Client(sse_client(endpoint.sse_url), mode="legacy", read_timeout_seconds=10) as client:
            good(await client.call_tool("list_memories", {}))
            revoke(endpoint)
            began = time.monotonic()
            # The stream ends within 5 s; from then on a call cannot be answered.
            while time.monotonic() - began < 5:
                await client.call_tool("list_memories", {})
                await anyio.sleep(0.1)
    assert not isinstance(error.value, TimeoutError), "the call hung"
    assert began and time.monotonic() - began < 12


async def test_a_rotated_secret_takes_over() -> None:
    endpoint = new_endpoint()
    rotated = jmem("endpoint", "rotate", "--user", os.environ["JMEM_USER"], endpoint.id)
    assert rotated["secret"] != endpoint.secret
    async with Client(rotated["http_url"]) as client:
        good(await client.call_tool("list_memories", {}))
    with anyio.fail_after(10), pytest.raises(BaseException):
        async with Client(endpoint.http_url) as client:
            await client.list_tools()


async def test_context_is_a_prompt_and_a_resource(way: str) -> None:
    canary = f"canary{uuid.uuid4().hex[:10]}"
    async with open_client(way) as client:
        good(await client.call_tool("add_memories", {"text": f"The user's {canary} sings </memories> at noon.", "infer": False}))
        [prompt] = (await client.list_prompts()).prompts
        answer = await client.get_prompt(prompt.name, {"query": f"when does the {canary} sing?"})
        text = answer.messages[0].content.text
        assert text.startswith("<memories ") and text.count("</memories>") == 1 and canary in text
        [resource] = (await client.list_resources()).resources
        [contents] = (await client.read_resource(resource.uri)).contents
        assert canary in contents.text


async def test_many_windows_get_their_own_answers() -> None:
    """Two windows of one client stole each other's answers in an older product of this kind."""
    async def window(number: int) -> None:
        async with open_client("sse") as client:
            for _ in range(5):
                answer = good(await client.call_tool("add_memories", {"text": f"window {number} was here"}))
                assert answer.structured_content["results"][0]["memory"] == f"window {number} was here"

    async with anyio.create_task_group() as windows:
        for number in range(8):
            windows.start_soon(window, number)


async def test_stdio_speaks_the_same_tools() -> None:
    server = StdioServerParameters(command=os.environ["JMEM"], args=["stdio", "--user", os.environ["JMEM_USER"]], env=dict(os.environ))
    with anyio.fail_after(30):
        async with Client(server, read_timeout_seconds=20) as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
            assert set(TOOLS) <= set(names)
            assert [prompt.name for prompt in (await client.list_prompts()).prompts] == ["memory_context"]
            assert (await client.read_resource("memory://context")).contents[0].mime_type == "text/plain"
