"""Texts of an Adaptive Card: runs that hold no markup, and headings whose markdown is escaped.

A `TextBlock` reads a subset of markdown, and hosts differ in how large that subset is; a `TextRun`
reads none (Adaptive Cards, "Text features"). So what comes from a plugin goes into runs, and only
headings, which screen readers want as a `TextBlock` of the style `heading`, are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from crossdock.render.characters import one_line
from crossdock.views import Tone

Element: TypeAlias = dict[str, Any]
Run: TypeAlias = dict[str, Any]

COLOURS: Final[Mapping[Tone, str]] = {
    "info": "accent",
    "good": "good",
    "warning": "warning",
    "bad": "attention",
}
_ELLIPSIS: Final = "…"
_JOINER: Final = "\N{WORD JOINER}"  # takes no room and is no place to break a line

# Renderers write `{{DATE(...)}}` and `{{TIME(...)}}` as a day and an hour in every text, runs too,
# and a host that expands templates evaluates `${...}`.
_functions: Final = re.compile(r"\{(?=\{(?:DATE|TIME)\()|\$(?=\{)", re.IGNORECASE)
# CommonMark takes a backslash before any ASCII punctuation; those that mean something anywhere in
# a line, and those that mean something at its beginning.
_marks: Final = re.compile(r"[\\`*_\[\]<>~|&]")
_beginnings: Final = re.compile(r"^(?:[#+=-]|\d+(?=[.)]))")


def words(text: str, limit: int) -> str:
    """Give a text as one line of at most `limit` characters in which nothing is a command."""
    line = one_line(text[: limit + 1])
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + _ELLIPSIS
    return _functions.sub(rf"\g<0>{_JOINER}", line)


def escaped(text: str) -> str:
    """Escape markdown, so that a text block shows the text itself."""
    line = _marks.sub(r"\\\g<0>", text.strip())
    start = _beginnings.match(line)
    if start is None:
        return line
    at = start.end() if start.group().isdigit() else 0
    return f"{line[:at]}\\{line[at:]}"


def run(text: str, *, tone: Tone = "neutral", **more: Any) -> Run:
    """Make a run of text; `more` holds further properties of the schema."""
    made: Run = {"type": "TextRun", "text": text, **more}
    if tone in COLOURS:
        made["color"] = COLOURS[tone]
    return made


def small(text: str, *, tone: Tone = "neutral") -> Run:
    """Make a run in small print."""
    subtle = {} if tone in COLOURS else {"isSubtle": True}
    return run(text, tone=tone, size="small", **subtle)


def paragraph(runs: Sequence[Run], **more: Any) -> Element:
    """Put runs into a paragraph, which wraps."""
    return {"type": "RichTextBlock", "inlines": list(runs), **more}


def paragraphs(runs: Sequence[Run], **more: Any) -> list[Element]:
    """Put runs into a paragraph; nothing makes none, as hosts trip over an empty one."""
    shown = [each for each in runs if each["text"]]
    return [paragraph(shown, **more)] if shown else []
