"""What the harness `tests/clients/run` hands over, and the ways in which the official SDK connects."""

import json
import os
import subprocess
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
import pytest
from mcp import Client
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

# One way per transport, credential and era of the protocol.
WAYS = ["sse", "http-2025", "http-2026", "http-auto", "bearer"]


@dataclass
class Endpoint:
    id: str
    secret: str
    sse_url: str
    http_url: str


def jmem(*arguments: str) -> dict:
    """The operator's command line, beside the running server."""
    command = [os.environ["JMEM"], *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else {}


def new_endpoint(*scopes: str) -> Endpoint:
    extra = ["--scopes", ",".join(scopes)] if scopes else []
    made = jmem("endpoint", "create", "--user", os.environ["JMEM_USER"], "--client", "pytest", *extra)
    return Endpoint(made["id"], made["secret"], made["sse_url"], made["http_url"])


@asynccontextmanager
async def open_client(way: str, endpoint: Endpoint | None = None):
    sse_url = endpoint.sse_url if endpoint else os.environ["JMEM_SSE_URL"]
    http_url = endpoint.http_url if endpoint else os.environ["JMEM_HTTP_URL"]
    if way == "sse":
        async with Client(sse_client(sse_url), mode="legacy", read_timeout_seconds=20) as client:
            yield client
    elif way == "bearer":
        headers = {"Authorization": f"Bearer {os.environ['JMEM_API_KEY']}"}
        async with httpx2.AsyncClient(headers=headers, timeout=20) as http:
            transport = streamable_http_client(f"{os.environ['JMEM_BASE']}/mcp", http_client=http)
            async with Client(transport, read_timeout_seconds=20) as client:
                yield client
    else:
        mode = {"http-2025": "legacy", "http-2026": "2026-07-28", "http-auto": "auto"}[way]
        async with Client(http_url, mode=mode, read_timeout_seconds=20) as client:
            yield client


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return request.param
