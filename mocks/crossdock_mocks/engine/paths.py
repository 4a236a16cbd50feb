"""Finding the operation for a path: fixed segments before templates, in one walk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Generic, TypeVar, final
from urllib.parse import unquote

Target = TypeVar("Target")

_TEMPLATE = re.compile(r"\{([^{}]+)\}")


class _Node(Generic[Target]):
    __slots__ = ("any", "fixed", "patterns", "targets")

    def __init__(self) -> None:
        self.fixed: dict[str, _Node[Target]] = {}
        self.patterns: list[tuple[str, re.Pattern[str], _Node[Target]]] = []
        self.any: _Node[Target] | None = None
        # Method to target, with the names of the templates on the way.
        self.targets: dict[str, tuple[Target, tuple[str, ...]]] = {}


@final
class Paths(Generic[Target]):
    """Templates of paths, each with its methods.

    A segment may be fixed (`orders`), a template (`{id}`), or hold templates between fixed text
    (`accounts('{id}')`, `{id}.json`). Fixed ones win over mixed ones, mixed ones over plain
    templates, whatever their order in the document.
    """

    def __init__(self) -> None:
        self._root: _Node[Target] = _Node()

    def add(self, template: str, method: str, target: Target) -> None:
        """Add a path.

        Raises:
            ValueError: The same path and method are there already.
        """
        node = self._root
        names: list[str] = []
        for segment in template.split("/")[1:]:
            found = _TEMPLATE.findall(segment)
            names.extend(found)
            if not found:
                node = node.fixed.setdefault(segment, _Node())
            elif segment == f"{{{found[0]}}}":
                if node.any is None:
                    node.any = _Node()
                node = node.any
            else:
                node = self._pattern(node, segment)
        if method in node.targets:
            raise ValueError(f"two operations answer {method} {template}")
        node.targets[method] = (target, tuple(names))

    def _pattern(self, node: _Node[Target], segment: str) -> _Node[Target]:
        parts = _TEMPLATE.split(segment)
        text = "".join(
            re.escape(part) if position % 2 == 0 else "(.+?)" for position, part in enumerate(parts)
        )
        for known, _, below in node.patterns:
            if known == text:
                return below
        below = _Node[Target]()
        node.patterns.append((text, re.compile(text), below))
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
                yield under, match.groups()
        if node.any is not None and segment:
            yield node.any, (segment,)
