"""Prices by a sales quote that is written, read back and deleted.

Business Central has no operation that only computes: prices, discounts and tax are found when a
line is inserted. So a draft becomes a quote for a moment. Its external document number says that
it is one of these; one that is left over, after a crash or a lost answer, is recognised by that
and deleted later, when it is old enough to be nobody's any more.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from crossdock.connectors.business_central import operations as use
from crossdock.connectors.business_central.company import Company
from crossdock.connectors.business_central.odata import Query, equal, literal
from crossdock.connectors.reading import Row, instant, text
from crossdock.errors import NotFound, RemoteError, RemoteUnavailable

_log: Final = logging.getLogger("crossdock.connectors")
MARK: Final = "XDPRICE-"
LINES: Final = "salesQuoteLines"
#: Nobody asks so long for a price.
OLD: Final = timedelta(minutes=10)
_LOOK_EVERY_SECONDS: Final = 600.0


class Offers:
    """Quotes for a moment, in one company.

    Args:
        company: which one.
        clock: seconds that only go forward.
    """

    def __init__(self, company: Company, clock: Callable[[], float] = time.monotonic) -> None:
        self._company = company
        self._clock = clock
        self._lock = threading.Lock()
        self._looked_at: float | None = None
        self._left: set[str] = set()

    def answered(self, body: Mapping[str, Any]) -> Row:
        """Write a quote and give it as Business Central completed it, with its lines.

        It is deleted whatever happens; where that fails, it is tried again with the next one.

        Raises:
            RemoteRefused: Business Central does not take such a quote.
        """
        self._clear()
        mark = f"{MARK}{uuid.uuid4().hex[:24]}"
        entity_id = ""
        try:
            entity_id = self._written({**body, "externalDocumentNumber": mark}, mark)
            answer = self._company.call(
                use.READ_QUOTE, entity_id=entity_id, query={"$expand": LINES}
            )
            return self._company.remote.read(answer, lambda row: row)
        finally:
            self._delete(entity_id, mark)

    def _written(self, body: Mapping[str, Any], mark: str) -> str:
        try:
            answer = self._company.call(use.CREATE_QUOTE, body=body)
        except RemoteUnavailable as away:
            found = self._marked(equal("externalDocumentNumber", mark)) if away.maybe_done else []
            if not found:
                raise
            return found[0]
        return self._company.remote.read(answer, lambda row: text(row, "id"))

    def _delete(self, entity_id: str, mark: str) -> None:
        """Delete a quote, which may not be known by its id; what fails is remembered."""
        try:
            known = [entity_id] if entity_id else []
            for each in known or self._marked(equal("externalDocumentNumber", mark)):
                self._deleted(each)
        except RemoteError as failed:
            with self._lock:
                self._left.add(mark)
            _log.warning("a quote that was only for its prices is left over: %s", failed)

    def _deleted(self, entity_id: str) -> None:
        try:
            self._company.call(use.DELETE_QUOTE, entity_id=entity_id)
        except NotFound:
            return  # somebody was quicker, or the answer to the first try was lost

    def _clear(self) -> None:
        """Delete what this process left over, and now and then what others did."""
        with self._lock:
            left, self._left = self._left, set()
            now = self._clock()
            due = self._looked_at is None or now - self._looked_at >= _LOOK_EVERY_SECONDS
            if due:
                self._looked_at = now
        for mark in left:
            self._delete("", mark)
        if due:
            self._sweep()

    def _sweep(self) -> None:
        """Delete the old ones; it is no matter of whoever asks for a price that this fails."""
        try:
            query = Query(
                filter=f"startswith(externalDocumentNumber,{literal(MARK)})",
                select="id,lastModifiedDateTime",
            )
            found = self._company.page(use.QUOTES, query, top=100)
            now = found.now
            if now is None:
                return
            for entity_id, at in self._company.parsed(
                use.QUOTES,
                found.rows,
                lambda row: (text(row, "id"), instant(row, "lastModifiedDateTime")),
            ):
                if now - at >= OLD:
                    self._deleted(entity_id)
        except RemoteError as failed:
            _log.warning("quotes that are left over could not be looked for: %s", failed)

    def _marked(self, condition: str) -> list[str]:
        query = Query(filter=condition, select="id")
        return list(self._company.every(use.QUOTES, query, lambda row: text(row, "id")))
