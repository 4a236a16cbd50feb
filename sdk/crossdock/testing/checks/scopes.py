"""Rules about scopes: what a plugin asks of the ports, and what its manifest asks for."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator, Mapping
from functools import cache
from inspect import get_annotations

import attrs

from crossdock import records, views
from crossdock.context import EventContext
from crossdock.host.gateway.rights import FIELD, closed
from crossdock.records import SENSITIVITIES, sensitivity
from crossdock.testing.checks.lines import place_in_manifest
from crossdock.testing.checks.ports import SCOPES, all_uses
from crossdock.testing.checks.registry import manifest_of, rule
from crossdock.testing.checks.source import Source
from crossdock.testing.checks.values import Values
from crossdock.testing.rule import Finding


@rule("bronze")
def ports_have_what_is_asked(plugin: Source) -> Iterator[Finding]:
    """Every method that is asked of `ctx.crm` or `ctx.erp` exists.

    A port has the methods of `crossdock.ports` and no others, whatever the system behind it can do:
    a plugin that asks for more would work with one system, or with none.
    """
    for use in all_uses(plugin):
        if not use.scope:
            near = difflib.get_close_matches(use.method, SCOPES[use.port], n=1)
            question = f"did you mean {near[0]}? " if near else ""
            yield Finding(
                what=f"{use.said} does not exist",
                do=f"{question}docs/ports.md lists what a port can be asked",
                place=plugin.place(use.module, use.node),
            )


@rule("bronze")
def scopes_cover_calls(plugin: Source) -> Iterator[Finding]:
    """Every method that the code calls has its scope in the manifest.

    The gateway lets through what the manifest names and nothing else; a call without its scope is
    refused each time, and the refusal is recorded.
    """
    manifest = manifest_of(plugin)
    told: set[str] = set()
    for use in all_uses(plugin):
        if use.scope and use.scope not in manifest.scopes and use.scope not in told:
            told.add(use.scope)
            yield Finding(
                what=f"{use.said} needs the scope {use.scope}, which the manifest does not ask for",
                do=f'add "{use.scope}" to scopes, or leave the call out',
                place=plugin.place(use.module, use.node),
            )


@rule("silver")
def scopes_are_narrow(plugin: Source) -> Iterator[Finding]:
    """The manifest asks for no scope that the code does not use.

    Who installs a plugin reads its scopes to decide whether to trust it, and what it may not do
    nobody has to fear. Scopes for fields count as used where such a field is read, or where whole
    records are handed on.
    """
    manifest = manifest_of(plugin)
    uses = all_uses(plugin)
    used = {use.scope for use in uses}
    for scope in sorted(manifest.scopes):
        if scope.startswith(FIELD):
            if not uses and not _reads(plugin, scope.removeprefix(FIELD)):
                yield Finding(
                    what=f"it asks for {scope}, and the code reads no such field",
                    do=f'take "{scope}" out of scopes',
                    place=place_in_manifest(plugin.path, "scopes", scope),
                )
        elif scope not in used:
            methods = [
                f"ctx.{port}.{name}"
                for port, scopes in SCOPES.items()
                for name, needed in scopes.items()
                if needed == scope
            ]
            yield Finding(
                what=f"it asks for {scope}, and the code calls nothing that needs it "
                f"({', '.join(methods)})",
                do=f'take "{scope}" out of scopes',
                place=place_in_manifest(plugin.path, "scopes", scope),
            )


@rule("silver")
def fields_can_be_seen(plugin: Source) -> Iterator[Finding]:
    """Every sensitive field that the code reads has its `field:` scope in the manifest.

    Without it the field arrives as `None`, for every user. Cost and margin give each other away, so
    both are needed to see either. Which record a field is of is read from the arguments of hooks,
    from annotations and from what ports answer; where that is not known, the field's name counts if
    it is sensitive in every record that has it.
    """
    manifest = manifest_of(plugin)
    asked = {each.removeprefix(FIELD) for each in manifest.scopes if each.startswith(FIELD)}
    hidden = closed(set(SENSITIVITIES) - asked)
    own, values = _own_names(plugin), Values(plugin)
    told: set[str] = set()
    for module, node in plugin.nodes():
        if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
            continue
        if classes := values.records(node.value):
            kind = next(filter(None, (_sensitivity(each, node.attr) for each in classes)), "")
        else:
            kind = "" if node.attr in own else _sensitive().get(node.attr, "")
        if kind in hidden and kind not in told:
            told.add(kind)
            beside = sorted(closed({kind}) - {kind})
            both = f" and {', '.join(FIELD + each for each in beside)}" if beside else ""
            yield Finding(
                what=f"the field {node.attr} is sensitive ({kind}), and arrives as None here for "
                "every user",
                do=f"add {FIELD}{kind}{both} to scopes in the manifest, or do without the field",
                place=plugin.place(module, node),
            )


def _sensitivity(record: type, field: str) -> str:
    """Say how sensitive a record's field is; empty where it is not, or there is none."""
    known = attrs.fields_dict(record) if attrs.has(record) else {}
    return (sensitivity(known[field]) or "") if field in known else ""


@cache
def _sensitive() -> Mapping[str, str]:
    """Give the fields that are sensitive in every record that has one of that name.

    What a context (`ctx.erp`) or a component of a view (`metric.value`) has under the same name is
    not told from a record's: it counts as theirs.
    """
    kinds: dict[str, set[str]] = {}
    for name in records.__all__:
        each = getattr(records, name)
        if isinstance(each, type) and attrs.has(each):
            for attribute in attrs.fields(each):
                kinds.setdefault(attribute.name, set()).add(sensitivity(attribute) or "")
    others = {name for each in EventContext.__mro__ for name in get_annotations(each)}
    for name in views.__all__:
        each = getattr(views, name)
        if isinstance(each, type) and attrs.has(each):
            others |= set(attrs.fields_dict(each))
    return {
        name: kind
        for name, (kind, *more) in kinds.items()
        if kind and not more and name not in others
    }


def _reads(plugin: Source, kind: str) -> bool:
    values = Values(plugin)
    return any(
        _sensitive().get(node.attr) == kind
        or kind in {_sensitivity(each, node.attr) for each in values.records(node.value)}
        for _, node in plugin.nodes()
        if isinstance(node, ast.Attribute)
    )


def _own_names(plugin: Source) -> set[str]:
    """Give the names of the plugin's own fields and methods, which say nothing of records."""
    found: set[str] = set()
    for _, node in plugin.nodes():
        if isinstance(node, ast.ClassDef):
            for each in node.body:
                if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                    found.add(each.target.id)
                elif isinstance(each, ast.FunctionDef):
                    found.add(each.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
    return found
