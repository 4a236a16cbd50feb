"""The cursor of a feed by modified instant, as text.

It holds what the next read needs and no more: a watermark for each list, what was told inside its
window, and, where deletions are found by comparing, the ids that are known.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from attrs import field, frozen

from crossdock.connectors.since.window import Window
from crossdock.errors import RemoteMisbehaved

_FORM: Final = 1


@frozen(kw_only=True)
class Place:
    """How far a feed was read.

    Attributes:
        windows: by the name of its list.
        turn: the list that is read next.
        swept: when the ids of a list were last compared.
        known: the ids that a list is known to have, where nobody else keeps them.
    """

    windows: Mapping[str, Window] = field(factory=dict)
    turn: int = 0
    swept: Mapping[str, datetime] = field(factory=dict)
    known: Mapping[str, frozenset[str]] = field(factory=dict)


def written(place: Place) -> str:
    """Write a place as a cursor."""
    plain = {
        "form": _FORM,
        "turn": place.turn,
        "lists": {name: _plain(window) for name, window in sorted(place.windows.items())},
        "swept": {name: at.isoformat() for name, at in sorted(place.swept.items())},
        "known": {name: _packed(ids) for name, ids in sorted(place.known.items())},
    }
    return json.dumps(plain, separators=(",", ":"))


def read(cursor: str, *, system: str) -> Place:
    """Read a cursor.

    Raises:
        RemoteMisbehaved: it is none of ours; nothing may be guessed from it.
    """
    try:
        plain = json.loads(cursor)
        if plain["form"] != _FORM:
            raise ValueError(f"form {plain['form']!r}")
        return Place(
            turn=int(plain["turn"]),
            windows={name: _window(each) for name, each in plain["lists"].items()},
            swept={name: datetime.fromisoformat(at) for name, at in plain["swept"].items()},
            known={name: _unpacked(text) for name, text in plain["known"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error) as wrong:
        raise RemoteMisbehaved(
            f"the cursor kept for {system} is none of a feed by modified instant: {wrong}",
            system=system,
        ) from wrong


def _plain(window: Window) -> dict[str, Any]:
    return {
        "from": window.watermark.isoformat(),
        "at": window.position.isoformat(),
        "skip": window.skip,
        "border": window.border,
        "to": None if window.horizon is None else window.horizon.isoformat(),
        "told": [[each, version, at.isoformat()] for each, (version, at) in window.told.items()],
    }


def _window(plain: Mapping[str, Any]) -> Window:
    to = plain["to"]
    return Window(
        watermark=datetime.fromisoformat(plain["from"]),
        position=datetime.fromisoformat(plain["at"]),
        skip=int(plain["skip"]),
        border=str(plain["border"]),
        horizon=None if to is None else datetime.fromisoformat(to),
        told={each: (version, datetime.fromisoformat(at)) for each, version, at in plain["told"]},
    )


def _packed(ids: frozenset[str]) -> str:
    return base64.b85encode(zlib.compress(json.dumps(sorted(ids)).encode())).decode()


def _unpacked(text: str) -> frozenset[str]:
    return frozenset(json.loads(zlib.decompress(base64.b85decode(text))))
