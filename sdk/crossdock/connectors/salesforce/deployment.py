"""The custom fields as a project that an administrator deploys: Salesforce's source format.

`sf project deploy start --manifest manifest/package.xml` deploys it, and a permission set lets the
connector's user see the fields. Forms and names are those of the Metadata API Developer Guide
(types CustomField, PermissionSet; https://developer.salesforce.com/docs/platform/api-metadata).
Fields of tasks and events are defined on `Activity` and permitted on both, `Task` and `Event`
(https://github.com/forcedotcom/cli/issues/2278 shows the form).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from xml.sax.saxutils import escape

from attrs import frozen

from crossdock.connectors.salesforce.fields import Field, wanted

_NAMESPACE: Final = "http://soap.sforce.com/2006/04/metadata"
_SOURCE: Final = "force-app/main/default"
PERMISSION_SET: Final = "Crossdock"
VERSION: Final = "59.0"
"""Of the Metadata API; the connector speaks the same of the REST API."""
# Tasks and events are two faces of one object, and have their custom fields in common.
_ACTIVITIES: Final = ("Task", "Event")
_ACTIVITY: Final = "Activity"
_FORMS: Final[Mapping[str, Mapping[str, str]]] = {
    "text": {"type": "Text"},
    "number": {"type": "Number", "precision": "18", "scale": "6"},
    "date": {"type": "Date"},
    "datetime": {"type": "DateTime"},
    "checkbox": {"type": "Checkbox", "defaultValue": "false"},
    "long": {"type": "LongTextArea", "length": "131072", "visibleLines": "3"},
}


@frozen
class _Deployed:
    """A field and the object that it is defined on."""

    on: str
    field: Field

    @property
    def full_name(self) -> str:
        return f"{self.on}.{self.field.name}"


def project(
    customer_numbers: Sequence[str] = ("ERP_Customer_Number__c",),
    own_names: Mapping[str, str] | None = None,
) -> Mapping[str, str]:
    """Write the project.

    Args:
        customer_numbers: the fields of accounts that hold ERPs' customer numbers.
        own_names: fields of ours for which the organization has one of its own already: those are
            not deployed, but permitted.

    Returns:
        The files' contents by their paths.
    """
    names = dict(own_names or {})
    fields = wanted(customer_numbers)
    deployed = [each for each in _deployed(fields) if each.field.name not in names]
    files = {
        f"{_SOURCE}/objects/{each.on}/fields/{each.field.name}.field-meta.xml": _field(each.field)
        for each in deployed
    }
    permitted = sorted(
        f"{kind}.{names.get(each.name, each.name)}" for kind, own in fields.items() for each in own
    )
    path = f"{_SOURCE}/permissionsets/{PERMISSION_SET}.permissionset-meta.xml"
    return {
        **files,
        path: _permission_set(permitted),
        "manifest/package.xml": _manifest(sorted(each.full_name for each in deployed)),
        "sfdx-project.json": _project_file(),
    }


def _deployed(fields: Mapping[str, Sequence[Field]]) -> Iterator[_Deployed]:
    told: set[str] = set()
    for kind, own in fields.items():
        for field in own:
            found = _Deployed(_ACTIVITY if kind in _ACTIVITIES else kind, field)
            if found.full_name not in told:
                told.add(found.full_name)
                yield found


def _field(field: Field) -> str:
    form = dict(_FORMS[field.kind])
    if field.kind == "text":
        form["length"] = str(field.length)
    if field.unique:
        form |= {"unique": "true", "externalId": "true", "caseSensitive": "true"}
    parts = {"fullName": field.name, "label": field.label, "description": _described(field), **form}
    return _document("CustomField", [_element(name, value) for name, value in parts.items()])


def _described(field: Field) -> str:
    if field.unique and field.name.startswith("Crossdock_Key"):
        return "Written by Crossdock, so that nothing is made twice. Do not change."
    if field.name.startswith("Crossdock_"):
        return "Written by Crossdock."
    return "The number of the customer in the ERP; it links the account to it."


def _permission_set(fields: Sequence[str]) -> str:
    parts = [
        _element("label", PERMISSION_SET),
        _element("description", "Lets Crossdock and its users see and write Crossdock's fields."),
        _element("hasActivationRequired", "false"),
    ]
    parts += [
        "    <fieldPermissions>\n"
        f"    {_element('editable', 'true')}\n"
        f"    {_element('field', name)}\n"
        f"    {_element('readable', 'true')}\n"
        "    </fieldPermissions>"
        for name in fields
    ]
    return _document("PermissionSet", parts)


def _manifest(fields: Sequence[str]) -> str:
    def kind(name: str, members: Sequence[str]) -> str:
        lines = [f"    {_element('members', member)}" for member in members]
        return "\n".join(["    <types>", *lines, f"    {_element('name', name)}", "    </types>"])

    parts = [kind("CustomField", fields), kind("PermissionSet", [PERMISSION_SET])]
    return _document("Package", [*parts, _element("version", VERSION)])


def _project_file() -> str:
    content = {
        "packageDirectories": [{"path": "force-app", "default": True}],
        "name": "crossdock-fields",
        "sourceApiVersion": VERSION,
    }
    return json.dumps(content, indent=2) + "\n"


def _element(name: str, value: str) -> str:
    return f"    <{name}>{escape(value)}</{name}>"


def _document(name: str, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}\n<{name} xmlns="{_NAMESPACE}">\n{body}\n</{name}>\n'
