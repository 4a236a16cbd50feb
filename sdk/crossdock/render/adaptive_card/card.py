"""One card: its head, what fits of its body, and what a host says that cannot show it."""

from __future__ import annotations

from collections.abc import Iterator
from json import dumps
from typing import Any, Final

from attrs import evolve

from crossdock.render.adaptive_card.parts import elements_of
from crossdock.render.adaptive_card.text import Element, escaped, paragraphs, small
from crossdock.render.adaptive_card.writer import Version, Writer
from crossdock.render.addresses import Href, no_links, safe_address
from crossdock.render.characters import cleaned, one_line
from crossdock.render.formats import Formats, default_formats
from crossdock.views import Metrics, View

TEAMS_LIMIT: Final = 28 * 1024
"""Bytes of a message with a card that Teams takes (Microsoft, "Limits and specifications")."""

_SCHEMA: Final = "https://adaptivecards.io/schemas/{}.0/adaptive-card.json"
# Each step shows less than the one before: rows of a table, characters of a text.
_STEPS: Final = ((12, 1000), (10, 500), (8, 300), (6, 200), (4, 120), (2, 80), (1, 50))
_SAID: Final = 6  # figures that a host is told that cannot show the card


def render_adaptive_card(
    view: View,
    *,
    title: str = "",
    subtitle: str = "",
    href: Href = no_links,
    more: str | None = None,
    formats: Formats | None = None,
    version: Version = "1.5",
    limit: int = TEAMS_LIMIT,
) -> dict[str, Any]:
    """Render a view as an Adaptive Card.

    Args:
        view: what to render.
        title: stands above everything, such as the tab's name.
        subtitle: in small print below it, such as whose figures they are.
        href: turns `kind/id` and an action's parameters into an address, `None` for none; only
            `https` addresses, and those within the host's own site, are used.
        more: the address at which everything can be seen; the card has a button for it.
        formats: how values are written; British English and UTC where not given.
        version: the version of the schema that the host knows.
        limit: how many bytes the card may have as compact JSON.

    Raises:
        ValueError: even an empty card with this title is larger than the limit.
    """
    formats = formats if formats is not None else default_formats()
    shown = cleaned(view, one_line)
    address = safe_address(more)
    rows, letters = _STEPS[0]
    writer = Writer(
        href=href, formats=formats, version=version, rows=rows, letters=letters, more=address
    )
    for step in _smaller(writer):
        elements = elements_of(step, shown.components)
        card = _card(step, shown, title, subtitle, [each for some in elements for each in some])
        if _size(card) <= limit:
            return card
    for kept in range(len(elements) - 1, -1, -1):
        left = [each for some in elements[:kept] for each in some]
        rest = step.rest(len(elements) - kept)
        card = _card(step, shown, title, subtitle, [*left, *rest])
        if _size(card) <= limit:
            return card
    raise ValueError(f"a card does not fit into {limit} bytes, even empty")


def _smaller(writer: Writer) -> Iterator[Writer]:
    for rows, letters in _STEPS:
        yield evolve(writer, rows=rows, letters=letters)


def _card(
    writer: Writer, view: View, title: str, subtitle: str, elements: list[Element]
) -> dict[str, Any]:
    head = [
        *writer.heading(title, size="large"),
        *paragraphs([small(writer.say(subtitle))], spacing="none"),
    ]
    card: dict[str, Any] = {
        "type": "AdaptiveCard",
        "$schema": _SCHEMA.format(writer.version),
        "version": writer.version,
        "lang": writer.formats.locale.language,
        "fallbackText": _fallback(writer, view, title),
        "body": [*head, *_spaced(elements)],
    }
    if writer.more is not None:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open it all", "url": writer.more}]
    return card


def _spaced(elements: list[Element]) -> Iterator[Element]:
    """Put room before whatever begins something new."""
    for element in elements:
        new = element["type"] in ("TextBlock", "ActionSet") or "style" in element
        yield element if "spacing" in element or not new else element | {"spacing": "large"}


def _fallback(writer: Writer, view: View, title: str) -> str:
    """Tell the first figures to a host that cannot show the card."""
    said = [title] if title else []
    figures = [
        f"{metric.label}: {writer.formats.text(metric.value)}"
        for component in view.components
        if isinstance(component, Metrics)
        for metric in component.metrics
    ]
    said += figures[:_SAID]
    return escaped(writer.say("; ".join(said) or "This card cannot be shown here."))


def _size(card: dict[str, Any]) -> int:
    return len(dumps(card, ensure_ascii=False, separators=(",", ":")).encode())
