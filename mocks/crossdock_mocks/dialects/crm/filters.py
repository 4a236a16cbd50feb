"""What the query parameters of a list mean: which records, in which order, which page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from crossdock_mocks.engine import Call, RawJson, Reply, Where, every, ge, gt, le, lt, ne
from crossdock_mocks.frontoffice import Office, Resource
from crossdock_mocks.frontoffice.instants import kept
from crossdock_mocks.frontoffice.lists import page, words

_PAGING: Final = frozenset({"page", "page_size", "sort"})
_INSTANT: Final = {"stage_history_entry": "entered_at", "login": "at"}


def _since(value: datetime) -> Any:
    return ge(kept(value))


def _before(value: datetime) -> Any:
    return lt(kept(value))


def _given(value: bool) -> Any:
    return ne(None) if value else None


def _external(value: str) -> Where:
    system, _, key = value.partition(":")
    return {f"external_ids.{system}": key}


# Parameters that are not simply the field of their name; each gives a condition.
_CONDITIONS: Final[Mapping[str, Callable[[Resource, Any], Where]]] = {
    "q": words,
    "updated_since": lambda _, value: {"updated_at": _since(value)},
    "from": lambda resource, value: {_INSTANT[resource.entity]: _since(value)},
    "to": lambda resource, value: {_INSTANT[resource.entity]: _before(value)},
    "close_from": lambda _, value: {"close_on": ge(value)},
    "close_to": lambda _, value: {"close_on": le(value)},
    "due_before": lambda _, value: {"due_at": _before(value)},
    "open": lambda _, value: {"closed_at": None if value else ne(None)},
    "completed": lambda _, value: {"completed_at": _given(value)},
    "responded": lambda _, value: {"responded_at": _given(value)},
    "linked": lambda _, value: {"erp_order_id": _given(value)},
    "country": lambda _, value: {"address.country": value},
    "external_id": lambda _, value: _external(value),
    "after": lambda _, value: {"id": gt(value)},
}


def condition(resource: Resource, query: Mapping[str, Any], base: Where | None = None) -> Where:
    """The condition that the parameters of a list ask for, beside one that holds anyway."""
    parts: list[Where] = [] if base is None else [base]
    for name, value in query.items():
        if name in _CONDITIONS:
            parts.append(_CONDITIONS[name](resource, value))
        elif name not in _PAGING:
            parts.append({name: value})
    return every(*parts)


def answer_list(call: Call, office: Office, resource: Resource, base: Where | None = None) -> Reply:
    """Answer a list: one page of what the query asks for."""
    query = call.query
    number, size = query["page"], query["page_size"]
    where = condition(resource, query, base)
    found = page(office, resource, where, query["sort"], number, size)
    return Reply(
        200, RawJson.object(data=found.rows, page=number, page_size=size, total=found.total)
    )
