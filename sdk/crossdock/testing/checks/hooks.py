"""Rules about hooks: that they are marked, and fit their extension points with their types."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from typing import get_args

from crossdock.decisions import Decision
from crossdock.points import POINTS
from crossdock.testing.checks.registry import rule
from crossdock.testing.checks.source import HookFunction, Source
from crossdock.testing.checks.types import Types, in_words, spec_of
from crossdock.testing.rule import Finding

_DECISIONS = tuple(each.__name__ for each in get_args(Decision))
_OBJECTIONS = ("Warn", "Veto", "RequireApproval")
_CLASSES = frozenset(f"crossdock.{name}" for name in _DECISIONS)
_GUARD_ANSWERS = f"answer one of {', '.join(_DECISIONS)}, a list of them, or None"


@rule("bronze")
def hooks_are_marked(plugin: Source) -> Iterator[Finding]:
    """Every function that bears an extension point's name is marked with `@hookimpl`.

    Without the mark the host does not find it. The plugin would load, as it lacks nothing that its
    manifest names only where the manifest forgot it too, and nobody would ever call it.
    """
    for hook in plugin.hooks:
        if not hook.marked:
            yield Finding(
                what=f"{hook.point} bears an extension point's name and is not marked, so nobody "
                "calls it",
                do="write @hookimpl (from crossdock) above it, or give it another name",
                place=plugin.place(hook.module, hook.node),
            )
    for hook in plugin.hooks:
        module = hook.module
        for name, function in module.functions.items():
            near = difflib.get_close_matches(name, POINTS, n=1, cutoff=0.9)
            if near and name not in POINTS and not function.decorator_list:
                yield Finding(
                    what=f"{name} is nearly the extension point {near[0]}, and nobody calls it",
                    do=f"call it {near[0]} and mark it with @hookimpl, or name it otherwise",
                    place=plugin.place(module, function),
                )
        break


@rule("bronze")
def signatures_fit(plugin: Source) -> Iterator[Finding]:
    """The types that a hook's arguments are annotated with are those that the point gives.

    An argument may be annotated more widely than the point gives it, or not at all, and never more
    narrowly: `before` is `None` for a new record, whatever the annotation says. The same is said in
    an editor by the mypy plugin `crossdock.testing.mypy_plugin`.
    """
    for hook in _marked(plugin):
        given, _ = spec_of(hook.point)
        types = Types(hook.module)
        arguments = hook.node.args
        for each in [*arguments.posonlyargs, *arguments.args]:
            wanted = given.get(each.arg)
            taken = types.of(each.annotation)
            if wanted is None or taken is None or taken.accepts(wanted):
                continue
            yield Finding(
                what=f"{hook.point} gives {each.arg} as {in_words(wanted)}, and the code takes "
                f"{ast.unparse(each.annotation) if each.annotation else ''}",
                do=f"write {each.arg}: {in_words(wanted)}",
                place=plugin.place(hook.module, each),
            )


@rule("bronze")
def answers_fit(plugin: Source) -> Iterator[Finding]:
    """A hook answers what its point understands.

    Anything else is a fault of the plugin each time that it is asked: `True` is no `Proceed`, a
    text no `Veto`. A guard that is a generator answers nothing at all, as nobody runs it.
    """
    for hook in _marked(plugin):
        yield from _annotated_answer(plugin, hook)
        if POINTS[hook.point].kind == "guard":
            yield from _guard_answers(plugin, hook)


@rule("gold")
def objections_have_names(plugin: Source) -> Iterator[Finding]:
    """Every veto, warning and wish for approval has a code besides its sentence.

    Programs, policies and translations go by the code (`credit.over_limit`), which stays as it is
    when the sentence is made better.
    """
    for module, node in plugin.nodes():
        if not isinstance(node, ast.Call):
            continue
        name = module.origin(node.func).removeprefix("crossdock.").removeprefix("decisions.")
        if name in _OBJECTIONS and not any(each.arg in ("code", None) for each in node.keywords):
            yield Finding(
                what=f"{name}(...) has no code",
                do='write code="area.what", such as code="credit.over_limit"',
                place=plugin.place(module, node),
            )


def _marked(plugin: Source) -> Iterator[HookFunction]:
    return (hook for hook in plugin.hooks if hook.marked and hook.point in POINTS)


def _annotated_answer(plugin: Source, hook: HookFunction) -> Iterator[Finding]:
    _, wanted = spec_of(hook.point)
    said = Types(hook.module).of(hook.node.returns)
    if said is None or POINTS[hook.point].kind == "event" or wanted.accepts(said):
        return
    guard = POINTS[hook.point].kind == "guard"
    yield Finding(
        what=f"{hook.point} is to answer {'a decision' if guard else in_words(wanted)}, and the "
        f"code says that it answers {ast.unparse(hook.node.returns) if hook.node.returns else ''}",
        do=_GUARD_ANSWERS
        if guard
        else f"answer {in_words(wanted)}; docs/extension-points.md#{hook.point} tells more",
        place=plugin.place(hook.module, hook.node),
    )


def _guard_answers(plugin: Source, hook: HookFunction) -> Iterator[Finding]:
    for node in _own_nodes(hook.node):
        if isinstance(node, ast.Yield | ast.YieldFrom):
            yield Finding(
                what=f"{hook.point} yields, and the host does not run through what a guard answers",
                do="gather the decisions in a list and return it",
                place=plugin.place(hook.module, node),
            )
            return
        if not isinstance(node, ast.Return) or node.value is None:
            continue
        value = node.value
        if isinstance(value, ast.Constant) and value.value is not None:
            yield Finding(
                what=f"{hook.point} answers {value.value!r}",
                do=_GUARD_ANSWERS,
                place=plugin.place(hook.module, node),
            )
        elif isinstance(value, ast.Name) and hook.module.origin(value) in _CLASSES:
            yield Finding(
                what=f"{hook.point} answers the class {value.id} and not one of its kind",
                do=f"write {value.id}(...)",
                place=plugin.place(hook.module, node),
            )


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """Give the nodes of a function, without those of functions inside it."""
    for child in ast.iter_child_nodes(function):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        yield child
        yield from _own_nodes(child)
