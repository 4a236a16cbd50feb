"""The hooks of a plugin's module, found and judged by pluggy, in whichever process it runs."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from inspect import Parameter
from types import ModuleType
from typing import Any

from pluggy import PluginManager, PluginValidationError

from crossdock import hookspecs
from crossdock.errors import PluginNotLoaded
from crossdock.host.loading.plugin import Hook

PROJECT = "crossdock"


class _Judge(PluginManager):
    """Knows the extension points, and keeps what is deprecated of them to itself.

    pluggy says that through `warnings`, whose filters belong to the whole process: they would
    swallow it, or make it an exception, and the author would not read it either way.
    """

    def __init__(self) -> None:
        self.deprecated: dict[str, Mapping[str | None, Warning | type[Warning]]] = {}
        self.points: dict[str, Callable[..., Any]] = {}
        super().__init__(PROJECT)
        self.add_hookspecs(hookspecs)

    def parse_hookspec_opts(self, module_or_class: Any, name: str) -> Any:
        opts = super().parse_hookspec_opts(module_or_class, name)
        if opts is None:
            return None
        self.points[name] = getattr(module_or_class, name)
        whole = opts.get("warn_on_impl")
        found: dict[str | None, Any] = {None: whole} if whole else {}
        found.update(opts.get("warn_on_impl_args") or {})
        if found:
            self.deprecated[name] = found
        return {**opts, "warn_on_impl": None, "warn_on_impl_args": None}


def hooks_of(module: ModuleType, declared: tuple[str, ...]) -> tuple[dict[str, Hook], list[str]]:
    """Find the functions that a plugin's module has for its extension points.

    Args:
        module: the plugin's code.
        declared: the points that its manifest names.

    Returns:
        The hooks by point, and notes to the author on what is deprecated.

    Raises:
        PluginNotLoaded: a hook does not fit its point, or code and manifest differ.
    """
    judge = _Judge()
    if wrong_names := list(_wrong_names(judge, module)):
        raise PluginNotLoaded("; ".join(wrong_names))
    try:
        judge.register(module, name="plugin")
        judge.check_pending()
    except PluginValidationError as wrong:
        raise PluginNotLoaded(
            f"one of its hooks does not fit its extension point: {wrong}"
        ) from None
    callers = {caller.name: caller for caller in judge.get_hookcallers(module) or ()}
    if missing := [point for point in declared if point not in callers]:
        raise PluginNotLoaded(
            f"its manifest names {', '.join(missing)}, but the code has no such @hookimpl"
        )
    if undeclared := sorted(set(callers) - set(declared)):
        raise PluginNotLoaded(
            f"the code implements {', '.join(undeclared)}, which its manifest does not name"
        )
    hooks: dict[str, Hook] = {}
    notes: list[str] = []
    for point in declared:
        implementations = callers[point].get_hookimpls()
        if len(implementations) > 1:
            raise PluginNotLoaded(f"the code implements {point} {len(implementations)} times")
        (found,) = implementations
        if found.wrapper or found.hookwrapper:
            raise PluginNotLoaded(f"{point} is a hook wrapper, and the host calls no wrappers")
        _judge_function(point, found.function)
        hooks[point] = Hook(
            function=found.function,
            argument_names=tuple(found.argnames),
            tryfirst=found.tryfirst,
            trylast=found.trylast,
        )
        notes += _notes(point, hooks[point], judge.deprecated.get(point, {}))
    return hooks, notes


def _wrong_names(judge: _Judge, module: ModuleType) -> Iterator[str]:
    """Say which hooks, and which of their arguments, no extension point has."""
    points = judge.points
    for name in dir(module):
        marks = judge.parse_hookimpl_opts(module, name)
        if marks is None:
            continue
        point = marks.get("specname") or name
        if point not in points:
            yield f"the code implements {point}, and there is no such point{_near(point, points)}"
            continue
        known = list(inspect.signature(points[point]).parameters)
        for argument in _needed(getattr(module, name)):
            if argument not in known:
                yield (
                    f"{point} takes {argument}, and this point gives {', '.join(known)}"
                    f"{_near(argument, known)}"
                )


def _needed(function: Any) -> list[str]:
    by_position = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind in by_position and parameter.default is parameter.empty
    ]


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _judge_function(point: str, function: Any) -> None:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise PluginNotLoaded(f"{point} is async; write it as a plain def, the host calls it so")
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is Parameter.KEYWORD_ONLY and parameter.default is parameter.empty:
            raise PluginNotLoaded(
                f"{point} takes {name} by keyword only, and the host passes by position; "
                "take the * out of its arguments"
            )


def _notes(
    point: str, hook: Hook, deprecated: Mapping[str | None, Warning | type[Warning]]
) -> list[str]:
    notes = []
    for argument, warning in deprecated.items():
        if argument is not None and argument not in hook.argument_names:
            continue
        what = point if argument is None else f"the argument {argument} of {point}"
        said = str(warning) if isinstance(warning, Warning) else ""
        notes.append(said or f"{what} is deprecated")
    return notes
