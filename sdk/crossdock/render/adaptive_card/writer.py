"""What every part of an Adaptive Card is written with: formats, links, room, version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from attrs import frozen

from crossdock.render.adaptive_card.text import (
    Element,
    Run,
    escaped,
    paragraph,
    paragraphs,
    run,
    small,
    words,
)
from crossdock.render.addresses import Href, safe_address
from crossdock.render.formats import Formats
from crossdock.views import Action, Badge, Drill, Link, Provenance, Tone, Unknown, Value

Version: TypeAlias = Literal["1.3", "1.4", "1.5"]


@frozen(kw_only=True)
class Writer:
    """Writes texts, values and links for one card.

    Attributes:
        href: where links and actions lead.
        formats: how values are written.
        version: the version of the schema whose elements may be used.
        rows: how many rows of a table, categories of a chart and entries of a timeline are shown.
        letters: the longest text.
        more: where all of it can be seen.
    """

    href: Href
    formats: Formats
    version: Version
    rows: int
    letters: int
    more: str | None = None

    @property
    def has_tables(self) -> bool:
        """Whether the schema has the element `Table`."""
        return self.version == "1.5"

    def heading(self, text: str, size: str = "medium") -> list[Element]:
        """Make a heading; nothing of an empty text."""
        if not text.strip():
            return []
        block: Element = {
            "type": "TextBlock",
            "text": escaped(self.say(text)),
            "weight": "bolder",
            "size": size,
            "wrap": True,
        }
        return [block | {"style": "heading"} if self.has_tables else block]

    def say(self, text: str) -> str:
        """Give a text in the length that there is room for."""
        return words(text, self.letters)

    def rest(self, count: int) -> list[Element]:
        """Say how many are not shown, with a link to all of them."""
        if count <= 0:
            return []
        link = self.leads_to(self.more)
        return [
            paragraph([small(f"and {self.formats.number(count)} more") | link], spacing="small")
        ]

    def provenance(self, provenance: Provenance | None) -> list[Element]:
        """Say in small print where figures came from; stale ones are marked."""
        if provenance is None:
            return []
        line = self.say(self.formats.provenance(provenance))
        tone: Tone = "warning" if provenance.stale else "neutral"
        return paragraphs([small(line, tone=tone)], spacing="small")

    def leads_to(self, address: str | None) -> dict[str, Any]:
        """Make a link for a run; nothing for an address that is not plainly harmless."""
        safe = safe_address(address)
        return {} if safe is None else {"selectAction": {"type": "Action.OpenUrl", "url": safe}}

    def address(self, target: str, params: Mapping[str, str]) -> str | None:
        """Give a target's address, where it is plainly harmless."""
        return safe_address(self.href(target, params))

    def value(self, value: Value, *, tone: Tone = "neutral", **more: Any) -> Run:
        """Write a value; `more` holds further properties of its run."""
        text = self.say(self.formats.text(value))
        match value:
            case Badge():
                return run(text, tone=value.tone, **{"weight": "bolder", **more})
            case Unknown():
                return run(text, isSubtle=True, italic=True)
            case Link() | Drill():
                address = self.href(value.target, value.params)
                return run(text, tone=tone, **more) | self.leads_to(address)
            case Action():
                leads = self.leads_to(self.href(value.target, value.params))
                return run(text, tone=value.tone, **more) | leads if leads else run("")
        return run(text, tone=tone, **more)
