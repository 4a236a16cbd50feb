"""Finding the operation for a path: fixed segments before templates, in one walk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cache
from itertools import zip_longest
from typing import Any, Generic, TypeVar, final
from urllib.parse import unquote

Target = TypeVar("Target")

_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_SLASHES = re.compile(r"/{2,}")


_NEAR = 0.75
_QUOTED = {"'": "((?:[^']|'')*)", '"': '((?:[^"]|"")*)'}


class _Folded(dict[str, Any]):
    """Fixed segments that are found whatever their case."""

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(key.lower(), default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        return super().setdefault(key.lower(), default)


class _Node(Generic[Target]):
    __slots__ = ("any", "fixed", "patterns", "targets")

    def __init__(self, folded: bool = False) -> None:
        self.fixed: dict[str, _Node[Target]] = _Folded() if folded else {}
        self.patterns: list[tuple[str, re.Pattern[str], _Node[Target]]] = []
        self.any: _Node[Target] | None = None
        # Method to target, with the names of the templates on the way.
        self.targets: dict[str, tuple[Target, tuple[str, ...]]] = {}


@final
class Paths(Generic[Target]):
    """Templates of paths, each with its methods.

    A segment may be fixed (`orders`), a template (`{id}`), or hold templates between fixed text
    (`accounts('{id}')`, `{id}.json`). Fixed ones win over mixed ones, mixed ones over plain
    templates, whatever their order in the document. A template in quotes (`'{id}'`, `"{id}"`) takes
    text with the quotes in it doubled, as OData writes keys.

    Args:
        any_case: Whether fixed text is found whatever its case. Values keep theirs.
        any_slash: Whether a slash at the end makes no difference.
        any_slashes: Whether several slashes together are one.
    """

    def __init__(
        self, *, any_case: bool = False, any_slash: bool = False, any_slashes: bool = False
    ) -> None:
        self._any_case = any_case
        self._any_slash = any_slash
        self._any_slashes = any_slashes
        self._root: _Node[Target] = _Node(any_case)
        # As written, to tell what somebody may have meant.
        self._templates: dict[str, None] = {}

    def add(self, template: str, method: str, target: Target) -> None:
        """Add a path.

        Raises:
            ValueError: The same path and method are there already.
        """
        self._templates[template] = None
        if self._any_slash and len(template) > 1:
            template = template.rstrip("/")
        node = self._root
        names: list[str] = []
        for segment in template.split("/")[1:]:
            found = _TEMPLATE.findall(segment)
            names.extend(found)
            if not found:
                node = node.fixed.setdefault(segment, _Node(self._any_case))
            elif segment == f"{{{found[0]}}}":
                if node.any is None:
                    node.any = _Node(self._any_case)
                node = node.any
            else:
                node = self._pattern(node, segment)
        if method in node.targets:
            raise ValueError(f"two operations answer {method} {template}")
        node.targets[method] = (target, tuple(names))

    def _pattern(self, node: _Node[Target], segment: str) -> _Node[Target]:
        parts = _TEMPLATE.split(segment)
        text = "".join(
            re.escape(part) if position % 2 == 0 else _value(parts, position)
            for position, part in enumerate(parts)
        )
        for known, _, below in node.patterns:
            if known == text:
                return below
        below = _Node[Target](self._any_case)
        node.patterns.append(
            (text, re.compile(text, re.IGNORECASE if self._any_case else 0), below)
        )
        node.patterns.sort(key=lambda each: -len(each[0]))
        return below

    def find(self, path: str, method: str) -> tuple[Target, dict[str, str]] | frozenset[str]:
        """The target of a path and method with the path's parameters, percent-decoded.

        Args:
            path: The path as sent, still percent-encoded.
            method: Upper-case method.

        Returns:
            Target and parameters, or the methods that this path knows (none: unknown path).
        """
        if self._any_slashes and "//" in path:
            path = _SLASHES.sub("/", path)
        if self._any_slash and len(path) > 1:
            path = path.rstrip("/")
        # An encoded slash stays within its segment, so segments are split before decoding.
        segments = path.split("/")
        if "%" in path:
            segments = [unquote(segment) for segment in segments]
        values: list[str] = []
        allowed: set[str] = set()
        found = self._walk(self._root, segments, 1, values, method, allowed)
        if found is None:
            return frozenset(allowed)
        target, names = found
        return target, dict(zip(names, values, strict=True)) if names else {}

    def nearest(self, path: str) -> str | None:
        """The template that a path may have meant, if one is near."""
        words = path.lower().strip("/").split("/")
        best, score = None, 0.0
        for template in self._templates:
            parts = template.lower().strip("/").split("/")
            if abs(len(parts) - len(words)) > 1:
                continue
            # Values of templates say nothing about what was meant.
            likely = [
                word if _TEMPLATE.search(part) else part
                for part, word in zip_longest(parts, words[: len(parts)], fillvalue="")
            ]
            ratio = SequenceMatcher(None, "/".join(likely), "/".join(words)).ratio()
            if ratio > score:
                best, score = template, ratio
        return best if score >= _NEAR else None

    def _walk(
        self,
        node: _Node[Target],
        segments: list[str],
        position: int,
        values: list[str],
        method: str,
        allowed: set[str],
    ) -> tuple[Target, tuple[str, ...]] | None:
        last = len(segments)
        # Mostly there is one way on; only where there are several, they are tried in turn.
        while position < last and not node.patterns:
            below = node.fixed.get(segments[position])
            if below is not None:
                if node.any is not None:
                    break
                node = below
            elif node.any is not None and segments[position]:
                values.append(segments[position])
                node = node.any
            else:
                return None
            position += 1
        if position == last:
            found = node.targets.get(method)
            if found is None:
                allowed.update(node.targets)
            return found
        segment = segments[position]
        mark = len(values)
        for under, taken in self._ways(node, segment):
            values.extend(taken)
            found = self._walk(under, segments, position + 1, values, method, allowed)
            if found is not None:
                return found
            del values[mark:]
        return None

    def _ways(
        self, node: _Node[Target], segment: str
    ) -> Iterator[tuple[_Node[Target], tuple[str, ...]]]:
        """Where a segment may lead, the most fixed first, with the values it gives."""
        below = node.fixed.get(segment)
        if below is not None:
            yield below, ()
        for _, pattern, under in node.patterns:
            match = pattern.fullmatch(segment)
            if match is not None:
                quotes = _quotes(pattern.pattern)
                yield (
                    under,
                    tuple(map(_undoubled, match.groups(), quotes)) if quotes else (match.groups()),
                )
        if node.any is not None and segment:
            yield node.any, (segment,)


def bare(key: str) -> str:
    """A key of OData without its quotes, if it has some: `'O''Hara'` is O'Hara, a GUID stays."""
    quote = key[:1]
    if quote in _QUOTED and len(key) > 1 and key.endswith(quote):
        return _undoubled(key[1:-1], quote)
    return key


def _value(parts: list[str], position: int) -> str:
    """The expression for one template between fixed text."""
    before, after = parts[position - 1][-1:], parts[position + 1][:1]
    return _QUOTED[before] if before == after and before in _QUOTED else "(.+?)"


@cache
def _quotes(pattern: str) -> tuple[str, ...]:
    """The quote around each value of a pattern, or nothing when no value has any."""
    groups = re.findall(r"\(\(\?:\[\^(['\"])\]\|..\)\*\)|\(\.\+\?\)", pattern)
    return tuple(groups) if any(groups) else ()


def _undoubled(value: str, quote: str) -> str:
    return value.replace(quote * 2, quote) if quote else value
