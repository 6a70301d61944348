"""Errors carry what the server says, and nothing shows the key."""

import pickle
import traceback

import pytest
from conftest import Account
from doubles import Proxy

from jonathans_memory import (
    ApiError,
    AsyncMemory,
    AuthenticationError,
    ForbiddenError,
    InvalidRequestError,
    Memory,
    NotFoundError,
    Retry,
    UnreachableError,
)

UNKNOWN = "01890000-0000-7000-8000-000000000000"


def test_each_kind_has_a_class(memory: Memory, account: Account) -> None:
    with pytest.raises(NotFoundError) as missing:
        memory.get(UNKNOWN)
    error = missing.value
    assert (error.status, error.code, error.retryable) == (404, "not_found", False) and error.request_id
    assert str(error) == f"not_found: {error.detail}"
    assert isinstance(error, ApiError) and str(pickle.loads(pickle.dumps(error))) == str(error)
    with pytest.raises(InvalidRequestError) as bad:
        memory.add("")
    assert (bad.value.status, bad.value.code) == (422, "invalid_argument")
    with pytest.raises(InvalidRequestError) as other:
        memory.add("One text.", idempotency_key="k")
        memory.add("Another text.", idempotency_key="k")
    assert other.value.code == "idempotency_mismatch"
    with pytest.raises(InvalidRequestError):
        memory.add("x", colour="green")  # type: ignore[call-overload]
    with Memory(account.server.url, account.new_key("memory:read")) as reader, pytest.raises(ForbiddenError) as refused:
        reader.add("Something.")
    assert (refused.value.status, refused.value.code) == (403, "insufficient_scope")


def test_an_id_is_never_part_of_an_address(memory: Memory) -> None:
    kept = memory.add("This stays.")["id"] or ""
    for id in ("", ".", ".."):
        with pytest.raises(ValueError):
            memory.delete(id)
    for id in ("../memories", f"{kept}/history?x=", "a/b"):
        with pytest.raises(ApiError):
            memory.get(id)
    assert memory.get(kept)["state"] == "active"


def test_settings_come_from_the_environment(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in account.env:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValueError, match="JM_URL"):
        Memory()
    monkeypatch.setenv("JM_URL", account.server.url + "/")
    with pytest.raises(ValueError, match="JM_API_KEY"):
        Memory()
    monkeypatch.setenv("JM_API_KEY", f" {account.key}\n")
    with Memory() as memory:
        assert memory.search("anything")["reason"] == "empty_tenant"


def test_no_secret_is_shown(account: Account, proxy: Proxy) -> None:
    secret = "jmk_verysecretverysecret"
    shown = []

    def failing(memory: Memory) -> None:
        shown.extend([repr(memory), str(vars(memory))])
        try:
            memory.search("x")
        except ApiError as error:
            shown.extend(["".join(traceback.format_exception(error)), repr(vars(error))])
            assert error.__cause__ is None and error.__context__ is None
        else:
            raise AssertionError("no error")

    with Memory(account.server.url, secret) as memory, pytest.raises(AuthenticationError):
        memory.search("x")
    failing(Memory(account.server.url, secret))
    failing(Memory("http://127.0.0.1:9", secret, retry=Retry(tries=1)))
    proxy.script = ["cut"]
    failing(Memory(proxy.url, secret, retry=Retry(tries=1)))
    for url, key in [(account.server.url, f"{secret}\nmore"), (f"http://user:{secret}@host", secret), (secret, secret)]:
        with pytest.raises(ValueError) as broken:
            Memory(url, key)
        shown.append(str(broken.value))
    shown.append(repr(AsyncMemory(account.server.url, secret)))
    assert not [text for text in shown if secret in text]


def test_something_else_at_the_address(proxy: Proxy, account: Account) -> None:
    with Memory(proxy.url, account.key) as memory:
        proxy.script = [200]
        with pytest.raises(ApiError) as page:
            memory.search("x")
        assert page.value.code == "no_json"
        proxy.script = [(302, {"Location": "http://127.0.0.1:9/"})]
        with pytest.raises(ApiError) as moved:
            memory.search("x")
        assert moved.value.status == 302, "a key is not carried elsewhere"
    with Memory("http://127.0.0.1:9", account.key, retry=Retry(tries=2, first=0.01)) as nobody, pytest.raises(UnreachableError):
        nobody.projects()
