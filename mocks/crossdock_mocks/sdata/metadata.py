"""What a contract tells of its resources: `$schema` in XSD, `$prototypes` in JSON.

The attributes of the schema are those of Simple Metadata Extensions (Sage, SData 2.0, 4.8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from crossdock_mocks.sdata.contract import Contract, Service
from crossdock_mocks.sdata.model import Collection, Field, Property, Reference, Resource

_XSD: Final = {
    "string": "xs:string",
    "integer": "xs:integer",
    "decimal": "xs:decimal",
    "boolean": "xs:boolean",
    "datetime": "xs:dateTime",
}
_PROTOTYPES: Final = {
    "string": "string",
    "integer": "integer",
    "decimal": "decimal",
    "boolean": "boolean",
    "datetime": "date-time",
}
_SME: Final = "http://schemas.sage.com/sdata/sme/2007"


def schema(contract: Contract, resources: Iterable[Resource]) -> bytes:
    """The XML schema of some resources."""
    listed = list(resources)
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>\n',
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:sme="{_SME}" '
        f"xmlns:tns={quoteattr(contract.namespace)} "
        f'targetNamespace={quoteattr(contract.namespace)} elementFormDefault="qualified">',
    ]
    for each in listed:
        parts.append(_resource(contract, each))
        parts += [
            _service(service) for service in contract.services if service.resource == each.name
        ]
    parts.append("</xs:schema>")
    return "".join(parts).encode()


def _marks(given: Mapping[str, Any]) -> str:
    """Attributes; what is false or nothing is left out, as that is what leaving out means."""
    return "".join(
        f" sme:{name}={quoteattr('true' if value is True else str(value))}"
        for name, value in given.items()
        if value not in (None, False, "")
    )


def _resource(contract: Contract, resource: Resource) -> str:
    marks = {
        "role": "resourceKind", "pluralName": resource.name, "label": resource.caption,
        "canGet": True, "canPost": resource.create, "canPut": resource.update,
        "canDelete": resource.delete, "canPageNext": True, "canPagePrevious": True,
        "canPageIndex": True, "hasTemplate": resource.create, "supportsETag": contract.etags,
        "batchingMode": "sync" if contract.batches else None,
        "protocolFilters": "$key,$updated",
    }  # fmt: skip
    kind = resource.kind
    inside = "".join(_property(contract, each) for each in resource.properties)
    return (
        f'<xs:element name="{kind}" type="tns:{kind}--type"{_marks(marks)} />'
        f'<xs:complexType name="{kind}--type"><xs:all>{inside}</xs:all></xs:complexType>'
        f'<xs:complexType name="{kind}--list"><xs:sequence><xs:element name="{kind}" '
        f'type="tns:{kind}--type" minOccurs="0" maxOccurs="unbounded" /></xs:sequence>'
        "</xs:complexType>"
    )


def _property(contract: Contract, member: Property) -> str:
    marks: dict[str, Any] = {"label": member.title}
    if isinstance(member, Collection):
        target = contract.resource(member.of).kind
        kind = f"tns:{target}--list"
        marks.update(
            relationship="child" if member.owned else "association", isCollection=True, canGet=True
        )
    elif isinstance(member, Reference):
        kind = f"tns:{contract.resource(member.to).kind}--type"
        marks.update(
            relationship="child" if member.owned else "reference", isMandatory=member.required,
            isReadOnly=member.read_only or member.by is not None, precedence=member.precedence,
        )  # fmt: skip
    else:
        kind = _XSD[member.kind]
        marks.update(
            isMandatory=member.required, isReadOnly=member.read_only, maxLength=member.length,
            fractionDigits=member.scale if member.kind == "decimal" else None,
            canSort=True, canFilter=True, precedence=member.precedence,
        )  # fmt: skip
    return (
        f'<xs:element name="{member.name}" type="{kind}" minOccurs="0" nillable="true"'
        f"{_marks(marks)} />"
    )


def _service(service: Service) -> str:
    marks = {
        "role": "serviceOperation", "path": f"{service.resource}/$service/{service.name}",
        "label": service.summary, "invocationMode": "sync",
    }  # fmt: skip
    return f'<xs:element name="{service.name}"{_marks(marks)} />'


def prototypes(contract: Contract, root: str) -> dict[str, Any]:
    """The resources of a contract, each with its prototype and the place of it."""
    listed = [
        {**prototype(each, root), "$url": f"{root}/$prototypes/{each.name}"}
        for each in contract.resources
    ]
    return {
        "$baseUrl": root, "$url": f"{root}/$prototypes", "$title": contract.title,
        "$totalResults": len(listed), "$startIndex": 1, "$itemsPerPage": len(listed),
        "$resources": listed,
    }  # fmt: skip


def prototype(resource: Resource, root: str) -> dict[str, Any]:
    """What one resource is made of."""
    properties: dict[str, Any] = {}
    if resource.shows_key:
        properties[resource.key_name] = _described(
            resource.key_name, resource.key_kind, read_only=True
        )
    for each in resource.properties:
        if isinstance(each, Field):
            properties[each.name] = _described(
                each.title, _PROTOTYPES[each.kind], required=each.required,
                read_only=each.read_only,
            )  # fmt: skip
        elif isinstance(each, Reference):
            properties[each.name] = _described(
                each.title, "sdata/reference", required=each.required,
                read_only=each.read_only or each.by is not None,
            )  # fmt: skip
        else:
            properties[each.name] = _described(each.title, "sdata/array", read_only=not each.owned)
    return {
        "$title": resource.caption,
        "$resourceKind": resource.name,
        "$resourceId": resource.number or f"{{{resource.key_name}}}",
        "$baseUrl": root,
        "$url": f"{{$baseUrl}}/{resource.name}",
        "$properties": properties,
    }


def _described(
    title: str, kind: str, *, required: bool = False, read_only: bool = False
) -> dict[str, Any]:
    return {
        "$title": title, "$type": kind, "$isMandatory": required, "$isHidden": False,
        "$isReadOnly": read_only,
    }  # fmt: skip
