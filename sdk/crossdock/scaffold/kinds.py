"""What a new project may be about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

_FIRST: Final = ("pytest", "crossdock check .", "crossdock certify .")


@frozen(kw_only=True)
class Kind:
    """A kind of project.

    Attributes:
        name: as it is asked for.
        summary: what such a project does, for whoever chooses; what the new one says of itself
            unless told otherwise.
        templates: the folders of its files; of two files in the same place the later one counts.
        next: what to type first, with `{id}` for the project's id.
    """

    name: str
    summary: str
    templates: tuple[str, ...]
    next: tuple[str, ...] = (*_FIRST, "crossdock dev .")


KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind(
            name="tab",
            summary="Shows what is still to be shipped, as a tab of the account.",
            templates=("plugin", "tab"),
        ),
        Kind(
            name="guard",
            summary="Warns of large discounts before a quote is saved.",
            templates=("plugin", "guard"),
        ),
        Kind(
            name="event",
            summary="Opens a task for the owner when a quote becomes an order.",
            templates=("plugin", "event"),
        ),
        Kind(
            name="job",
            summary="Opens a task once a week where a customer's credit is nearly used up.",
            templates=("plugin", "job"),
        ),
        Kind(
            name="connector",
            summary="Lets plugins read customers out of another ERP.",
            templates=("system", "connector"),
            next=_FIRST,
        ),
        Kind(
            name="mock",
            summary="Plays a system that Crossdock does not know, from its OpenAPI document.",
            templates=("system", "mock"),
            next=(*_FIRST, "crossdock mock {id}"),
        ),
    )
}
