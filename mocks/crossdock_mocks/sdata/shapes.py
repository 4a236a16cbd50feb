"""How much of an entry is shown: by `select`, or by `include` and `precedence`.

`select` goes before the other two, which count for nothing beside it (Sage, SData 2.0, 6.5 Query
Payload Control).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.diagnoses import bad_parameter
from crossdock_mocks.sdata.model import Collection, Property, Reference, Resource

_CHILDREN: Final = "$children"
_DESCRIPTORS: Final = "$descriptors"
_DEEPEST: Final = 6


@attrs.frozen
class Shape:
    """What is shown of an entry.

    Attributes:
        only: The properties that are shown; `None` for all.
        inside: Properties whose entries are shown, and how much of these.
        precedence: Properties that matter less are left out.
        descriptors: Whether links to other entries come with their titles.
    """

    only: frozenset[str] | None = None
    inside: Mapping[str, Shape] = attrs.field(factory=dict)
    precedence: int | None = None
    descriptors: bool = False

    def shows(self, name: str, precedence: int) -> bool:
        """Whether a property is shown."""
        if self.only is not None:
            return name in self.only
        return self.precedence is None or precedence <= self.precedence or name in self.inside


PLAIN: Final = Shape()


def shape(
    contract: Contract,
    resource: Resource,
    *,
    select: str | None = None,
    include: str | None = None,
    precedence: int | None = None,
) -> Shape:
    """The shape that a query asks for.

    Words with a dollar that are not known are passed over, as parameters are: Infor's own client
    asks for `$permissions`.

    Raises:
        Refused: It names what there is not.
    """
    if select is not None and select.strip():
        return _selected(contract, resource, _paths("select", select), "select")
    listed = _paths("include", include) if include else []
    words = {path[0] for path in listed if path[0].startswith("$")}
    found = _included(contract, resource, [each for each in listed if each[0] not in words])
    if _CHILDREN in words:
        found = _joined(found, _children(contract, resource, 0))
    return attrs.evolve(found, precedence=precedence, descriptors=_DESCRIPTORS in words)


def _paths(parameter: str, text: str) -> list[list[str]]:
    made = []
    for each in text.split(","):
        names = [name.strip() for name in each.strip().split("/")]
        if not all(names) or len(names) > _DEEPEST:
            raise bad_parameter(parameter, f"'{each.strip()}' is no path")
        made.append(names)
    return made


def _member(resource: Resource, name: str, parameter: str) -> Property:
    """The property of a name, whatever its case: the vendors' own clients mix it."""
    member = resource.member(name)
    if member is None:
        raise bad_parameter(parameter, f"could not resolve property: {name} of: {resource.kind}")
    return member


def _target(contract: Contract, member: Property) -> Resource | None:
    """The resource that a property leads to, or nothing where it has a value of its own."""
    if isinstance(member, Reference):
        return contract.resource(member.to)
    return contract.resource(member.of) if isinstance(member, Collection) else None


def _selected(
    contract: Contract, resource: Resource, paths: list[list[str]], parameter: str
) -> Shape:
    only: set[str] = set()
    everything = False
    below: dict[str, list[list[str]]] = {}
    for first, *rest in paths:
        if first.startswith("$"):
            continue  # members of the protocol are there anyway
        if first == "*":
            everything = True
            continue
        if first.lower() == resource.key_name.lower():
            only.add(resource.key_name)
            continue
        member = _member(resource, first, parameter)
        only.add(member.name)
        if rest and _target(contract, member) is None:
            raise bad_parameter(parameter, f"{resource.kind}.{first} has no properties")
        if rest:
            below.setdefault(member.name, []).append(rest)
    inside = {}
    for name, listed in below.items():
        target = _target(contract, _member(resource, name, parameter))
        # A path to nothing but the key is a link, which is all that a link says.
        if target is not None and any(not path[0].startswith("$") for path in listed):
            inside[name] = _selected(contract, target, listed, parameter)
    if everything:
        plain = {each.name for each in resource.properties}
        return Shape(frozenset(only | plain | {resource.key_name}), inside)
    return Shape(frozenset(only), inside)


def _included(contract: Contract, resource: Resource, paths: list[list[str]]) -> Shape:
    below: dict[str, list[list[str]]] = {}
    for first, *rest in paths:
        member = _member(resource, first, "include")
        target = _target(contract, member)
        if target is None:
            raise bad_parameter("include", f"{resource.kind}.{first} is no other resource")
        # The element of one entry may stand in the path: `orderLines/salesOrderLine/notes`.
        if len(rest) > 1 and rest[0] == target.kind:
            rest = rest[1:]
        below.setdefault(member.name, []).extend([rest] if rest else [])
    inside = {}
    for name, listed in below.items():
        target = _target(contract, _member(resource, name, "include"))
        if target is not None:
            inside[name] = _included(contract, target, listed)
    return Shape(None, inside)


def _children(contract: Contract, resource: Resource, depth: int) -> Shape:
    """Everything that goes with an entry, as far down as there is something."""
    if depth == _DEEPEST:
        return PLAIN
    inside = {
        each.name: _children(contract, contract.resource(each.of), depth + 1)
        for each in resource.collections
        if each.owned
    }
    inside.update(
        (each.name, _children(contract, contract.resource(each.to), depth + 1))
        for each in resource.references
        if each.owned
    )
    return Shape(None, inside)


def _joined(first: Shape, second: Shape) -> Shape:
    inside = dict(second.inside)
    for name, each in first.inside.items():
        inside[name] = _joined(each, inside[name]) if name in inside else each
    return attrs.evolve(first, inside=inside)
