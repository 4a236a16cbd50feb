"""One contract of a CRM: its feeds and entries, read and written one at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, urlsplit

from attrs import frozen

from crossdock.connectors.http import Answer, Remote
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row, Unreadable, each, unfit
from crossdock.connectors.sdata import where as conditions
from crossdock.connectors.sdata.sheets import ETAG, KEY, Form, Sheet
from crossdock.connectors.sdata.values import Speech
from crossdock.connectors.told import told_by
from crossdock.errors import NotFound, RemoteUnavailable

_T = TypeVar("_T")
_FORMAT: Final = {"format": "json"}
_NUMBER: Final = re.compile(r"[0-9]{1,10}", re.ASCII).fullmatch
_TEXT: Final = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII).fullmatch
PAGE: Final = 200
"""How many entries are asked for at once."""
IN: Final = 100
"""How many values a condition names at most."""


@frozen(kw_only=True)
class Feed:
    """One page of a feed.

    Attributes:
        following: the query of the next page; `None` on the last one.
        now: the CRM's own time, where the answer says it.
    """

    rows: tuple[Row, ...]
    following: Mapping[str, str] | None
    now: datetime | None


class Contract:
    """Reads and writes entries; safe in many threads.

    Args:
        remote: the CRM.
        speech: how its dialect writes values.
        names: what stands for the names in the paths of all operations.
    """

    def __init__(self, remote: Remote, speech: Speech, names: Mapping[str, str]) -> None:
        self.remote = remote
        self.speech = speech
        self._names = dict(names)

    def is_key(self, value: str) -> bool:
        """Whether a text can be a record's key."""
        return bool(_NUMBER(value) if self.speech.integer_keys else _TEXT(value))

    def literal_key(self, key: str) -> str | int:
        """Give a key as a condition compares it."""
        return self.speech.key(key)

    def get(self, form: Form, key: str, *, include: str = "") -> Row:
        """Read one entry.

        Raises:
            NotFound: there is none.
        """
        if not self.is_key(key):
            raise self.missing(form, key)
        query = {**_FORMAT, "include": include or None}
        try:
            answer = self._call(form.uses.read, {"key": key}, query=query)
        except NotFound as gone:
            raise self.missing(form, key) from gone
        return self._entry(answer)

    def missing(self, form: Form, key: str) -> NotFound:
        """Make the error for a record that is not there."""
        address = self.remote.address
        return NotFound(
            f"{address.label} has no {form.label} {key!r}", system=address.system, status=404
        )

    def page(
        self,
        form: Form,
        *,
        where: str = "",
        order: str = "",
        select: str = "",
        include: str = "",
        count: int = PAGE,
        start: int = 1,
    ) -> Feed:
        """Read one page of a feed, from the `start`th entry on."""
        query: dict[str, str | int | bool | None] = {
            **_FORMAT,
            "where": where or None,
            "orderby": order or None,
            "select": select or None,
            "include": include or None,
            "startIndex": start,
            "count": count,
        }
        return self._feed(self._call(form.uses.list, {}, query=query))

    def rows(
        self,
        form: Form,
        *,
        where: str = "",
        order: str = "",
        select: str = "",
        include: str = "",
        limit: int | None = None,
    ) -> list[Row]:
        """Read a feed to its end, or as many entries as are wanted."""
        count = PAGE if limit is None else min(limit, PAGE)
        feed = self.page(
            form, where=where, order=order, select=select, include=include, count=count
        )
        found = list(feed.rows)
        while feed.following is not None and (limit is None or len(found) < limit):
            feed = self._feed(self._call(form.uses.list, {}, query=feed.following))
            found += feed.rows
        return found if limit is None else found[:limit]

    def among(
        self,
        form: Form,
        path: str,
        keys: Iterable[str | int],
        *,
        also: str = "",
        order: str = "",
        include: str = "",
    ) -> list[Row]:
        """Read the entries of which a field has one of some values."""
        wanted = list(dict.fromkeys(keys))
        found: list[Row] = []
        for at in range(0, len(wanted), IN):
            condition = conditions.one_of(path, wanted[at : at + IN])
            where = conditions.every(condition, also)
            found += self.rows(form, where=where, order=order, include=include)
        return found

    def create(self, form: Form, fields: Mapping[str, Any]) -> Row:
        """Make an entry. Not sent again by itself: nothing would tell the second from the first."""
        body = {name: value for name, value in fields.items() if value is not None}
        return self._entry(self._call(form.uses.create, {}, query=_FORMAT, body=body))

    def change(self, form: Form, now: Row, fields: Mapping[str, Any]) -> Row:
        """Change fields of an entry as it was read.

        Raises:
            Stale: it was changed since, where the CRM says which state an entry is in.
        """
        key = Sheet(now, form).id
        body: dict[str, Any] = {KEY: self.speech.key(key), **fields}
        headers: dict[str, str] = {}
        if isinstance(etag := now.get(ETAG), str) and etag:
            body[ETAG] = etag
            headers["If-Match"] = etag
        answer = self._call(
            form.uses.change, {"key": key}, query=_FORMAT, body=body, headers=headers
        )
        return self._entry(answer)

    def delete(self, form: Form, key: str) -> None:
        """Delete an entry; one that is not there is deleted already."""
        try:
            self._call(form.uses.delete, {"key": key}, query=_FORMAT, repeatable=True)
        except NotFound:
            return

    def describe(self, operation: Operation, kind: str) -> Row:
        """Read what one kind of records is made of.

        Raises:
            NotFound: there is no such kind.
        """
        answer = self._call(operation, {"resource": kind}, query=_FORMAT)
        return self.remote.read(answer, lambda body: body)

    def read(self, form: Form, row: Row, parse: Callable[[Sheet], _T]) -> _T:
        """Read a record of an entry, strictly; what is wrong is told with the entry's key."""

        def read() -> _T:
            try:
                return parse(Sheet(row, form))
            except Unreadable as bad:
                raise bad.inside(str(row.get(KEY))) from None

        return self.remote.understood(form.uses.list, read)

    def _call(
        self,
        operation: Operation,
        names: Mapping[str, str],
        *,
        query: Mapping[str, str | int | bool | None],
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> Answer:
        address = self.remote.address
        if told_by(address.system) is not None:
            raise RemoteUnavailable(
                f"{address.label} waits for this answer itself, so it was not asked for "
                f"{operation.id}",
                system=address.system,
                maybe_done=False,
            )
        return self.remote.call(
            operation,
            {**self._names, **names},
            query=query,
            body=body,
            headers=headers,
            repeatable=repeatable,
        )

    def _entry(self, answer: Answer) -> Row:
        def entry(body: Row) -> Row:
            if body.get(KEY) in (None, ""):
                raise unfit(KEY, "a key", body.get(KEY))
            return body

        return self.remote.read(answer, entry)

    def _feed(self, answer: Answer) -> Feed:
        def feed(body: Row) -> Feed:
            following = body.get("$next")
            if following is not None and type(following) is not str:
                raise unfit("$next", "an address", following)
            # Only its query is taken: the link leads nowhere but to the same feed.
            query = dict(parse_qsl(urlsplit(following).query)) if following else None
            if following and "startIndex" not in (query or {}):
                raise unfit("$next", "an address with a startIndex", following)
            rows = each(body, "$resources", lambda row: row)
            return Feed(rows=rows, following=query, now=_now(answer))

        return self.remote.read(answer, feed)


def _now(answer: Answer) -> datetime | None:
    """Read `Date` (RFC 9110, section 6.6.1)."""
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except (ValueError, TypeError):
        return None
