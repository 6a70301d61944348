"""Every example against a model that repeats what it was asked."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CLEAN, Account
from doubles import Model

from jonathans_memory import Memory

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def run(account: Account, model: Model, name: str, *arguments: str, says: str = "") -> str:
    env = CLEAN | account.env | {"OPENAI_BASE_URL": f"{model.url}/v1", "OPENAI_API_KEY": "none"}
    env |= {"ANTHROPIC_BASE_URL": model.url, "ANTHROPIC_API_KEY": "none"}
    command = [sys.executable, EXAMPLES / name, *arguments]
    done = subprocess.run(command, env=env, input=says, capture_output=True, text=True, timeout=60, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_none_is_forgotten() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == {"openai_chat.py", "anthropic_chat.py", "langgraph_agent.py"}


@pytest.mark.parametrize("name", ["openai_chat.py", "anthropic_chat.py"])
def test_a_chat_remembers(account: Account, model: Model, memory: Memory, name: str) -> None:
    memory.add("Maria is allergic to peanuts.")
    model.asked.clear()
    said = run(account, model, name, says="What may Maria not eat?\nI bought Maria a red kayak.\n")
    assert said.splitlines() == ["You said: What may Maria not eat?", "You said: I bought Maria a red kayak."]
    shown = [asked.get("system") or asked["messages"][0]["content"] for asked in model.asked]
    assert all("Maria is allergic to peanuts." in text for text in shown)
    [kayak] = [item for item in memory.list() if "kayak" in item["content"]]
    assert kayak["speaker"] == "user" and kayak["session_id"]

    model.asked.clear()
    run(account, model, name, says="Which boat did Maria get?\n")
    assert "red kayak" in str(model.asked[0]), "another conversation knows it"


def test_a_graph_remembers(account: Account, model: Model, memory: Memory) -> None:
    assert run(account, model, "langgraph_agent.py", "I am learning the cello.") == "You said: I am learning the cello.\n"
    model.asked.clear()
    run(account, model, "langgraph_agent.py", "Which instrument am I learning?")
    assert "I am learning the cello." in model.asked[0]["messages"][0]["content"]
    assert "I am learning the cello." in {item["content"] for item in memory.list()}, "and the person's other clients know it"
