"""How the reference ERP answers: documents with ETags, lists with cursors, problems with codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, TypeAlias

import orjson

from crossdock_mocks.backoffice.books import Books, Document
from crossdock_mocks.backoffice.receipts import catch_up
from crossdock_mocks.backoffice.refusals import Invalid, Missing, Refusal, Stale, WrongState
from crossdock_mocks.engine import (
    Behaviour,
    Call,
    Problem,
    RawJson,
    Reply,
    Violation,
    Where,
    between,
    ge,
    le,
    problem_details,
)

Action: TypeAlias = Callable[[Books, Call], Reply]

_REFUSALS: Final[tuple[tuple[type[Refusal], int, str], ...]] = (
    (Missing, 404, "There is no such document"),
    (Stale, 412, "The document has changed"),
    (WrongState, 409, "The state of the document forbids this"),
    (Invalid, 422, "A rule of the business is broken"),
)


def behaviour(action: Action) -> Behaviour:
    """Carry out an action on the books of the called world, on the day of its clock.

    Goods that were due by then arrive first, so that whatever is asked sees them.
    """

    def carry_out(call: Call) -> Reply:
        body = call.body if isinstance(call.body, dict) else {}
        books = Books(call.world, body.get("actor") or call.principal)
        try:
            if catch_up(books):
                books.flush()
            return action(books, call)
        except Refusal as refusal:
            raise _problem(refusal) from refusal

    return carry_out


def _problem(refusal: Refusal) -> Problem:
    status, title = next(
        (status, title) for kind, status, title in _REFUSALS if isinstance(refusal, kind)
    )
    errors = (
        [Violation(refusal.pointer, refusal.message, refusal.expected, refusal.received)]
        if refusal.pointer
        else []
    )
    return Problem(status, refusal.code, title, refusal.message, errors)


def say_no(problem: Problem) -> Reply:
    """A problem in the reference ERP's form: `detail` is always a sentence."""
    if not problem.detail:
        problem.detail = f"{problem.title}."
    return problem_details(problem)


# Conditional requests


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def expected_version(call: Call) -> int | None:
    """The version that If-Match names; None if there is no If-Match or any will do.

    One that is no ETag of ours names a version that never is.
    """
    sent = call.headers.get("if-match")
    if sent is None or sent.strip() == "*":
        return None
    text = sent.strip()
    number = text[1:-1]
    if text == f'"{number}"' and number.isascii() and number.isdigit():
        return int(number)
    return 0


# Documents


def shown(books: Books, document: Document) -> dict[str, Any]:
    """A document as it stands in the books, with its lines, and an order with its history."""
    body = dict(document.header)
    if document.kind.lines_table is not None:
        body["lines"] = document.lines
    if document.kind.name == "sales_order":
        body["history"] = books.events(document.id)
    return body


def reply(books: Books, document: Document, status: int = 200, location: str = "") -> Reply:
    """Answer with a document and its ETag; one that was created also with where it is."""
    headers = {"etag": etag(document.version)}
    if location:
        headers["location"] = f"{location}/{document.id}"
    return Reply(status, shown(books, document), headers)


# Lists


def sorted_by(call: Call, field: str) -> tuple[str]:
    """The order that a list is asked for, by the document's date."""
    return (f"-{field}" if call.query["sort"] == "-date" else field,)


def on_days(call: Call, first: str, last: str) -> Any:
    """The condition that two query parameters put on a date; None if neither is given."""
    since: date | None = call.query.get(first)
    until: date | None = call.query.get(last)
    if since is not None and until is not None:
        return between(since, until)
    if since is not None:
        return ge(since)
    return None if until is None else le(until)


def wanted(call: Call, *names: str) -> dict[str, Any]:
    """The conditions of the query parameters that are names of fields themselves."""
    return {name: call.query[name] for name in names if name in call.query}


def page(
    call: Call, table: str, where: Where, order: tuple[str, ...] = (), lines_table: str = ""
) -> Reply:
    """Answer with a page of rows as they are stored; with `include=lines` with their lines."""
    found = call.world.table(table).page_raw(
        where, order, limit=call.query["limit"], after=call.query.get("after")
    )
    rows = found.rows
    if lines_table and call.query.get("include") == "lines":
        rows = [with_lines(call, text, lines_table) for text in rows]
    return Reply(200, RawJson.object(items=RawJson.array(rows), next=found.next))


def page_of(
    call: Call,
    table: str,
    where: Where,
    view: Callable[[dict[str, Any]], Mapping[str, Any] | None],
    order: tuple[str, ...] = (),
) -> Reply:
    """Answer with a page of rows, each shown by a view; one that the view leaves out is not."""
    found = call.world.table(table).page(
        where, order, limit=call.query["limit"], after=call.query.get("after")
    )
    seen = [shown_row for shown_row in map(view, found.rows) if shown_row is not None]
    return Reply(200, {"items": seen, "next": found.next})


def with_lines(call: Call, header: str, lines_table: str) -> str:
    """Join a header and its lines as texts, without decoding the lines.

    A lines row is written as `{"id":"...","lines":[...]}`; inside a JSON string the quotes of
    `"lines":` would be escaped, so the first one found is the field.
    """
    stored = call.world.table(lines_table).raw(orjson.loads(header)["id"])
    if stored is None:
        raise LookupError(f"{lines_table} has no lines of {header[:60]}")
    lines = stored[stored.index('"lines":') : -1]
    return f"{header[:-1]},{lines}}}"
