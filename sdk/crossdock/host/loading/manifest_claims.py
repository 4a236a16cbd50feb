"""What a manifest claims and a JSON Schema cannot judge, each with a sentence of its own."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from crossdock import __version__
from crossdock.host.loading.complaints import complaints
from crossdock.ports import CrmPort, ErpPort, scopes_of
from crossdock.synchronising.port import SyncPort


@cache
def known_scopes() -> frozenset[str]:
    """Name every scope that a method of a port asks for."""
    ports: tuple[type, ...] = (CrmPort, ErpPort, SyncPort)
    return frozenset(scope for port in ports for scope in scopes_of(port).values())


def false_claims(document: Mapping[str, Any], *, in_one_file: bool) -> list[str]:
    """Judge what a manifest says; a sentence for each thing that cannot be.

    Args:
        document: the manifest, or those of its keys that have the form of its schema.
        in_one_file: whether it stands in the file of the code.
    """
    return [
        *_line_ends(document),
        *_versions(document),
        *_scopes(document.get("scopes", ())),
        *_relations(document),
        *_config(document.get("config", {})),
        *(
            ["module: this plugin is one file, so leave it out"]
            if in_one_file and "module" in document
            else []
        ),
    ]


def _line_ends(document: Mapping[str, Any]) -> Iterator[str]:
    # Python's `$` lets a line end pass, and an id becomes a folder's and an address's part.
    for name in ("id", "module", "version"):
        if document.get(name, "") != document.get(name, "").strip():
            yield f"{name}: it begins or ends with white space"


def sdk_complaint(sdk: object) -> str:
    """Say that a manifest is for another version of the SDK, or nothing.

    Judged before all else: such a manifest may well name points that this version does not have.
    """
    try:
        wanted = SpecifierSet(sdk if isinstance(sdk, str) else "")
    except InvalidSpecifier:
        return f'sdk: {sdk!r} is not a version range; write one such as ">=0.1,<1"'
    if wanted.contains(__version__, prereleases=True):
        return ""
    return f"sdk: it asks for crossdock {sdk}, but this is crossdock {__version__}"


def _versions(document: Mapping[str, Any]) -> Iterator[str]:
    try:
        Version(document.get("version", "0"))
    except InvalidVersion:
        yield (
            f"version: {document['version']!r} is not a version as PEP 440 writes it; "
            'write one such as "1.2.0"'
        )


def _scopes(asked: Iterable[str]) -> Iterator[str]:
    known = known_scopes()
    for scope in asked:
        if scope.startswith("field:") or scope in known:
            continue
        near = difflib.get_close_matches(scope, sorted(known), n=1, cutoff=0.5)
        question = f"; did you mean {near[0]}?" if near else ""
        yield f"scopes: no method of a port asks for {scope}, so it would be of no use{question}"


def _relations(document: Mapping[str, Any]) -> Iterator[str]:
    own = document.get("id")
    for side in ("before", "after"):
        if own in document.get("order", {}).get(side, ()):
            yield f"order.{side}: a plugin cannot stand {side} itself"
    requires = document.get("requires", {})
    for kind in ("plugins", "packages"):
        for text in requires.get(kind, ()):
            place = f"requires.{kind}"
            try:
                requirement = Requirement(text)
            except InvalidRequirement:
                yield f'{place}: {text!r} is not a requirement; write one such as "name>=1.2"'
                continue
            if requirement.url:
                yield f"{place}: {text!r} names an address; nothing is fetched, so name a version"
            if kind == "plugins" and (requirement.extras or requirement.marker):
                yield f"{place}: {text!r} has extras or a marker, and plugins know none"
            if kind == "plugins" and requirement.name == own:
                yield f"{place}: a plugin cannot require itself"


def requirements(texts: Iterable[str]) -> tuple[Requirement, ...]:
    """Read requirements that were judged already."""
    return tuple(Requirement(text) for text in texts)


def _config(schema: Mapping[str, Any]) -> Iterator[str]:
    from jsonschema import Draft202012Validator, SchemaError

    if not schema:
        return
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as wrong:
        place = ".".join(["config", *map(str, wrong.absolute_path)])
        yield f"{place}: this is not a JSON Schema: {wrong.message}"
        return
    except RecursionError:
        yield "config: it is nested too deeply"
        return
    if schema.get("type", "object") != "object":
        yield f"config.type: settings are a table, so it is object and not {schema['type']!r}"
        return
    properties = schema.get("properties", {})
    # A part may refer to the schema's $defs; what the schema says of several together may not hold
    # of one default alone.
    around = {key: schema[key] for key in ("$id", "$defs") if key in schema}
    for name, part in properties.items():
        if isinstance(part, Mapping) and "default" in part:
            yield from config_complaints(
                {**around, "properties": properties},
                {name: part["default"]},
                under="the default of config.properties",
            )


def config_complaints(
    schema: Mapping[str, Any], settings: Mapping[str, Any], *, under: str
) -> list[str]:
    """Judge settings by a plugin's schema; no schema is ever fetched from elsewhere.

    Args:
        schema: of the manifest.
        settings: what is judged.
        under: the place of the settings, for the sentences.
    """
    from jsonschema import Draft202012Validator
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import EMPTY_REGISTRY

    validator = Draft202012Validator(schema, registry=EMPTY_REGISTRY)
    try:
        return complaints(validator, settings, under=under)
    except Unresolvable as unknown:
        return [f"{under}: the schema refers to {unknown.ref!r}, which is not in it"]
    except RecursionError:
        return [f"{under}: the schema refers to itself without end"]
