"""Outbound messages: a record that is made or changed is told to an endpoint over SOAP.

An endpoint takes a message by answering `<Ack>true</Ack>`; any other answer, and none, means that
it is sent again. Subscribe with the scheme `outbound-message` and events such as
`Account.updated`; each message holds one notification with the record's fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final
from xml.sax.saxutils import escape

from crossdock_mocks.dialects.salesforce import ids
from crossdock_mocks.dialects.salesforce.model import CUSTOM_TABLE
from crossdock_mocks.dialects.salesforce.standard import OBJECTS
from crossdock_mocks.engine.webhooks import Event, EventSource
from crossdock_mocks.engine.xml_bodies import Element, MalformedXml, parse

SCHEME: Final = "outbound-message"
ORGANIZATION: Final = ids.make("00D", 1)
_ACTION: Final = ids.make("04k", 1)
_NOT_TAKEN: Final = 502  # what stands in the journal for an answer without an Ack


def _name(entity: str | None, action: str, row: Mapping[str, Any]) -> str | None:
    # Deleting is told to nobody: outbound messages come of saving.
    if action == "deleted":
        return None
    return f"{entity or row['attributes']['type']}.{action}"


def _data(entity: str | None, _action: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": entity or row["attributes"]["type"], "row": row}


EVENTS: Final = (
    *(
        EventSource(each.table, partial(_name, each.name), partial(_data, each.name))
        for each in OBJECTS
    ),
    EventSource(CUSTOM_TABLE, partial(_name, None), partial(_data, None)),
)


def headers(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Headers of a message; nothing of it is signed."""
    del secret, message_id, at, body
    return {"content-type": "text/xml; charset=utf-8", "soapaction": '""'}


def envelope(event: Event) -> bytes:
    """A message with one notification."""
    entity, row = event.data["type"], event.data["row"]
    fields = "".join(
        f"<sf:{name}>{escape(_text(value))}</sf:{name}>"
        for name, value in row.items()
        if value is not None and name not in ("attributes", "IsDeleted")
    )
    host = "https://crossdock.my.salesforce.com/services/Soap"
    number = int(event.id.rpartition("_")[2])
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
        '<notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
        f"<OrganizationId>{ORGANIZATION}</OrganizationId><ActionId>{_ACTION}</ActionId>"
        '<SessionId xsi:nil="true"/>'
        f"<EnterpriseUrl>{host}/c/59.0/{ORGANIZATION[:15]}</EnterpriseUrl>"
        f"<PartnerUrl>{host}/u/59.0/{ORGANIZATION[:15]}</PartnerUrl>"
        f"<Notification><Id>{ids.make('04l', number)}</Id>"
        f'<sObject xsi:type="sf:{entity}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
        f"{fields}</sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>"
    ).encode()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    # Instants of the API have +0000, those of XML Schema a Z.
    return f"{text[:-5]}Z" if text.endswith(".000+0000") else text


def acknowledged(body: bytes) -> bool:
    """Whether an answer says that the message was taken."""
    try:
        root = parse(body)
    except MalformedXml:
        return False
    return any(each.name == "Ack" and each.text.strip() == "true" for each in _walk(root))


def _walk(element: Element) -> list[Element]:
    found = [element]
    for child in element.children:
        found += _walk(child)
    return found


def post(url: str, given: Mapping[str, str], body: bytes) -> int:
    """Send a message; an answer that does not acknowledge it counts as none.

    Raises:
        OSError: Nobody answered.
    """
    import httpx

    try:
        answer = httpx.post(url, headers=dict(given), content=body, timeout=15)
    except httpx.HTTPError as error:
        raise OSError(f"{type(error).__name__}: {error}") from error
    if answer.is_success and not acknowledged(answer.content):
        return _NOT_TAKEN
    return answer.status_code
