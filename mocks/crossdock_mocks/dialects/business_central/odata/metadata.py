"""`$metadata`: the model as CSDL (OData 4.0, XML), made of the OpenAPI document.

Enumerations are told as text: filters quote their values, and their blank member could not be
reflected by clients.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from crossdock_mocks.dialects.business_central.actions import ACTIONS
from crossdock_mocks.dialects.business_central.model import EntityType, Property, model

_NAMESPACE: Final = "Microsoft.NAV"
_EDM: Final = {
    "guid": "Edm.Guid", "string": "Edm.String", "date": "Edm.Date",
    "datetime": "Edm.DateTimeOffset", "decimal": "Edm.Decimal", "integer": "Edm.Int32",
    "long": "Edm.Int64", "boolean": "Edm.Boolean", "enum": "Edm.String",
}  # fmt: skip


@cache
def csdl(*, of_company: bool) -> str:
    """The model as CSDL.

    Args:
        of_company: Whether only what lies within a company is told.
    """
    types = [
        each
        for each in model().types.values()
        if not of_company or each.name not in ("company", "subscription")
    ]
    return "".join(_document(types, of_company))


def _document(types: Iterable[EntityType], of_company: bool) -> Iterable[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">'
    yield "<edmx:DataServices>"
    yield f'<Schema Namespace="{_NAMESPACE}" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
    for type_ in types:
        yield from _entity(type_, of_company)
    sets = {each.set: each.name for each in types}
    for set_name, action in ACTIONS:
        if set_name in sets:
            yield f'<Action Name="{action}" IsBound="true">'
            yield f'<Parameter Name="bindingParameter" Type="{_NAMESPACE}.{sets[set_name]}"/>'
            yield "</Action>"
    yield '<EntityContainer Name="default">'
    for type_ in types:
        yield f'<EntitySet Name="{type_.set}" EntityType="{_NAMESPACE}.{type_.name}">'
        for each in type_.navigations.values():
            target = model().types[each.target].set
            yield f'<NavigationPropertyBinding Path="{each.name}" Target="{target}"/>'
        yield "</EntitySet>"
    yield "</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"


def _entity(type_: EntityType, of_company: bool) -> Iterable[str]:
    yield f'<EntityType Name="{type_.name}"><Key><PropertyRef Name="{type_.key}"/></Key>'
    for prop in type_.properties.values():
        yield _property(prop, type_.key)
    for each in type_.navigations.values():
        kind = f"{_NAMESPACE}.{each.target}"
        kind = f"Collection({kind})" if each.many else kind
        more = ' ContainsTarget="true"' if each.many else ""
        yield f'<NavigationProperty Name="{each.name}" Type="{kind}"{more}/>'
    if type_.name == "company" and not of_company:
        for other in model().types.values():
            if other.name not in ("company", "subscription"):
                yield (
                    f'<NavigationProperty Name="{other.set}" '
                    f'Type="Collection({_NAMESPACE}.{other.name})" ContainsTarget="true"/>'
                )
    yield "</EntityType>"


def _property(prop: Property, key: str) -> str:
    kind, more = _EDM[prop.kind], ""
    if prop.name == key:
        more += ' Nullable="false"'
    if prop.longest is not None:
        more += f' MaxLength="{prop.longest}"'
    if prop.kind == "decimal":
        more += ' Scale="variable"'
    return f'<Property Name="{prop.name}" Type="{kind}"{more}/>'
