"""Starts `jmem serve` over an empty data directory. JMEM names the binary; without it, the debug build is taken."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from doubles import Model, Proxy

from jonathans_memory import Memory

ROOT = Path(__file__).resolve().parents[3]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
JMEM = Path(os.environ.get("JMEM", TARGET / "debug" / "jmem")).absolute()
# Neither the product's settings nor anybody's keys may reach what is tried here.
SETTINGS = ("JM_", "SUPABASE_", "DATABASE_URL", "PORT", "EMBEDDER_", "LLM_", "OPENAI_", "ANTHROPIC_")
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}


class Server:
    def __init__(self, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.folder = Path(tempfile.mkdtemp(prefix="jmem-sdk-"))
        self.env = (
            CLEAN | {"JM_DATA_DIR": str(self.folder / "data"), "PORT": str(port), "EMBEDDER_PROVIDER": "hash", "NO_COLOR": "1"} | settings
        )
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen([JMEM, "serve"], env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/health/ready", timeout=2).close()
                return
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise RuntimeError((self.folder / "log").read_text()[-2000:]) from None
                time.sleep(0.05)

    def cli(self, *arguments: str) -> dict:
        done = subprocess.run([JMEM, *arguments, "--json"], env=self.env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(20)
        shutil.rmtree(self.folder)
        assert code == 0, f"the server ended with {code}"


class Account:
    """A person of their own, so that no test sees what another leaves behind."""

    numbers = count()

    def __init__(self, server: Server) -> None:
        self.server, self.email = server, f"person{next(self.numbers)}@example.com"
        server.cli("user", "create", self.email)
        self.key: str = self.new_key()

    def new_key(self, *scopes: str) -> str:
        extra = ["--scopes", ",".join(scopes)] if scopes else []
        return self.server.cli("key", "create", "--user", self.email, *extra)["api_key"]

    @property
    def env(self) -> dict[str, str]:
        return {"JM_URL": self.server.url, "JM_API_KEY": self.key}


@pytest.fixture(scope="session")
def model() -> Iterator[Model]:
    model = Model()
    yield model
    model.close()


@pytest.fixture(scope="session")
def server(model: Model) -> Iterator[Server]:
    server = Server(LLM_PROVIDER="openai", OPENAI_BASE_URL=f"{model.url}/v1", OPENAI_API_KEY="none")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def plain_server() -> Iterator[Server]:
    """One without a model."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def account(server: Server) -> Account:
    return Account(server)


@pytest.fixture
def memory(account: Account) -> Iterator[Memory]:
    with Memory(account.server.url, account.key) as memory:
        yield memory


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    proxy = Proxy(server.url)
    yield proxy
    proxy.close()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
