"""A store for LangGraph (`pip install 'jonathans-memory[langgraph]'`) over one person's memory.

Each item is a memory: its text is what the person and their other clients read, its metadata hold the item whole, and its tags
say where it lies. A project of its own (`project_id`) keeps items and the person's other memories apart.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timezone
from itertools import islice
from typing import Any, Literal

from langgraph.store.base import (
    BaseStore,
    GetOp,
    Item,
    ListNamespacesOp,
    MatchCondition,
    Op,
    PutOp,
    Result,
    SearchItem,
    SearchOp,
    get_text_at_path,
    validate_op_namespace,
)

from ._sync import Memory

Namespace = tuple[str, ...]


class MemoryStore(BaseStore):
    """`BaseStore` with search by meaning.

    - An item, as JSON, has at most 16 KiB, and a namespace 48 labels. The account's rules on secrets hold for items too.
    - A search with a query looks at the best hundred hits, and `filter` chooses among those.
    - `list_namespaces` reads every item below the prefix that it is given.
    - What a person archives or deletes is gone here too; a text that they edit does not change the item's value.
    - There is no `ttl`.
    """

    def __init__(self, memory: Memory, *, project_id: str | None = None) -> None:
        self._memory = memory
        self._project_id = project_id

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """As LangGraph's own stores: reads see what was there before, and of several writes of one key the last one counts."""
        results: list[Result] = []
        writes: dict[tuple[Namespace, str], PutOp] = {}
        for op in ops:
            validate_op_namespace(op)
            result: Result = None
            if isinstance(op, GetOp):
                result = self._get(op)
            elif isinstance(op, SearchOp):
                result = list(self._found(op) if op.query else self._listed(op))
            elif isinstance(op, ListNamespacesOp):
                result = self._namespaces(op)
            elif isinstance(op, PutOp):
                writes[op.namespace, op.key] = op
            else:
                raise ValueError(f"Unknown operation: {type(op).__name__}")
            results.append(result)
        for write in writes.values():
            self._put(write)
        return results

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        return await asyncio.to_thread(self.batch, list(ops))

    def _put(self, op: PutOp) -> None:
        at = _item_tag(op.namespace, op.key)
        if op.value is None:
            for memory in self._all(at):
                self._memory.delete(memory["id"], permanent=True)
            return
        item = {"namespace": list(op.namespace), "key": op.key, "value": dict(op.value), "indexed": op.index is not False}
        self._memory.add(
            _text(op.value, op.index),
            # The signature makes a second put of the key change the first one's memory.
            pattern_signature=at,
            # Two items may say the same: told apart by speaker and session, neither is taken for the other said again.
            speaker="langgraph",
            session_id=at,
            tags=[at, *(_place_tag(op.namespace[:depth]) for depth in range(len(op.namespace) + 1))],
            metadata={"langgraph": item},
            force=True,
            **self._project(),
        )

    def _get(self, op: GetOp) -> Item | None:
        return next((Item(**_fields(memory, memory["metadata_"])) for memory in self._all(_item_tag(op.namespace, op.key))), None)

    def _listed(self, op: SearchOp) -> Iterator[SearchItem]:
        items = (SearchItem(**_fields(memory, memory["metadata_"])) for memory in self._all(_place_tag(op.namespace_prefix)))
        return islice(_matching(items, op.filter), op.offset, op.offset + op.limit)

    def _found(self, op: SearchOp) -> Iterator[SearchItem]:
        found = self._memory.search(op.query or "", tags=[_place_tag(op.namespace_prefix)], limit=100, **self._project())
        hits = (hit for hit in found["results"] if hit["metadata"].get("langgraph", {}).get("indexed"))
        items = (SearchItem(**_fields(hit, hit["metadata"]), score=hit["score"]) for hit in hits)
        return islice(_matching(items, op.filter), op.offset, op.offset + op.limit)

    def _namespaces(self, op: ListNamespacesOp) -> list[Namespace]:
        conditions = op.match_conditions or ()
        prefix = next((_plain(condition.path) for condition in conditions if condition.match_type == "prefix"), ())
        there = {tuple(memory["metadata_"]["langgraph"]["namespace"]) for memory in self._all(_place_tag(prefix))}
        fitting = {namespace[: op.max_depth] for namespace in there if all(_matches(condition, namespace) for condition in conditions)}
        return sorted(fitting)[op.offset : op.offset + op.limit]

    def _all(self, tag: str) -> Iterator[Any]:
        memories = self._memory.list(tag=[tag], sort_column="updated_at", **self._project())
        # People may change what they see of it, tags and metadata too.
        return (memory for memory in memories if "langgraph" in memory["metadata_"])

    def _project(self) -> Any:
        return {} if self._project_id is None else {"project_id": self._project_id}


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _item_tag(namespace: Namespace, key: str) -> str:
    return f"langgraph-item:{_digest(namespace, key)}"


def _place_tag(namespace: Namespace) -> str:
    """Borne by all items below. A digest, since labels may be longer than a tag."""
    return f"langgraph:{_digest(namespace)}"


def _fields(memory: Any, metadata: dict[str, Any]) -> dict[str, Any]:
    item = metadata["langgraph"]
    return {
        "namespace": tuple(item["namespace"]),
        "key": item["key"],
        "value": item["value"],
        "created_at": datetime.fromtimestamp(memory["created_at"], timezone.utc),
        "updated_at": datetime.fromtimestamp(memory["updated_at"], timezone.utc),
    }


def _text(value: Mapping[str, Any], index: Literal[False] | list[str] | None) -> str:
    """What a person reads and a search goes by: the fields that are to be indexed, or the value's only text, or all as JSON."""
    if index:
        texts = [text for path in index for text in get_text_at_path(value, path)]
    else:
        texts = [text for text in value.values() if isinstance(text, str)] if len(value) == 1 else []
    return "\n".join(texts).strip() or json.dumps(dict(value), ensure_ascii=False)


def _matching(items: Iterable[SearchItem], filter: dict[str, Any] | None) -> Iterator[SearchItem]:
    return (item for item in items if all(_fits(item.value.get(name), wanted) for name, wanted in (filter or {}).items()))


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda value, wanted: bool(value == wanted),
    "$ne": lambda value, wanted: bool(value != wanted),
    "$gt": lambda value, wanted: float(value) > float(wanted),
    "$gte": lambda value, wanted: float(value) >= float(wanted),
    "$lt": lambda value, wanted: float(value) < float(wanted),
    "$lte": lambda value, wanted: float(value) <= float(wanted),
}


def _fits(value: Any, wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return bool(value == wanted)
    if any(name.startswith("$") for name in wanted):
        if unknown := wanted.keys() - _OPERATORS.keys():
            raise ValueError(f"Unsupported operator: {', '.join(sorted(unknown))}")
        # What has no such field is neither more nor less than anything.
        ordered = value is not None or not wanted.keys() - {"$eq", "$ne"}
        return ordered and all(_OPERATORS[name](value, operand) for name, operand in wanted.items())
    return isinstance(value, dict) and all(_fits(value.get(name), inner) for name, inner in wanted.items())


def _plain(path: Iterable[str]) -> Namespace:
    """The part of a pattern before its first `*`."""
    labels = tuple(path)
    return labels[: labels.index("*")] if "*" in labels else labels


def _matches(condition: MatchCondition, namespace: Namespace) -> bool:
    path = tuple(condition.path)
    if len(path) > len(namespace):
        return False
    labels = namespace[: len(path)] if condition.match_type == "prefix" else namespace[len(namespace) - len(path) :]
    return all(wanted in ("*", label) for wanted, label in zip(path, labels))
