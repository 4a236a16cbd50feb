"""HubSpot's answers about objects, read strictly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from attrs import field, frozen

from crossdock.connectors.reading import Row, Unreadable, each, part, text, unfit, whole

_T = TypeVar("_T")


@frozen(kw_only=True)
class Object:
    """An object as it came.

    Attributes:
        properties: those that were asked for; each a text, or none.
        associated: ids by the other kind, where they were asked for.
    """

    id: str
    properties: Row
    created_at: datetime
    updated_at: datetime
    archived: bool
    archived_at: datetime | None = None
    associated: Mapping[str, tuple[str, ...]] = field(factory=dict)

    @property
    def version(self) -> str:
        """When it was last changed: all that HubSpot has to tell two states apart."""
        return self.updated_at.isoformat(timespec="milliseconds")

    def read(self, parse: Callable[[Object], _T]) -> _T:
        """Read a record of it; what is wrong is told with the object's id."""
        try:
            return parse(self)
        except Unreadable as bad:
            raise bad.inside(self.id, "properties") from None


@frozen(kw_only=True)
class Found:
    """A page of objects, with the cursor of the next one and, of a search, how many there are."""

    objects: tuple[Object, ...]
    after: str | None
    total: int | None = None


def is_id(value: str) -> bool:
    """Whether a text can be the id of an object."""
    return value.isascii() and value.isdigit()


def associated_in(row: Row) -> dict[str, tuple[str, ...]]:
    """Read what an object is associated with, by kind."""
    if not row.get("associations"):
        return {}

    def of_kinds(kinds: Row) -> dict[str, tuple[str, ...]]:
        return {
            # It writes the name of a kind with a space here, and with a line below elsewhere.
            name.replace(" ", "_"): tuple(
                dict.fromkeys(
                    part(kinds, name, lambda kind: each(kind, "results", lambda r: text(r, "id")))
                )
            )
            for name in kinds
        }

    return part(row, "associations", of_kinds)


def is_cut_off(body: Any, other: str) -> bool:
    """Whether there is more of a kind than an answer about one object holds."""
    kinds = body.get("associations") or {}
    kind = kinds.get(other) or kinds.get(other.replace("_", " ")) or {}
    return bool(kind.get("paging"))


def after_of(body: Row) -> str | None:
    """Read where a list goes on."""
    if not body.get("paging"):
        return None
    return part(
        body,
        "paging",
        lambda paging: (
            part(paging, "next", lambda n: text(n, "after")) if "next" in paging else None
        ),
    )


def to_id(row: Row) -> str:
    """Read the id at the other end of an association."""
    value = row.get("toObjectId")
    if type(value) is int:
        return str(value)
    return text(row, "toObjectId")


def from_to(row: Row) -> tuple[str, tuple[str, ...], bool]:
    """Read what one object is associated with, and whether there is more of it."""
    from_id = part(row, "from", lambda one: text(one, "id"))
    return from_id, tuple(dict.fromkeys(each(row, "to", to_id))), bool(row.get("paging"))


def unlabelled(body: Row) -> int:
    """Read HubSpot's own type of association without a label."""

    def numbered(row: Row) -> tuple[bool, int]:
        own = text(row, "category") == "HUBSPOT_DEFINED"
        return own and not row.get("label"), whole(row, "typeId")

    numbers = [number for fits, number in each(body, "results", numbered) if fits]
    if not numbers:
        raise unfit("results", "a type of HubSpot's own without a label", body.get("results"))
    return numbers[0]
