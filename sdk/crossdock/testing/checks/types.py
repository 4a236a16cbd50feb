"""Annotations compared, as far as they lead to types of Crossdock; what leads elsewhere stands."""

from __future__ import annotations

import ast
import inspect
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from attrs import frozen

from crossdock import context, decisions, hookspecs, records, views
from crossdock.testing.checks.source import Module

_SEQUENCES = (Sequence, list, tuple, typing.Sequence, typing.List, typing.Tuple)  # noqa: UP006


@frozen
class Kinds:
    """The types that a value may be of; those of a sequence's entries stand beside.

    Attributes:
        single: classes, `NoneType` among them.
        listed: the types of the entries, where it may be a sequence; `None` where it may not be.
    """

    single: frozenset[type]
    listed: frozenset[type] | None = None

    def accepts(self, other: Kinds) -> bool:
        """Whether everything that the other may be fits here."""
        return _each_fits(other.single, self.single) and (
            other.listed is None
            or (self.listed is not None and _each_fits(other.listed, self.listed))
        )


def _each_fits(narrow: Iterable[type], wide: Iterable[type]) -> bool:
    return all(any(other in one.__mro__ for other in wide) for one in narrow)


@cache
def spec_of(point: str) -> tuple[Mapping[str, Kinds], Kinds]:
    """Give what an extension point gives for each argument, and what it wants for an answer."""
    names = {**vars(context), **vars(decisions), **vars(records), "Sequence": Sequence}
    for name in views.__dict__:
        names.setdefault(name, getattr(views, name))
    hints = typing.get_type_hints(getattr(hookspecs, point), names)
    answer = hints.pop("return")
    given = {name: _kinds(hint) for name, hint in hints.items()}
    return {name: kinds for name, kinds in given.items() if kinds}, _kinds(answer) or Kinds(
        frozenset({object})
    )


class Types:
    """Reads the annotations of one module."""

    def __init__(self, module: Module) -> None:
        self._module = module

    def of(self, annotation: ast.expr | None) -> Kinds | None:
        """Give what an annotation says; `None` where it is missing or leads elsewhere."""
        try:
            return None if annotation is None else _kinds(self._value(annotation))
        except _Elsewhere:
            return None

    def hint(self, annotation: ast.expr | None) -> Any:
        """Give the type that an annotation means; `None` where it is missing or leads elsewhere."""
        try:
            return None if annotation is None else self._value(annotation)
        except (_Elsewhere, SyntaxError):
            return None

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=None):
                return type(None)
            case ast.Constant(value=str() as text):
                return self._value(ast.parse(text, mode="eval").body)
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                return typing.Union[self._value(left), self._value(right)]  # noqa: UP007
            case ast.Subscript(value=base, slice=inside):
                return self._subscript(self._value(base), inside)
            case ast.Name() | ast.Attribute():
                return self._named(node)
        raise _Elsewhere

    def _subscript(self, base: Any, inside: ast.expr) -> Any:
        parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
        values = [
            ... if isinstance(each, ast.Constant) and each.value is ... else self._value(each)
            for each in parts
        ]
        try:
            return base[tuple(values) if len(values) > 1 else values[0]]
        except TypeError:
            raise _Elsewhere from None

    def _named(self, node: ast.expr) -> Any:
        origin = self._module.origin(node)
        if not origin and isinstance(node, ast.Name):
            import builtins

            if hasattr(builtins, node.id) and node.id not in self._module.functions:
                return getattr(builtins, node.id)
            raise _Elsewhere
        module, _, name = origin.rpartition(".")
        if module.partition(".")[0] not in ("crossdock", "typing", "collections"):
            raise _Elsewhere
        try:
            return getattr(import_module(module), name)
        except (ImportError, AttributeError):
            raise _Elsewhere from None


class _Elsewhere(Exception):  # noqa: N818 - says where an annotation leads
    """An annotation leads to what is no type of Crossdock."""


def _kinds(hint: Any) -> Kinds | None:
    """Take a type apart; `None` for what fits everything, or cannot be compared."""
    single: set[type] = set()
    listed: set[type] | None = None
    union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    for part in typing.get_args(hint) if union else (hint,):
        origin = typing.get_origin(part) or part
        if part is None:
            single.add(type(None))
        elif origin in (typing.Union, types.UnionType):
            inner = _kinds(part)
            if inner is None:
                return None
            single |= inner.single
            listed = (listed or set()) | inner.listed if inner.listed is not None else listed
        elif origin in _SEQUENCES:
            entries = [_kinds(each) for each in typing.get_args(part) if each is not ...]
            if not entries or None in entries:
                return None
            listed = (listed or set()).union(*(each.single for each in entries if each))
        elif inspect.isclass(part) and part is not object:
            single.add(part)
        else:
            return None
    return Kinds(frozenset(single), None if listed is None else frozenset(listed))


def in_words(kinds: Kinds) -> str:
    """Write types as an annotation would."""
    names = sorted(each.__name__ for each in kinds.single if each is not type(None))
    if kinds.listed is not None:
        names.append(f"Sequence[{' | '.join(sorted(each.__name__ for each in kinds.listed))}]")
    if type(None) in kinds.single:
        names.append("None")
    return " | ".join(names)
