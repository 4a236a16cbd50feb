"""Describe: what objects and fields there are, as the API tells it."""

from __future__ import annotations

from typing import Any, Final

from crossdock_mocks.dialects.salesforce.model import FieldType, ObjectType
from crossdock_mocks.dialects.salesforce.organization import Organization

_TYPES: Final = {"longtextarea": "textarea"}
_XSD: Final = {
    "id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "int": "xsd:int",
    "double": "xsd:double", "currency": "xsd:double", "percent": "xsd:double", "date": "xsd:date",
    "datetime": "xsd:dateTime", "time": "xsd:time", "address": "urn:address",
}  # fmt: skip
_NUMBERS: Final = ("double", "currency", "percent")


def resource_urls(entity: ObjectType, base: str) -> dict[str, str]:
    """Where the resources of an object are."""
    start = f"{base}/sobjects/{entity.name}"
    return {
        "sobject": start,
        "describe": f"{start}/describe",
        "rowTemplate": f"{start}/{{ID}}",
    }


def brief(entity: ObjectType, base: str) -> dict[str, Any]:
    """What describe says of an object without its fields."""
    return {
        "activateable": False,
        "createable": entity.create,
        "custom": entity.custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": entity.delete,
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": entity.prefix,
        "label": entity.title,
        "labelPlural": entity.titles,
        "layoutable": True,
        "mergeable": entity.name in ("Account", "Contact", "Lead"),
        "mruEnabled": True,
        "name": entity.name,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": entity.name in SEARCHABLE or entity.custom,
        "triggerable": True,
        "undeletable": entity.delete,
        "updateable": entity.update,
        "urls": resource_urls(entity, base),
    }


SEARCHABLE: Final = frozenset(
    {"Account", "Contact", "Lead", "Opportunity", "Product2", "Campaign", "User", "Quote",
     "Order", "Task", "Event", "Case"}
)  # fmt: skip
"""Standard objects that a search looks through."""


def whole(entity: ObjectType, organization: Organization, base: str) -> dict[str, Any]:
    """All that describe says of an object."""
    children: list[dict[str, Any]] = [
        {
            "cascadeDelete": field.cascade,
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": field.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": field.children,
            "restrictedDelete": False,
        }
        for child, field in organization.children.get(entity.name, ())
    ]
    return {
        **brief(entity, base),
        "actionOverrides": [],
        "childRelationships": children,
        "compactLayoutable": True,
        "fields": [field_of(each) for each in entity.all_fields],
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [],
        "searchLayoutable": True,
        "supportedScopes": [
            {"label": f"All {entity.titles}", "name": "everything"},
            {"label": f"My {entity.titles}", "name": "mine"},
        ],
    }


def field_of(field: FieldType) -> dict[str, Any]:
    """All that describe says of a field."""
    numeric = field.kind in _NUMBERS
    text = field.is_text or field.kind in ("id", "reference")
    kind = _TYPES.get(field.kind, field.kind)
    picks = [
        {
            "active": True,
            "defaultValue": each == field.default,
            "label": each,
            "validFor": None,
            "value": each,
        }
        for each in field.values
    ]
    return {
        "aggregatable": field.kind not in ("longtextarea", "address", "boolean", "multipicklist"),
        "autoNumber": field.auto is not None,
        "byteLength": field.length * 3 if text and field.kind not in ("id", "reference") else
        18 if text else 0,
        "calculated": field.calculated and field.name != "Name",
        "calculatedFormula": None,
        "cascadeDelete": field.cascade,
        "caseSensitive": False,
        "compoundFieldName": None,
        "createable": field.create,
        "custom": field.custom,
        "defaultValue": field.default if field.kind == "boolean" else None,
        "defaultedOnCreate": field.default is not None or field.name == "OwnerId",
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": field.digits if field.kind == "int" else 0,
        "externalId": field.external,
        "extraTypeInfo": "plaintextarea" if kind == "textarea" else None,
        "filterable": field.kind not in ("longtextarea", "address"),
        "groupable": field.kind not in (*_NUMBERS, "longtextarea", "address", "datetime",
                                        "multipicklist"),
        "htmlFormatted": False,
        "idLookup": field.external or field.kind == "id" or field.naming,
        "inlineHelpText": None,
        "label": field.title,
        "length": field.length if text else 0,
        "name": field.name,
        "nameField": field.naming,
        "namePointing": len(field.references) > 1,
        "nillable": not (field.required or field.kind in ("id", "boolean")
                         or field.auto is not None),
        "permissionable": field.custom,
        "picklistValues": picks,
        "polymorphicForeignKey": len(field.references) > 1,
        "precision": field.digits if numeric else 0,
        "referenceTo": list(field.references),
        "relationshipName": field.relationship,
        "relationshipOrder": None,
        "restrictedPicklist": field.restricted,
        "scale": field.scale if numeric else 0,
        "soapType": _XSD.get(field.kind, "xsd:string"),
        "sortable": field.kind not in ("longtextarea", "address", "multipicklist"),
        "type": kind,
        "unique": field.unique,
        "updateable": field.update,
    }  # fmt: skip
