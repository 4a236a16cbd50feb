"""Resources, and what the operations of a document do to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from crossdock_mocks.inference.naming import singular
from crossdock_mocks.inference.places import Place
from crossdock_mocks.inference.reading import Op

LATEST = ("latest", "last", "newest")
"""Words of a path under which the newest record of a collection is read."""


@attrs.define(eq=False)
class Resource:
    """Records of one kind.

    Attributes:
        name: Its name, made of the words of its path; also the name of its table.
        place: The path of its items, or of its collection where items have none.
        scope: Parameters of its path that say where it lies, such as owner and repository.
        param: Parameter that is its key; nothing for singletons and lists without items.
        schema: Schema of a record, as it is read.
        component: Name of that schema.
        key: Property that is the key; nothing where a record does not show it.
        singleton: Whether there is one in each place.
        count: Records at the beginning, in each place; `None` for the usual number.
        readable: Whether records are read or listed by any operation.
    """

    name: str
    place: Place
    scope: tuple[str, ...]
    param: str = ""
    schema: Any = None
    component: str = ""
    key: str = ""
    singleton: bool = False
    count: int | None = None
    readable: bool = False
    relations: dict[str, str] = attrs.field(factory=dict)

    @property
    def noun(self) -> str:
        """What one record is called."""
        return singular(self.place.last)


@attrs.frozen
class Binding:
    """What one operation does.

    Attributes:
        op: The operation.
        role: `list`, `count`, `create`, `read`, `latest`, `replace`, `change`, `delete`, `clear`,
            `fill` or `action`.
        resource: What it does it to.
        params: Path parameter to where its value lies: `scope` and a name, `key`, or `link` and a
            name.
        effect: What an action sets.
        member: In which member of the body the record is sent.
        property: Member that the path's last parameter is looked for in, where it is not the key.
    """

    op: Op
    role: str
    resource: Resource
    params: Mapping[str, tuple[str, str]]
    effect: Mapping[str, Any] | None = None
    member: str | None = None
    property: str = ""


@attrs.frozen
class Unknown:
    """An operation that was not understood, and why."""

    op: Op
    reason: str
    wanted: bool = False
