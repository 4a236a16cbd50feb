"""A mypy plugin: a hook that does not fit its extension point is an error in the editor.

    [tool.mypy]
    plugins = ["crossdock.testing.mypy_plugin"]

What `@hookimpl` is written above is compared with `crossdock.hookspecs`: its name, its arguments by
name, the types that they are annotated with, and what it answers. A hook takes any of its point's
arguments, in any order, so no type alone could say that.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import Final

from mypy.errorcodes import ErrorCode
from mypy.nodes import ARG_NAMED, ARG_OPT, ARG_POS, Decorator, FuncDef, StrExpr
from mypy.plugin import FunctionContext, MethodContext, Plugin
from mypy.subtypes import is_subtype
from mypy.types import CallableType, Type, get_proper_type

HOOK: Final = ErrorCode("hookimpl", "A hook does not fit its extension point", "Crossdock")
_MARKER: Final = "pluggy._decorators.HookimplMarker.__call__"
_OLDER: Final = "pluggy._hooks.HookimplMarker.__call__"
_MARKED: Final = "crossdock.hookimpl"
_SPECS: Final = "crossdock.hookspecs"
_POINTS: Final = "crossdock.points"
_MODULES: Final = re.compile(r"\b(?:\w+\.)+(?=\w)")


class CrossdockPlugin(Plugin):
    """Judges functions that are marked with `@hookimpl`."""

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        """Take the mark, with or without options."""
        return _marked if fullname in (_MARKER, _OLDER) else None

    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        """Take what a mark with options is put on."""
        if fullname.partition(":")[0] != _MARKED:
            return None
        point = fullname.partition(":")[2]

        def put_on(ctx: FunctionContext) -> Type:
            _judge(ctx, point)
            return ctx.default_return_type

        return put_on


def plugin(_version: str) -> type[Plugin]:
    """Give the plugin to mypy."""
    return CrossdockPlugin


def _marked(ctx: MethodContext) -> Type:
    answer = get_proper_type(ctx.default_return_type)
    if ctx.arg_types and ctx.arg_types[0]:
        _judge(ctx, "")
    elif isinstance(answer, CallableType):  # with options: judged where it is put on a function
        named = [
            each.value
            for name, each in _arguments(ctx)
            if name == "specname" and isinstance(each, StrExpr)
        ]
        return answer.copy_modified(name=":".join([_MARKED, *named]))
    return ctx.default_return_type


def _arguments(ctx: MethodContext) -> list[tuple[str | None, object]]:
    return [
        (name, each)
        for names, values in zip(ctx.arg_names, ctx.args, strict=True)
        for name, each in zip(names, values, strict=True)
    ]


def _judge(ctx: MethodContext | FunctionContext, named: str) -> None:
    """Compare a function with the extension point that it is for."""
    if not isinstance(ctx.context, Decorator):
        return
    function = ctx.context.func
    modules = getattr(ctx.api, "modules", {})
    if _SPECS not in modules or not _ours(ctx):
        return
    specs = {
        name: symbol.node.func
        for name, symbol in modules[_SPECS].names.items()
        if isinstance(symbol.node, Decorator)
    }
    point = named or function.name
    if point not in specs:
        near = difflib.get_close_matches(point, specs, n=1)
        question = f"; did you mean {near[0]}?" if near else ""
        ctx.api.fail(f"There is no extension point {point}{question}", ctx.context, code=HOOK)
        return
    given = get_proper_type(specs[point].type)
    taken = get_proper_type(function.type)
    if isinstance(given, CallableType) and isinstance(taken, CallableType):
        _compare(ctx, point, function, given, taken)


def _ours(ctx: MethodContext | FunctionContext) -> bool:
    """Whether the mark is Crossdock's; pluggy makes marks for every project."""
    if not isinstance(ctx.context, Decorator):
        return False
    marks = [getattr(each, "callee", each) for each in ctx.context.original_decorators]
    return any(
        str(getattr(each, "fullname", "")).startswith((_POINTS, _SPECS, _MARKED)) for each in marks
    )


def _compare(
    ctx: MethodContext | FunctionContext,
    point: str,
    function: FuncDef,
    given: CallableType,
    taken: CallableType,
) -> None:
    known = dict(zip(given.arg_names, given.arg_types, strict=True))
    if function.is_coroutine:
        ctx.api.fail(
            f"{point} is async; write it as a plain def, the host calls it so", function, code=HOOK
        )
        return
    for name, kind, type_, argument in zip(
        taken.arg_names, taken.arg_kinds, taken.arg_types, function.arguments, strict=True
    ):
        if kind not in (ARG_POS, ARG_OPT, ARG_NAMED):
            continue
        if name not in known:
            if kind == ARG_OPT:
                continue
            near = difflib.get_close_matches(name or "", [each for each in known if each], n=1)
            question = f"; did you mean {near[0]}?" if near else ""
            gives = ", ".join(each for each in known if each)
            ctx.api.fail(
                f"{point} takes {name}, and this point gives {gives}{question}",
                argument.variable,
                code=HOOK,
            )
        elif kind == ARG_NAMED:
            ctx.api.fail(
                f"{point} takes {name} by keyword only, and the host passes by position",
                argument.variable,
                code=HOOK,
            )
        elif not is_subtype(known[name], type_):
            ctx.api.fail(
                f"{point} gives {name} as {_shown(known[name])}, "
                f"and the code takes {_shown(type_)}",
                argument.variable,
                code=HOOK,
            )
    if not is_subtype(taken.ret_type, given.ret_type):
        ctx.api.fail(
            f"{point} is to answer {_shown(given.ret_type)}, "
            f"and the code answers {_shown(taken.ret_type)}",
            function,
            code=HOOK,
        )


def _shown(type_: Type) -> str:
    """Write a type as an annotation would, without the modules that its parts are in."""
    text = _MODULES.sub("", str(get_proper_type(type_)))
    return "a decision, a list of them, or None" if text.startswith("Proceed | ") else text
