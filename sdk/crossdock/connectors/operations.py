"""Which operations of a remote document a connector uses.

A connector declares them, so that a change of the document can be traced to those whom it concerns;
it has no other way to make a call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal
from urllib.parse import quote

from attrs import frozen

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@frozen
class Operation:
    """One operation of the remote document.

    Attributes:
        id: its `operationId`.
        path: its path, with names in braces.
        repeatable: whether the same call twice has the effect of one, so that it may be sent again
            when its answer was lost: it only reads, or the system knows a repeat by its key.
        file: the media type of its good answer, where that is a file and no JSON.
    """

    id: str
    method: Method
    path: str
    repeatable: bool = False
    file: str = ""

    def address(self, names: Mapping[str, str]) -> str:
        """Fill the names into the path; what is filled in can never become another path."""
        path = self.path
        for name, value in names.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        return path


def read_only(id: str, path: str) -> Operation:  # noqa: A002 - the document's own word
    """Declare an operation that only reads."""
    return Operation(id, "GET", path, repeatable=True)


def a_file(id: str, path: str, media_type: str) -> Operation:  # noqa: A002 - the document's word
    """Declare an operation that only reads, and answers a file."""
    return Operation(id, "GET", path, repeatable=True, file=media_type)


def ids(operations: Iterable[object]) -> frozenset[str]:
    """Give the operationIds among a module's names."""
    return frozenset(each.id for each in operations if isinstance(each, Operation))
