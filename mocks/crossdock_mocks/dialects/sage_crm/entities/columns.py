"""Columns of Sage CRM's tables: each begins with the four letters of its entity."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeAlias, final

from crossdock_mocks.sdata import Field, Reference, Stamps
from crossdock_mocks.sdata.model import Property

YES: Final = "Y"
NO: Final = "N"
"""What flags hold: a character, as in the vendor's tables."""

Columns: TypeAlias = tuple[Property, ...]


@final
class Table:
    """Makes the columns of one entity.

    Args:
        prefix: The letters that its columns begin with, such as `comp`.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def name(self, name: str) -> str:
        """The full name of a column."""
        return f"{self.prefix}_{name}"

    def text(self, name: str, length: int = 255, **more: Any) -> Columns:
        """A text."""
        return (Field(self.name(name), length=length, **more),)

    def memo(self, name: str, **more: Any) -> Columns:
        """A long text."""
        return (Field(self.name(name), length=32_000, precedence=2, **more),)

    def choice(self, name: str, values: Iterable[str], **more: Any) -> Columns:
        """One word of a list, which the vendor calls a caption family."""
        return (Field(self.name(name), values=tuple(values), **more),)

    def flag(self, name: str, **more: Any) -> Columns:
        """Yes or no."""
        return self.choice(name, (YES, NO), **more)

    def whole(self, name: str, **more: Any) -> Columns:
        """A whole number."""
        return (Field(self.name(name), "integer", **more),)

    def number(self, name: str, **more: Any) -> Columns:
        """A number with six digits behind the point, as the vendor keeps quantities and prices."""
        return (Field(self.name(name), "decimal", **{"scale": 6, **more}),)

    def money(self, name: str, **more: Any) -> Columns:
        """An amount."""
        return (Field(self.name(name), "decimal", **more),)

    def at(self, name: str, **more: Any) -> Columns:
        """An instant; a day is the instant at which it begins."""
        return (Field(self.name(name), "datetime", **more),)

    def link(self, name: str, to: str, shown: str, **more: Any) -> Columns:
        """The key of another entity's record, and the record itself as an object beside it."""
        column = self.name(name)
        kept = {key: more[key] for key in ("required", "read_only") if key in more}
        return (
            Field(column, "integer", indexed=True, **kept),
            Reference(shown, to, by=column),
        )

    def stamps(self) -> Columns:
        """Who made and changed a record, and when."""
        stamped = self.stamped()
        return (
            Field(self.name("createdby"), "integer", read_only=True, precedence=2),
            Field(str(stamped.created), "datetime", read_only=True),
            Field(self.name("updatedby"), "integer", read_only=True, precedence=2),
            Field(str(stamped.modified), "datetime", read_only=True),
        )

    def stamped(self) -> Stamps:
        """The names of those columns."""
        return Stamps(
            created=self.name("createddate"),
            modified=self.name("updateddate"),
            creator=self.name("createdby"),
            modifier=self.name("updatedby"),
        )


def together(*groups: Columns) -> Columns:
    """All columns of some groups, in their order."""
    return tuple(each for group in groups for each in group)
