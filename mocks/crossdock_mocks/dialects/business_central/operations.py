"""Behaviour of each operation, found by the form of its path in the document."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from typing import Any, Final, TypeAlias
from urllib.parse import unquote_plus

from crossdock_mocks.dialects.business_central.actions import ACTIONS
from crossdock_mocks.dialects.business_central.errors import dialog, no_record, refusal
from crossdock_mocks.dialects.business_central.ledger import catch_up
from crossdock_mocks.dialects.business_central.lines import (
    DOCUMENT_WRITERS,
    LINES,
)
from crossdock_mocks.dialects.business_central.masters import MASTERS
from crossdock_mocks.dialects.business_central.model import EntityType, Navigation, model
from crossdock_mocks.dialects.business_central.names import NO_GUID, words
from crossdock_mocks.dialects.business_central.odata import filters
from crossdock_mocks.dialects.business_central.odata.options import Options, read
from crossdock_mocks.dialects.business_central.odata.reading import (
    Reader,
    next_link,
    page_size,
    root,
)
from crossdock_mocks.dialects.business_central.payments import PAYMENT_WRITERS, any_journal
from crossdock_mocks.dialects.business_central.records import Records, Row, etag
from crossdock_mocks.dialects.business_central.writers import SIMPLE, Writer
from crossdock_mocks.engine import Behaviour, Call, Reply
from crossdock_mocks.engine.parameters import split_query

Handler: TypeAlias = Callable[[Records, Call], Reply]

_ETAG: Final = re.compile(r'W/"[A-Za-z0-9+/=]+"\Z')
_COMPANY: Final = "/companies({companyId})"
_FORM: Final = re.compile(
    r"/(?P<set>\w+)"
    r"(?P<one>\(\{id\}\)(?:/(?P<nav>\w+)(?P<line>\(\{lineId\}\))?|/Microsoft\.NAV\.(?P<action>\w+))?)?"
    r"(?P<count>/\$count)?\Z"
)

WRITERS: Final[Mapping[str, Writer]] = {
    each.set: each
    for each in (*SIMPLE, *MASTERS, *DOCUMENT_WRITERS, *LINES.values(), *PAYMENT_WRITERS)
}
"""Who writes which kind of record."""

_OWNERS: Final = {
    "salesQuoteLines": "documentId",
    "salesOrderLines": "documentId",
    "salesInvoiceLines": "documentId",
    "salesCreditMemoLines": "documentId",
    "salesShipmentLines": "documentId",
    "customerPayments": "journalId",
}
"""Records that can only be listed for one owner, or one by one."""


# What all operations share


def behaviour(handler: Handler) -> Behaviour:
    """Carry out an operation on the company that its path names, on the day of the clock."""

    def carry_out(call: Call) -> Reply:
        records = Records(call.world)
        catch_up(records)
        company = call.path.get("companyId")
        if company is not None and records.get("companies", company.lower()) is None:
            raise refusal(
                404, "Internal_CompanyNotFound",
                f"Cannot find the company with the id {company}",
            )  # fmt: skip
        reply = handler(records, call)
        # As each server says when it answered, by its own clock.
        sent = format_datetime(call.now, usegmt=True)
        return Reply(reply.status, reply.body, {**reply.headers, "date": sent})

    return carry_out


def options_of(call: Call, type_: EntityType, *, allowed: frozenset[str] | None = None) -> Options:
    """The query options of a call.

    Raises:
        Problem: One of them is not known, comes twice, or cannot stand here.
    """
    given: dict[str, str] = {}
    for name, texts in split_query(call.request.query).items():
        if not name.startswith("$"):
            continue
        if len(texts) > 1:
            raise refusal(400, "BadRequest", f"The query option '{name}' is given more than once")
        given[name] = unquote_plus(texts[0])
        if allowed is not None and name not in allowed and name[1:].isalpha():
            raise refusal(400, "BadRequest", f"The query option '{name}' cannot be used here")
    return read(type_, given)


_ONE: Final = frozenset({"$select", "$expand", "$schemaversion"})
_COUNTED: Final = frozenset({"$filter", "$schemaversion"})


def context(call: Call, type_: EntityType, *, one: bool = False) -> str:
    """What an answer is an answer about."""
    company = call.path.get("companyId")
    inside = f"companies({company.lower()})/" if company else ""
    return f"{root(call)}/$metadata#{inside}{type_.set}{'/$entity' if one else ''}"


def location(call: Call, set_name: str, key: str) -> str:
    """Where a record is."""
    company = call.path.get("companyId")
    inside = f"/companies({company.lower()})" if company else ""
    return f"{root(call)}{inside}/{set_name}({key})"


def found(records: Records, type_: EntityType, key: str) -> Row:
    """The record with a key.

    Raises:
        Problem: There is none.
    """
    if type_.set == "journals":
        row = any_journal(records, key.lower())
    else:
        row = records.get(type_.set, key.lower())
    if row is None:
        raise no_record(words(type_.name), key)
    return row


def _own(records: Records, type_: EntityType, key: str) -> Row:
    """The record with a key, of this set and no other.

    Raises:
        Problem: There is none.
    """
    if records.get(type_.set, key.lower()) is None:
        raise no_record(words(type_.name), key)
    return found(records, type_, key)


def check_etag(call: Call, row: Row, *, needed: bool) -> None:
    """See that a change is based on the record as it stands.

    Raises:
        Problem: It is not, or what came is no ETag; or none came and one is needed.
    """
    sent = call.headers.get("if-match")
    if sent is None and not needed:
        return
    if sent is None or (sent.strip() != "*" and not _ETAG.match(sent.strip())):
        raise refusal(
            400, "BadRequest_InvalidToken",
            "Could not validate the client concurrency token required by the service. Please "
            "provide a valid token in the client request",
        )  # fmt: skip
    if sent.strip() not in ("*", etag(row)):
        raise refusal(409, "Request_EntityChanged", "Another user has already changed the record")


def _without_content(call: Call) -> bool:
    return "return-no-content" in call.headers.get("prefer", "") or "return=minimal" in (
        call.headers.get("prefer", "")
    )


def told(call: Call, records: Records, type_: EntityType, row: Row, status: int = 200) -> Reply:
    """Answer with a record that was read, made or changed."""
    headers = {"etag": etag(row)}
    if status == 201:
        headers["location"] = location(call, type_.set, row[type_.key])
    if call.request.method != "GET" and _without_content(call):
        return Reply(204, None, {**headers, "preference-applied": "return-no-content"})
    if call.request.method == "GET":
        options = options_of(call, type_, allowed=_ONE)
    else:
        # A deep insert is answered with what was made inside.
        nested = [
            name for name, each in type_.navigations.items()
            if each.many and isinstance(call.body, dict) and name in call.body
        ]  # fmt: skip
        options = read(type_, {"$expand": ",".join(nested)} if nested else {})
    shown = Reader(records.world).shown(row, options)
    return Reply(status, {"@odata.context": context(call, type_, one=True), **shown}, headers)


# Lists


def listed(call: Call, records: Records, type_: EntityType, within: Mapping[str, Any]) -> Reply:
    """Answer with a page of records."""
    options = options_of(call, type_)
    if not within:
        _check_owner(type_, options)
        if type_.set == "journals" and not (options.filter and "id" in _fixed(options)):
            within = {"templateDisplayName": "GENERAL"}
    reader = Reader(records.world)
    page = reader.page(options, within, page_size(call))
    body: dict[str, Any] = {"@odata.context": context(call, type_)}
    if page.count is not None:
        body["@odata.count"] = page.count
    body["value"] = [reader.shown(row, options) for row in page.rows]
    if page.token is not None:
        body["@odata.nextLink"] = next_link(call, page.token)
    return Reply(200, body)


def _fixed(options: Options) -> frozenset[str]:
    """The properties that a filter holds to one value."""
    return frozenset() if options.filter is None else filters.held(options.filter)


def _check_owner(type_: EntityType, options: Options) -> None:
    """See that lines are asked for by their document, or one by one.

    Raises:
        Problem: They are not.
    """
    owner = _OWNERS.get(type_.set)
    if owner is None or {"id", owner} & _fixed(options):
        return
    if owner == "journalId":
        raise dialog("You must specify a journal batch ID or a journal ID to get a journal line")
    raise dialog("You must specify an Id or a Document Id to get the lines")


def counted(call: Call, records: Records, type_: EntityType) -> Reply:
    """Answer with the number of records."""
    options = options_of(call, type_, allowed=_COUNTED)
    _check_owner(type_, options)
    within = {"templateDisplayName": "GENERAL"} if type_.set == "journals" else {}
    number = Reader(records.world).count(options, within)
    return Reply(200, str(number).encode(), {"content-type": "text/plain"})


# The form of a path says what is to be done


def behaviour_of(method: str, path: str) -> Behaviour:
    """The behaviour of an operation.

    Args:
        method: Its method.
        path: Its path in the document.

    Raises:
        LookupError: The form of the path is not known.
    """
    if path in ("/companies", _COMPANY):
        type_ = model().types["company"]
        if path == _COMPANY:
            return behaviour(
                lambda records, call: told(
                    call, records, type_, found(records, type_, call.path["companyId"])
                )
            )
        return behaviour(lambda records, call: listed(call, records, type_, {}))
    form = _FORM.match(path.removeprefix(_COMPANY))
    if not path.startswith(_COMPANY) or form is None or form["set"] not in model().sets:
        raise LookupError(f"business-central: {method} {path} is of no known form")
    type_ = model().sets[form["set"]]
    if form["count"]:
        return behaviour(lambda records, call: counted(call, records, type_))
    if form["action"]:
        return behaviour(_acting(type_, form["action"]))
    if form["nav"]:
        return behaviour(_inside(method, type_, type_.navigations[form["nav"]], form["line"]))
    return behaviour(_of_one(method, type_) if form["one"] else _of_all(method, type_))


def _of_all(method: str, type_: EntityType) -> Handler:
    if method == "GET":
        return lambda records, call: listed(call, records, type_, {})
    writer = WRITERS[type_.set]
    return lambda records, call: told(
        call, records, type_, writer.make(records, call.body, {}), 201
    )


def _of_one(method: str, type_: EntityType, parameter: str = "id") -> Handler:
    if method == "GET":
        return lambda records, call: told(
            call, records, type_, found(records, type_, call.path[parameter])
        )
    writer = WRITERS[type_.set]

    def change(records: Records, call: Call) -> Reply:
        row = _own(records, type_, call.path[parameter])
        check_etag(call, row, needed=True)
        return told(call, records, type_, writer.change(records, row, call.body))

    def remove(records: Records, call: Call) -> Reply:
        row = _own(records, type_, call.path[parameter])
        check_etag(call, row, needed=False)
        writer.remove(records, row)
        return Reply(204)

    return change if method == "PATCH" else remove


def _inside(method: str, owner: EntityType, navigation: Navigation, line: str | None) -> Handler:
    """What lies behind a navigation property."""
    type_ = model().types[navigation.target]

    def within(records: Records, call: Call) -> dict[str, Any]:
        return {navigation.other: found(records, owner, call.path["id"])[navigation.own]}

    if line:
        inner = _of_one(method, type_, "lineId")

        def one(records: Records, call: Call) -> Reply:
            row = found(records, type_, call.path["lineId"])
            if any(row[name] != value for name, value in within(records, call).items()):
                raise no_record(words(type_.name), call.path["lineId"])
            return inner(records, call)

        return one
    if method == "POST":
        writer = WRITERS[type_.set]

        def make(records: Records, call: Call) -> Reply:
            given, of = call.body, within(records, call)
            for name, value in of.items():
                if str(given.get(name, value)).lower() not in (value, NO_GUID):
                    raise dialog(f'The value for "{name}" cannot be another one than in the path')
            return told(call, records, type_, writer.make(records, given, of), 201)

        return make
    if navigation.many:
        return lambda records, call: listed(call, records, type_, within(records, call))

    def target(records: Records, call: Call) -> Reply:
        value = within(records, call)[navigation.other]
        row = None if value == NO_GUID else records.first(type_.set, {navigation.other: value})
        return Reply(204) if row is None else told(call, records, type_, row)

    return target


def _acting(type_: EntityType, name: str) -> Handler:
    action = ACTIONS[type_.set, name]

    def act(records: Records, call: Call) -> Reply:
        row = found(records, type_, call.path["id"])
        if call.request.body.strip() not in (b"", b"{}", b"null"):
            raise refusal(400, "BadRequest", f"The action '{name}' takes no parameters")
        check_etag(call, row, needed=False)
        made = action(records, row)
        headers = {} if made is None else {"location": location(call, *made)}
        return Reply(204, None, headers)

    return act
