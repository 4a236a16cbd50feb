"""What kind of record an expression of a plugin gives, as far as its text says so.

Arguments of hooks have the kinds that their points give, others those that they are annotated
with; from there it goes on through fields, methods of ports, loops and plain assignments. Where
nobody can say, the answer is nothing, and whoever asks has to do without.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import sys
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from crossdock import context, decisions, hookspecs, ports, records, views
from crossdock.points import POINTS
from crossdock.testing.checks.source import Function, Module, Source
from crossdock.testing.checks.types import Types

_PASSES: Final = 4  # as many steps as a value may take from name to name
_MANY: Final = (Sequence, list, tuple, set, frozenset, Iterable, Iterator)
_UNKNOWN: Final = object()


class Values:
    """The kinds of a plugin's expressions.

    Args:
        plugin: its source.
    """

    def __init__(self, plugin: Source) -> None:
        points = {id(each.node): each.point for each in plugin.hooks if each.marked}
        self._names: dict[int, Mapping[str, Any]] = {}
        for module in plugin.modules.values():
            for function in module.functions.values():
                known = _names(module, function, points.get(id(function), ""))
                for node in ast.walk(function):  # what is further inside comes later
                    self._names.setdefault(id(node), known)
                    if isinstance(node, Function) and node is not function:
                        own = {**known, **_names(module, node, "")}
                        self._names |= {id(each): own for each in ast.walk(node)}

    def records(self, node: ast.expr) -> tuple[type, ...]:
        """Give the classes of Crossdock that an expression may be of; none where nobody can say."""
        hint = _value(node, self._names.get(id(node), {}))
        return tuple(origin for origin, _ in _classes(hint))


def _names(module: Module, function: Function, point: str) -> Mapping[str, Any]:
    """Say what the names in a function are; those that are several things are unknown."""
    given = _given(point) if point in POINTS else {}
    annotations = Types(module)
    known: dict[str, Any] = {}
    taken = function.args
    for each in [*taken.posonlyargs, *taken.args, *taken.kwonlyargs]:
        annotated = annotations.hint(each.annotation)
        known[each.arg] = given.get(each.arg, _UNKNOWN) if annotated is None else annotated
    for _ in range(_PASSES):
        before = dict(known)
        for node in ast.walk(function):
            for target, value in _bindings(node):
                found = _value(value, known)
                if isinstance(node, ast.For | ast.comprehension):
                    found = _element(found)
                if isinstance(node, ast.AnnAssign):
                    found = annotations.hint(node.annotation) or found
                for name in ast.walk(target):
                    if isinstance(name, ast.Name):
                        plain = name is target
                        _bind(known, before, name.id, found if plain else _UNKNOWN)
        if known == before:
            break
    return known


def _bind(known: dict[str, Any], before: Mapping[str, Any], name: str, found: Any) -> None:
    if name in before and before[name] != found and before[name] is not None:
        found = _UNKNOWN
    known[name] = found


def _bindings(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield target, value
        case ast.NamedExpr(target=target, value=value):
            yield target, value
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            yield target, value


def _value(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """Give an expression's kind; `None` where nobody can say."""
    match node:
        case ast.Name(id=name):
            found = known.get(name)
            return None if found is _UNKNOWN else found
        case ast.Attribute(value=base, attr=name):
            return _member(_value(base, known), name)
        case ast.Call(func=ast.Attribute(value=base, attr=name)):
            return _answer(_value(base, known), name)
        case ast.Subscript(value=base, slice=inside):
            found = _value(base, known)
            return found if isinstance(inside, ast.Slice) else _element(found)
        case ast.BoolOp(values=[*_, last]):
            return _value(last, known)
        case ast.IfExp(body=one, orelse=other):
            return _value(one, known) or _value(other, known)
        case ast.NamedExpr(value=value):
            return _value(value, known)
    return None


def _parts(hint: Any) -> tuple[Any, ...]:
    union = typing.get_origin(hint) is typing.Union or isinstance(hint, _UNION)
    return typing.get_args(hint) if union else (hint,)


_UNION: Final = type(int | str)


def _classes(hint: Any) -> Iterator[tuple[type, Mapping[Any, Any]]]:
    """Give Crossdock's classes in a hint, with what stands for their type variables."""
    for part in _parts(hint):
        origin = typing.get_origin(part) or part
        if inspect.isclass(origin) and origin.__module__.startswith("crossdock."):
            variables = getattr(origin, "__parameters__", ())
            yield origin, dict(zip(variables, typing.get_args(part), strict=False))


def _member(hint: Any, name: str) -> Any:
    """Give the kind of a field or a property."""
    for origin, variables in _classes(hint):
        found = _hints(origin).get(name)
        known = inspect.getattr_static(origin, name, None)
        if found is None and isinstance(known, property):
            found = _hints(known.fget).get("return")
        if found is not None:
            return _filled(found, variables)
    return None


def _answer(hint: Any, name: str) -> Any:
    """Give the kind of what a method answers."""
    for origin, variables in _classes(hint):
        method = inspect.getattr_static(origin, name, None)
        if inspect.isfunction(method):
            return _filled(_hints(method).get("return"), variables)
    return None


def _element(hint: Any) -> Any:
    """Give the kind of what is in a sequence."""
    for part in _parts(hint):
        if typing.get_origin(part) in _MANY and typing.get_args(part):
            return typing.get_args(part)[0]
    return None


def _filled(hint: Any, variables: Mapping[Any, Any]) -> Any:
    wanted = getattr(hint, "__parameters__", ())
    if not variables or not wanted:
        return variables.get(hint, hint) if isinstance(hint, typing.TypeVar) else hint
    return hint[tuple(variables.get(each, Any) for each in wanted)]


@cache
def _hints(of: Any) -> Mapping[str, Any]:
    """Read annotations, but those that lead to what is not there at run time."""
    names = {**vars(records), **vars(context), **vars(decisions), **vars(ports)}
    names |= {name: getattr(views, name) for name in views.__all__}
    names |= {"Sequence": Sequence, "Mapping": Mapping, "Iterator": Iterator, "Iterable": Iterable}
    found: dict[str, Any] = {}
    for each in reversed(of.__mro__) if inspect.isclass(of) else (of,):
        around = vars(sys.modules[each.__module__])
        for name, annotation in inspect.get_annotations(each).items():
            holder = types.SimpleNamespace(__annotations__={name: annotation})
            with contextlib.suppress(NameError, TypeError, AttributeError):
                found |= typing.get_type_hints(holder, around, names)
    return found


@cache
def _given(point: str) -> Mapping[str, Any]:
    return _hints(getattr(hookspecs, point))
