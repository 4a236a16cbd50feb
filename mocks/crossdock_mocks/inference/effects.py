"""Actions: what a verb in a path does to the record that it stands under."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crossdock_mocks.inference.naming import plain
from crossdock_mocks.inference.schemas import Schemas, kind


def effect_of(schemas: Schemas, record: Any, verb: str) -> dict[str, Any] | None:
    """What a verb does to a record, where the record shows it.

    `cancel` sets a status of which `cancelled` or `canceled` is one value, `archive` sets
    `archived`, `close` sets `closed_at`; `reopen` and `unlock` undo.
    """
    if record is None:
        return None
    properties = schemas.flat(record)["properties"]
    bare = plain(verb)
    forms = _forms(bare)
    for name, each in properties.items():
        flat = schemas.flat(each)
        for value in flat.get("enum", ()):
            if isinstance(value, str) and plain(value) in forms:
                return {name: value}
    done = _marks(schemas, properties, forms, undone=False)
    undo = re.match(r"(un|re|de)(?=[a-z]{4})", bare)
    if not done and undo:
        done = _marks(schemas, properties, _forms(bare[undo.end() :]), undone=True)
    return done or None


def _marks(
    schemas: Schemas, properties: Mapping[str, Any], wanted: set[str], *, undone: bool
) -> dict[str, Any]:
    """Flags and instants that say that something was done."""
    effect: dict[str, Any] = {}
    for name, each in properties.items():
        flat = schemas.flat(each)
        word = re.sub(r"^(is|was)_", "", plain(name))
        if kind(flat) == "boolean" and word in wanted:
            effect[name] = not undone
        elif word.endswith(("_at", "_on", "_date")) and word.rpartition("_")[0] in wanted:
            effect[name] = None if undone else "now"
    return effect


def _forms(verb: str) -> set[str]:
    """A verb as itself and as what it leads to: cancel, canceled, cancelled."""
    base = verb.removesuffix("e")
    made = {verb, f"{base}ed", f"{base}{base[-1:]}ed", f"{verb}d"}
    if verb.endswith("y"):
        made.add(f"{verb[:-1]}ied")
    irregular = {"pay": "paid", "send": "sent", "void": "voided", "reopen": "open", "hold": "held",
                 "submit": "submitted", "complete": "completed", "activate": "active",
                 "deactivate": "inactive", "enable": "enabled", "open": "open",
                 "finalize": "open", "ship": "shipped", "capture": "succeeded"}  # fmt: skip
    made |= {irregular[verb]} if verb in irregular else set()
    return made
