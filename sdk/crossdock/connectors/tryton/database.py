"""One database of a Tryton server, in the name of one user who works for one company."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

from attrs import frozen

from crossdock.connectors.http import Answer, Remote
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row, Unreadable, unfit
from crossdock.connectors.tryton import operations as use
from crossdock.connectors.tryton import wire
from crossdock.connectors.tryton.refusals import WARNING
from crossdock.errors import ConfigError, RemoteRefused

_T = TypeVar("_T")
_PAGE: Final = 1000
_TRIES: Final = 5
_count: Final = itertools.count(1)


def body_of(operation: Operation, params: Sequence[Any]) -> dict[str, Any]:
    """Write a call; with exactly these three names, refusals come in the answer's body."""
    return {"id": next(_count), "method": operation.id, "params": wire.encoded(params)}


@frozen(kw_only=True)
class Company:
    """For whom the user works.

    Attributes:
        id: Tryton's own; part of the context of every call, as without it credit limits are null.
        currency: the ISO code of its books.
        currency_id: Tryton's own.
        party_id: the company as a party: no customer of its own.
    """

    id: int
    party_id: int
    name: str
    currency: str
    currency_id: int


class Database:
    """Calls of methods.

    Args:
        remote: makes them.
        name: the database.
        accept: the names of warnings that are accepted; see `call`.
    """

    def __init__(
        self,
        remote: Remote,
        name: str,
        *,
        accept: Sequence[str] = (),
    ) -> None:
        self.remote: Final = remote
        self._names = {"database": name}
        self._accept = tuple(accept)
        self._lock = threading.Lock()
        self._company: Company | None = None

    @property
    def label(self) -> str:
        """The system in plain words."""
        return self.remote.address.label

    @property
    def system(self) -> str:
        """The configured name."""
        return self.remote.address.system

    @property
    def company(self) -> Company:
        """For whom the user works; read once."""
        with self._lock:
            if self._company is None:
                self._company = self._working_for()
            return self._company

    def today(self) -> date:
        """Say what day it is there."""
        return self.read(use.TODAY, [], lambda told: wire.day({"result": told}, "result"))

    def call(
        self,
        operation: Operation,
        params: Sequence[Any],
        context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call a method in the company's context; gives its result, decoded.

        A warning is Tryton's question whether to go on all the same. One that was said to be
        accepted is answered with yes, for this once; any other is a refusal.

        Raises:
            RemoteError: as the answer, or its absence, stands for.
        """
        return self._answer(operation, params, context)[0]

    def read(
        self,
        operation: Operation,
        params: Sequence[Any],
        parse: Callable[[Any], _T],
        context: Mapping[str, Any] | None = None,
    ) -> _T:
        """Call a method and read its result strictly."""
        result, answer = self._answer(operation, params, context)
        return self.remote.understood(operation, lambda: parse(result), status=answer.status)

    def search(
        self,
        operation: Operation,
        domain: Sequence[Any],
        fields: Sequence[str],
        parse: Callable[[Row], _T],
        *,
        order: Sequence[tuple[str, str]] | None = None,
        offset: int = 0,
        limit: int | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> list[_T]:
        """Read the records that fit a domain; all of them, unless there is a limit."""
        found: list[_T] = []
        while True:
            size = _PAGE if limit is None else min(limit - len(found), _PAGE)
            ordered = order or ([("id", "ASC")] if limit is None else None)
            page = self.read(
                operation,
                [domain, offset + len(found), size, ordered, list(fields)],
                lambda result: wire.each_read(wire.rows(result), parse),
                context,
            )
            found += page
            if len(page) < size or (limit is not None and len(found) >= limit):
                return found

    def since(
        self, operation: Operation, domain: Sequence[Any], fields: Sequence[str],
        at: datetime, *, offset: int, limit: int,
    ) -> tuple[list[Row], datetime]:  # fmt: skip
        """Read what was made or changed since an instant, oldest first, and when that was asked.

        A record that was never changed has the instant at which it was made. One that was made
        inactive comes too: that is news.
        """
        condition = ("last_modified_at", ">=", at)
        result, answer = self._answer(
            operation,
            [
                [condition, *domain], offset, limit,
                [("last_modified_at", "ASC"), ("id", "ASC")],
                [*fields, "last_modified_at", "create_date"],
            ],
            {"active_test": False},
        )  # fmt: skip
        rows = self.remote.understood(operation, lambda: wire.rows(result))
        return rows, _asked(answer)

    def _answer(
        self, operation: Operation, params: Sequence[Any], context: Mapping[str, Any] | None
    ) -> tuple[Any, Answer]:
        around = {"company": self.company.id, "language": "en", **(context or {})}
        for left in range(_TRIES, -1, -1):
            try:
                return self._call(operation, [*params, around])
            except RemoteRefused as refused:
                name = refused.fields[0].message if refused.code == WARNING else ""
                # What it is about stands behind a digest of its records.
                if not left or name.partition(".")[2] not in self._accept:
                    raise
            self._call(use.ACCEPT_WARNING, [name, False, around])
        raise AssertionError("the last try raises")

    def _call(self, operation: Operation, params: Sequence[Any]) -> tuple[Any, Answer]:
        answer = self.remote.call(operation, self._names, body=body_of(operation, params))

        def result(body: Row) -> Any:
            if "result" not in body:
                raise Unreadable("result", "is missing")
            try:
                return wire.decoded(body["result"])
            except (KeyError, ValueError, TypeError, ArithmeticError) as error:
                raise unfit("result", "values of Tryton's classes", str(error)) from None

        return self.remote.read(answer, result), answer

    def _working_for(self) -> Company:
        told, _ = self._call(use.PREFERENCES, [True, {}])
        company = told.get("company") if isinstance(told, dict) else None
        if type(company) is not int:
            raise ConfigError(
                f"the user under {self.remote.address.where} works for no company in Tryton; give "
                "it one in its preferences"
            )
        around = {"company": company, "language": "en"}
        fields = ["party.name", "currency.code"]
        found, _ = self._call(
            use.SEARCH_COMPANIES, [[("id", "=", company)], 0, 1, None, fields, around]
        )

        def of(row: Row) -> Company:
            currency, party = wire.inside(row, "currency"), wire.inside(row, "party")
            return Company(
                id=company,
                party_id=wire.key(party),
                name=wire.label(party, "name"),
                currency=wire.label(currency, "code"),
                currency_id=wire.key(currency),
            )

        return self.remote.understood(
            use.SEARCH_COMPANIES, lambda: wire.each_read(wire.rows(found), of)[0]
        )


def in_pieces(values: Sequence[_T], size: int = 500) -> Iterator[Sequence[_T]]:
    """Give values in pieces that one domain can hold."""
    for at in range(0, len(values), size):
        yield values[at : at + size]


def _asked(answer: Answer) -> datetime:
    """Give the server's time by the header of its answer; it has whole seconds."""
    return parsedate_to_datetime(answer.headers["date"]).astimezone(UTC)
