"""Every method against a running server."""

import json

import pytest
from conftest import Account, Server
from doubles import Model

from jonathans_memory import ConflictError, Memory, NotFoundError, OperationFailedError, VersionConflictError, WaitTimeoutError

SNOWMAN = "Zoë näht Stoffdrachen ☃ für 王小明 и Анну 🐉"


def test_a_memory_lives(memory: Memory) -> None:
    made = memory.add("Maria is allergic to peanuts.", tags=["health"], metadata={"from": "a call"}, pinned=True)
    assert (made["event"], made["content"]) == ("ADD", "Maria is allergic to peanuts.")
    id = made["id"]
    assert id
    found = memory.search("What is Maria allergic to?", limit=3, tags=["health"])
    assert [hit["id"] for hit in found["results"]] == [id] and not found["degraded"]
    assert memory.search("Maria", tags=["other"])["results"] == []

    there = memory.get(id)
    assert (there["metadata_"], there["tags"], there["version"]) == ({"from": "a call"}, ["health"], 1)
    changed = memory.update(id, "Maria is allergic to walnuts.", version=1)
    assert (changed["content"], changed["version"], changed["tags"]) == ("Maria is allergic to walnuts.", 2, ["health"])
    assert memory.update(id, tags=["diet"], pinned=False)["content"] == "Maria is allergic to walnuts."
    with pytest.raises(VersionConflictError):
        memory.update(id, "Maria is allergic to nothing.", version=1)
    assert [step["event"] for step in memory.history(id)["history"]] == ["created", "updated", "updated"]

    learned = memory.feedback(id, "POSITIVE", query="allergies")
    assert learned["strength_after"] >= learned["strength_before"]
    right = memory.feedback(id, "CORRECTION", text="Maria is allergic to hazelnuts.")
    assert right["replacement"] and right["replacement"]["memory"] == "Maria is allergic to hazelnuts."

    gone = memory.delete(right["replacement"]["id"] or "")
    assert (gone["deleted"], gone["ids"]) == (1, [right["replacement"]["id"]])
    assert memory.search("hazelnuts")["results"] == []


def test_what_is_held_back_can_be_kept(memory: Memory) -> None:
    held = memory.add("thank you!!")
    assert (held["event"], held["state"]) == ("NONE", "held") and held["message"]
    kept = memory.keep(held["id"] or "")
    assert kept["state"] == "active"
    assert memory.add("Thanks a lot!", force=True)["event"] == "ADD"


def test_a_context_is_made_for_a_model(memory: Memory) -> None:
    memory.add("The user's boat is called Calypso.")
    context = memory.context("What is my boat called?", tokens=200)
    assert "Calypso" in context["text"] and context["memories"][0]["memory"] == "The user's boat is called Calypso."
    assert "Calypso" in memory.context()["text"]


def test_lists_go_on_over_pages(memory: Memory) -> None:
    texts = [f"Fact number {number} is about topic {number * 7}." for number in range(23)]
    results = memory.add_many([{"text": text, "tags": ["even" if n % 2 == 0 else "odd"]} for n, text in enumerate(texts)])["results"]
    assert len(results) == 23 and all("event" in result for result in results)
    assert sorted(item["content"] for item in memory.list(page_size=5)) == sorted(texts)
    assert [item["content"] for item in memory.list(page_size=4, tag=["even"], sort_column="memory", sort_direction="asc")] == sorted(
        texts[::2]
    )
    several = memory.list(page_size=2)
    assert [next(several)["content"] for _ in range(3)] and not list(memory.list(tags="none such"))


def test_unicode_comes_back_as_it_was(memory: Memory) -> None:
    # The last two are ends of lines to some, and part of the text to JSON.
    text = SNOWMAN + " a\u2028b\u0085c"
    made = memory.add(text, tags=["☃ and, more"], metadata={"größe": "12\u2028"}, speaker="王小明")
    assert made["content"] == text
    assert memory.search("Stoffdrachen für 王小明")["results"][0]["memory"] == text
    [listed] = memory.list(tag=["☃ and, more"])
    assert (listed["metadata_"], listed["speaker"]) == ({"größe": "12\u2028"}, "王小明")
    lines = [json.loads(line) for line in memory.export()]
    assert text in json.dumps(lines, ensure_ascii=False)


def test_the_export_has_everything(memory: Memory) -> None:
    memory.add_many([{"text": f"Line {number} of the log book of a ship."} for number in range(50)])
    lines = [json.loads(line) for line in memory.export()]
    assert len([line for line in lines if "Line" in json.dumps(line)]) == 50
    assert len(lines) >= 52, "a header, the projects and a last line that counts"


def test_facts_are_waited_for(memory: Memory, model: Model) -> None:
    model.delay = 1.0
    try:
        operation = memory.add(messages=[{"role": "user", "content": "I moved to Oslo."}, {"role": "user", "content": "I keep bees."}])
        assert operation["status"] == "queued" and "id" in operation
        with pytest.raises(WaitTimeoutError) as late:
            memory.wait(operation, timeout=0.2)
        assert late.value.retryable
        done = memory.wait(operation["id"])
    finally:
        model.delay = 0.0
    assert done["status"] == "done"
    assert sorted(result["memory"] for result in done["results"]) == ["I keep bees.", "I moved to Oslo."]
    assert memory.operation(operation["id"]) == done == memory.wait(done)

    now = memory.add("I play the cello.", infer=True, wait=True)
    assert (now["status"], [result["memory"] for result in now["results"]]) == ("done", ["I play the cello."])


def test_a_failed_operation_is_told(memory: Memory) -> None:
    with pytest.raises(OperationFailedError, match="no_model"):
        memory.wait({"id": "x", "status": "failed", "reason": "no_model", "results": [], "tokens": 0, "created_at": ""})


def test_without_a_model_texts_are_stored_at_once(plain_server: Server) -> None:
    account = Account(plain_server)
    with Memory(plain_server.url, account.key) as memory:
        stored = memory.add("I sing in a choir.", infer=True)
        assert (stored["status"], stored["results"][0]["memory"]) == ("done", "I sing in a choir.")
        several = memory.add(
            messages=[{"role": "user", "content": "My cat is called Fritz."}, {"role": "user", "content": "My dog is called Rex."}]
        )
        assert memory.wait(several) == several
        assert {result["event"] for result in several["results"]} == {"ADD"}


def test_projects(account: Account) -> None:
    key = account.new_key("memory:read", "memory:write", "memory:delete", "account:manage")
    with Memory(account.server.url, key) as memory:
        project = memory.create_project("Boat")
        painted = memory.add("The keel is to be painted in May.", project_id=project["id"])
        assert [item["project_id"] for item in memory.list(project_id=project["id"])] == [project["id"]]
        with pytest.raises(ConflictError) as taken:
            memory.create_project("Boat")
        assert (taken.value.status, taken.value.code) == (409, "conflict")
        assert memory.rename_project(project["id"], "Ship")["name"] == "Ship"
        assert "Ship" in {p["name"] for p in memory.projects()["projects"]}
        memory.delete(painted["id"] or "", permanent=True)
        memory.delete_project(project["id"])
        assert "Ship" not in {p["name"] for p in memory.projects()["projects"]}


def test_every_other_route_is_within_reach(memory: Memory) -> None:
    assert memory.request("GET", "/api/v1/auth/me")["client"]
    assert memory.request("POST", "/api/v1/memories/actions/archive", json={"memory_ids": [memory.add("Old news.", force=True)["id"]]})


def test_two_people_cannot_see_one_another(memory: Memory, account: Account) -> None:
    mine = memory.add("The code of the shed is 4711.", tags=["shed"])
    with Memory(account.server.url, Account(account.server).key) as other:
        assert other.search("code of the shed")["results"] == []
        assert list(other.list(tag=["shed"])) == [] and other.context("code of the shed")["memories"] == []
        assert not any("4711" in line for line in other.export())
        for call in (other.get, other.history, other.delete, other.keep):
            with pytest.raises(NotFoundError):
                call(mine["id"] or "")
    assert memory.get(mine["id"] or "")["content"] == "The code of the shed is 4711."
