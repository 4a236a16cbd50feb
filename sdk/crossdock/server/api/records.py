"""Accounts, contacts, opportunities and orders, saved with the guards asked on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import evolve, frozen

from crossdock.host.gateway import mask
from crossdock.host.gateway.restoring import HiddenFieldSet, restored
from crossdock.records import Account, Contact, Opportunity, Order, OrderLine
from crossdock.server.api.api import ApiHost
from crossdock.server.api.call import Answer, Call, Handler
from crossdock.server.api.once import once
from crossdock.server.api.preconditions import named, precondition_missing, stale
from crossdock.server.api.problems import Problem, Wrong, pointer_of
from crossdock.server.api.stopping import stopped
from crossdock.server.api.wire import document_of, record_of, verdict_document


@frozen(kw_only=True)
class Kind:
    """One kind of record.

    Attributes:
        name: of the record, as `Saved...` and the path have it.
        many: of a list of them, as the path has it.
        record: its class.
        read: reads one from the CRM.
        save: asks the guards and saves.
        check: raises a `Problem` where one that is there cannot be changed any more.
    """

    name: str
    many: str
    record: type[Any]
    read: Callable[[ApiHost, str], Any]
    save: Callable[[ApiHost], Callable[..., Any]]
    check: Callable[[Any], None] = lambda _now: None

    @property
    def point(self) -> str:
        """The extension point whose guards are asked."""
        return f"before_{self.name}_save"


def get_record(kind: Kind) -> Handler:
    """Make the operation that reads one."""

    def get(call: Call) -> Answer:
        user = call.user  # whoever reads must be somebody
        record = kind.read(call.api.host, call.path(f"{kind.name}_id"))
        tag = _etag(record)
        if named(call.read.headers.get("if-none-match", ""), tag):
            return Answer(status=304, headers={"etag": tag})
        seen = call.api.host.as_seen_by(user, record)
        return Answer(body=document_of(seen), headers={"etag": tag})

    return get


def create_record(kind: Kind) -> Handler:
    """Make the operation that asks the guards, then saves a new one; once for each key."""

    def create(call: Call) -> Answer:
        record = _record(kind, call, {})
        saved = kind.save(call.api.host)(record, user=call.user)
        answer = _saved(kind, call, saved, status=201)
        where = f"/v1/{kind.many}/{answer.body[kind.name]['id']}"
        return evolve(answer, headers={**answer.headers, "location": where})

    def create_once(call: Call) -> Answer:
        _ = call.user
        return once(call, create)

    return create_once


def change_record(kind: Kind) -> Handler:
    """Make the operation that asks the guards, then saves one as it was changed."""

    def change(call: Call) -> Answer:
        host, user = call.api.host, call.user
        wanted = call.read.headers.get("if-match")
        if wanted is None:
            raise precondition_missing()
        now = kind.read(host, call.path(f"{kind.name}_id"))
        if not named(wanted, _etag(now)):
            raise stale(f"The {kind.name}")
        kind.check(now)
        kept = {line.number: line for line in now.lines} if kind.record is Order else {}
        said = _record(kind, call, kept)
        # Of what is hidden, what comes back as it was shown stays as it is.
        hidden = host.hidden_from(user)
        changed = evolve(mask(now, hidden), **{name: getattr(said, name) for name in call.body})
        try:
            whole = restored(now, changed, hidden)
        except HiddenFieldSet as refused:
            raise _not_yours(refused.field) from refused
        return _saved(kind, call, kind.save(host)(whole, user=user), status=200)

    return change


def _record(kind: Kind, call: Call, kept: Mapping[int, OrderLine]) -> Any:
    body: dict[str, Any] = call.body
    if kind.record is not Order:
        return record_of(kind.record, body, id="")
    order = record_of(Order, {**body, "lines": ()}, id="", system=call.api.host.crm.system)
    return evolve(order, lines=_lines(body.get("lines", ()), kept))


def _lines(given: Any, kept: Mapping[int, OrderLine]) -> tuple[OrderLine, ...]:
    """Make lines of what was sent; one that was there before keeps what is not the sender's."""
    lines: dict[int, OrderLine] = {}
    for place, document in enumerate(given):
        number = int(document.get("number", place + 1))
        if number in lines:
            raise Problem(
                422, "invalid", "The body does not fit", "Two lines have one number.",
                errors=(
                    Wrong(pointer=f"/lines/{place}/number", message="another line has it too"),
                ),
            )  # fmt: skip
        line = record_of(OrderLine, document, number=number)
        before = kept.get(number)
        if before is not None and before.item_id == line.item_id:
            line = evolve(before, **{name: getattr(line, name) for name in document})
        lines[number] = line
    return tuple(lines.values())


def _saved(kind: Kind, call: Call, saved: Any, *, status: int) -> Answer:
    record = getattr(saved, kind.name)
    if record is None:
        raise stopped(saved.verdict, kind.point, f"The {kind.name} was not saved")
    return Answer(
        status=status,
        body={
            kind.name: document_of(call.api.host.as_seen_by(call.user, record)),
            "verdict": verdict_document(saved.verdict, kind.point, record=False),
            "event_id": getattr(saved, "event_id", None),
        },
        headers={"etag": _etag(record)},
    )


def _etag(record: Any) -> str:
    return f'"{record.version or ""}"'


def _not_yours(field: str) -> Problem:
    return Problem(
        403, "access_denied", "This is not allowed",
        f"{field} is hidden from the user, so it cannot be set.",
        errors=(Wrong(pointer=pointer_of(field), message="is hidden from the user"),),
    )  # fmt: skip


def _may_still_change(order: Order) -> None:
    if order.quote_id:
        raise Problem(
            409, "order_of_quote", "It is the order of a quote",
            f"{order.id} was made of {order.quote_id}; change it by /v1/orders/{order.id}/changes.",
        )  # fmt: skip
    if order.status != "draft":
        raise Problem(
            409, "order_given_on", "It was given on already",
            f"{order.id} is {order.status}; change it by /v1/orders/{order.id}/changes.",
        )  # fmt: skip


ACCOUNT: Final = Kind(
    name="account",
    many="accounts",
    record=Account,
    read=lambda host, record_id: host.crm.account(record_id),
    save=lambda host: host.save_account,
)
CONTACT: Final = Kind(
    name="contact",
    many="contacts",
    record=Contact,
    read=lambda host, record_id: host.crm.contact(record_id),
    save=lambda host: host.save_contact,
)
OPPORTUNITY: Final = Kind(
    name="opportunity",
    many="opportunities",
    record=Opportunity,
    read=lambda host, record_id: host.crm.opportunity(record_id),
    save=lambda host: host.save_opportunity,
)
ORDER: Final = Kind(
    name="order",
    many="orders",
    record=Order,
    read=lambda host, record_id: host.crm.order(record_id),
    save=lambda host: host.save_order,
    check=_may_still_change,
)
