"""What the parameters of a path say of the records under it: where they lie, or whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from crossdock_mocks.inference.naming import plain, singular, stem
from crossdock_mocks.inference.places import Place
from crossdock_mocks.inference.reading import Op
from crossdock_mocks.inference.resources import Resource
from crossdock_mocks.inference.schemas import Schemas


@final
class Parameters:
    """The parameters of a document's paths.

    Args:
        paths: Its operations by their paths.
        schemas: Its schemas.
    """

    def __init__(self, paths: Mapping[str, list[Op]], schemas: Schemas) -> None:
        self._paths = paths
        self._schemas = schemas

    def of(self, place: Place, resource: Resource, *, item: bool) -> dict[str, tuple[str, str]]:
        """Say where the values of a path's parameters lie in a resource's records.

        Args:
            place: The path.
            resource: Whose records.
            item: Whether its last parameter is their key.
        """
        names = list(place.params)
        found: dict[str, tuple[str, str]] = {}
        if item and names and resource.param:
            found[names.pop()] = ("key", "")
        own = resource.place.form
        prefix = place.form[: len(own)]
        same = prefix == own[: len(prefix)] and len(names) >= len(resource.scope)
        for position, name in enumerate(names):
            if same and position < len(resource.scope):
                found[name] = ("scope", resource.scope[position])
            elif name in resource.scope:
                found[name] = ("scope", name)
            else:
                found[name] = self._related(place, name, resource)
        return found

    def _related(self, place: Place, name: str, resource: Resource) -> tuple[str, str]:
        """A parameter that the resource's own path does not have: a member of the record."""
        listed = self._paths.get(place.path, [])
        said = next((op.override["parent"] for op in listed if "parent" in op.override), "")
        if said or resource.schema is None:
            return ("link", said or name)
        before = place.parts[place.parts.index(f"{{{name}}}") - 1] if place.parts else ""
        nouns = [singular(before), stem(name)[0], plain(name)]
        for scoped in resource.scope:
            if stem(scoped)[0] in nouns:
                return ("scope", scoped)
        properties = self._schemas.flat(resource.schema)["properties"]
        for prop in properties:
            if plain(prop) == plain(name) or stem(prop) == (nouns[0], "id"):
                return ("link", name)
        if "owner" in resource.scope and nouns[0] in ("user", "org", "organization", "account"):
            return ("scope", "owner")
        return ("link", name)
