"""The query options of OData: read, checked against the entity, nested where `$expand` nests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from attrs import field, frozen

from crossdock_mocks.dialects.business_central.errors import bad_request, no_property, not_supported
from crossdock_mocks.dialects.business_central.model import EntityType, Navigation, model

_KNOWN: Final = frozenset(
    {"$filter", "$select", "$expand", "$orderby", "$top", "$skip", "$skiptoken", "$count",
     "$schemaversion"}
)  # fmt: skip
_UNSUPPORTED: Final = frozenset(
    {"$apply", "$search", "$compute", "$format", "$deltatoken", "$levels"}
)
_DEEPEST: Final = 6


@frozen
class Expansion:
    """A navigation property that is asked for, with options of its own."""

    navigation: Navigation
    options: Options


@frozen
class Options:
    """What a query asks for.

    Attributes:
        type: What is asked about.
        select: The properties wanted; None for all.
        expand: What is wanted beside them.
        filter: The condition as it was written.
        order: Properties to sort by, and whether downwards.
        top: At most so many.
        skip: Leave out so many.
        count: Whether to tell how many there are.
        token: Where to go on.
        lists: Whether `in` may be used in filters.
    """

    type: EntityType
    select: frozenset[str] | None = None
    expand: tuple[Expansion, ...] = ()
    filter: str | None = None
    order: tuple[tuple[str, bool], ...] = field(factory=tuple)
    top: int | None = None
    skip: int = 0
    count: bool = False
    token: str | None = None
    lists: bool = False


def read(type_: EntityType, given: Mapping[str, str], *, depth: int = 0) -> Options:
    """Read the options of a query.

    Args:
        type_: What is asked about.
        given: Options by name, decoded.
        depth: How deep in `$expand` they stand.

    Raises:
        Problem: One of them is not known, not readable or not supported.
    """
    for name in given:
        if name in _UNSUPPORTED:
            raise not_supported(f"The query option '{name}' is not supported")
        if name.startswith("$") and name not in _KNOWN:
            raise bad_request(f"The query option '{name}' is not known")
    version = given.get("$schemaversion")
    if version not in (None, "1.0", "2.0", "2.1"):
        raise bad_request(f"The schema version '{version}' is not known")
    expand = given.get("$expand")
    return Options(
        type=type_,
        select=_selected(type_, given.get("$select")),
        expand=() if expand is None else tuple(_expanded(type_, expand, version, depth)),
        filter=given.get("$filter"),
        order=tuple(_ordered(type_, given["$orderby"])) if "$orderby" in given else (),
        top=_whole("$top", given.get("$top")),
        skip=_whole("$skip", given.get("$skip")) or 0,
        count=_truth("$count", given.get("$count")),
        token=given.get("$skiptoken"),
        lists=version == "2.1",
    )


def _whole(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or int(text) >= 2**31:
        raise bad_request(
            f"Invalid value '{text}' for the {name} query option. It is a whole number from 0 on"
        )
    return int(text)


def _truth(name: str, text: str | None) -> bool:
    if text not in (None, "true", "false"):
        raise bad_request(
            f"Invalid value '{text}' for the {name} query option. It is true or false"
        )
    return text == "true"


def _selected(type_: EntityType, text: str | None) -> frozenset[str] | None:
    if text is None:
        return None
    names = [each.strip() for each in text.split(",")]
    for name in names:
        if name != "*" and name not in type_.properties and name not in type_.navigations:
            raise no_property(name, type_.name)
    return None if "*" in names else frozenset(names)


def _ordered(type_: EntityType, text: str) -> Iterator[tuple[str, bool]]:
    for each in text.split(","):
        name, *rest = each.split() or [""]
        if "/" in name or "(" in name:
            raise not_supported("Sorting by anything but a property is not supported")
        if name not in type_.properties:
            raise no_property(name, type_.name)
        if len(rest) > 1 or (rest and rest[0] not in ("asc", "desc")):
            raise bad_request(f"Syntax error in '{each.strip()}' of $orderby")
        yield name, rest == ["desc"]


def _expanded(type_: EntityType, text: str, version: str | None, depth: int) -> Iterator[Expansion]:
    if depth >= _DEEPEST:
        raise bad_request("$expand nests too deep")
    seen: set[str] = set()
    for each in _parts(text, ","):
        name, options = _named(each.strip())
        navigation = type_.navigations.get(name)
        if navigation is None and name in type_.properties:
            raise bad_request(
                f"Property '{name}' on type 'Microsoft.NAV.{type_.name}' is not a navigation "
                "property. Only navigation properties can be expanded"
            )
        if navigation is None:
            raise no_property(name, type_.name)
        if name in seen:
            raise bad_request(f"'{name}' stands in $expand more than once")
        seen.add(name)
        given = dict(_option(part) for part in _parts(options, ";")) if options else {}
        if version is not None:
            given.setdefault("$schemaversion", version)
        if "$skiptoken" in given or (not navigation.many and set(given) - _ONE):
            raise bad_request(f"An option of '{name}' in $expand cannot stand there")
        target = model().types[navigation.target]
        yield Expansion(navigation, read(target, given, depth=depth + 1))


_ONE: Final = frozenset({"$select", "$expand", "$schemaversion"})


def _named(text: str) -> tuple[str, str]:
    name, bracket, rest = text.partition("(")
    if not bracket:
        return name.strip(), ""
    if not rest.endswith(")") or not rest[:-1].strip():
        raise bad_request(f"Syntax error in '{text}' of $expand")
    return name.strip(), rest[:-1]


def _option(text: str) -> tuple[str, str]:
    name, equals, value = text.strip().partition("=")
    if not equals or not name.startswith("$"):
        raise bad_request(f"Syntax error at '{text.strip()}' of $expand")
    return name.strip(), value.strip()


def _parts(text: str, mark: str) -> list[str]:
    """The parts of a text between marks that stand neither in brackets nor in quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for position, letter in enumerate(text):
        if letter == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
        elif letter == mark and depth == 0:
            parts.append(text[start:position])
            start = position + 1
        if depth < 0:
            break
    if depth or quoted:
        raise bad_request(f"Brackets or quotes in '{text[:200]}' of $expand do not match")
    return [*parts, text[start:]]
