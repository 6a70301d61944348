"""The official Python SDK's OAuth client gets in by itself: discovery, registration (both ways), consent, token, call, refresh,
step-up, revocation. The person is played by a function that says yes over REST, with the token of their session."""

import os
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

BASE = os.environ["JMEM_BASE"]
REDIRECT = "http://localhost:9876/callback"
CLAUDE_CODE = "https://claude.ai/oauth/claude-code-client-metadata"


class Storage:
    """In memory, with a look at what was kept."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        self.client = client_info


class Person:
    """Whoever is signed in on the page."""

    def __init__(self, approve: bool = True) -> None:
        self.approve = approve
        self.asked: list[dict] = []
        self.back: dict[str, list[str]] = {}

    async def sent(self, address: str) -> None:
        async with httpx2.AsyncClient(base_url=BASE, timeout=20) as http:
            signed_in = await http.post(
                "/api/v1/auth/login", json={"email": os.environ["JMEM_USER"], "password": os.environ["JMEM_PASSWORD"]}
            )
            http.headers["Authorization"] = f"Bearer {signed_in.json()['access_token']}"
            answer = await http.get(address, follow_redirects=False)
            assert answer.status_code == 302, answer.text
            request = answer.headers["location"].rsplit("/", 1)[1]
            self.asked.append((await http.get(f"/api/v1/oauth/requests/{request}")).json())
            decided = await http.post(f"/api/v1/oauth/requests/{request}", json={"approve": self.approve})
            self.back = parse_qs(urlsplit(decided.json()["redirect_to"]).query)

    async def came_back(self) -> AuthorizationCodeResult:
        return AuthorizationCodeResult(**{name: values[0] for name, values in self.back.items() if name in ("code", "state", "iss")})


def provider(storage: Storage, person: Person, document: str | None = None) -> OAuthClientProvider:
    metadata = OAuthClientMetadata(client_name="pytest", redirect_uris=[AnyUrl(REDIRECT)])
    return OAuthClientProvider(
        server_url=f"{BASE}/mcp",
        client_metadata=metadata,
        storage=storage,
        redirect_handler=person.sent,
        callback_handler=person.came_back,
        client_metadata_url=document,
    )


@asynccontextmanager
async def connected(auth: OAuthClientProvider):
    async with httpx2.AsyncClient(auth=auth, timeout=30, follow_redirects=True) as http:
        transport = streamable_http_client(f"{BASE}/mcp", http_client=http)
        async with Client(transport, read_timeout_seconds=30) as client:
            yield client


@pytest.mark.anyio
@pytest.mark.parametrize("document", [None, CLAUDE_CODE])
async def test_it_gets_in_by_itself(document):
    storage, person = Storage(), Person()
    async with connected(provider(storage, person, document)) as client:
        added = await client.call_tool("add_memories", {"text": "The judge likes green tea."})
        assert not added.is_error, added
        found = await client.call_tool("search_memory", {"query": "green tea"})
        assert "green tea" in found.content[0].text
    assert len(person.asked) == 1
    asked = person.asked[0]["client"]
    assert (asked["host"], asked["verified"]) == (("claude.ai", True) if document else (None, False))
    assert storage.tokens.refresh_token and storage.client.client_id == (document or storage.client.client_id)

    # A new process with the stored tokens asks nobody.
    async with connected(provider(storage, person, document)) as client:
        await client.list_tools()
    assert len(person.asked) == 1

    # Its access token is no more: it refreshes, and asks nobody.
    before = storage.tokens
    storage.tokens = before.model_copy(update={"access_token": "jma_gone", "expires_in": -1})
    auth = provider(storage, person, document)
    await auth._initialize()
    auth.context.token_expiry_time = 1.0
    async with connected(auth) as client:
        await client.list_tools()
    assert len(person.asked) == 1
    assert storage.tokens.refresh_token != before.refresh_token

    # Shown out: it asks again.
    async with httpx2.AsyncClient(base_url=BASE) as http:
        form = {"token": storage.tokens.refresh_token, "client_id": storage.client.client_id}
        if storage.client.client_secret:
            form["client_secret"] = storage.client.client_secret
        assert (await http.post("/oauth/revoke", data=form)).status_code == 200
    async with connected(provider(storage, person, document)) as client:
        await client.list_tools()
    assert len(person.asked) == 2


@pytest.mark.anyio
async def test_it_asks_for_more_when_it_needs_more():
    storage, person = Storage(), Person()
    async with connected(provider(storage, person)) as client:
        await client.list_tools()
        assert "memory:delete_all" not in person.asked[0]["scopes"]
        gone = await client.call_tool("delete_all_memories", {"confirm": True})
        assert not gone.is_error, gone
    assert len(person.asked) == 2
    assert "memory:delete_all" in person.asked[1]["scopes"]


@pytest.mark.anyio
async def test_no_means_no():
    with pytest.raises(BaseException) as refused:
        async with connected(provider(Storage(), Person(approve=False))) as client:
            await client.list_tools()
    assert refused.value
