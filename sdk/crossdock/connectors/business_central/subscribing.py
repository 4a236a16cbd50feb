"""Subscriptions to changes, so that Business Central hints that it has news.

A subscription lives for three days, and is renewed before they are over. A notification says which
record changed; it is a hint only, and the feed is what is read. It is known by the subscription's
`clientState`, as nothing is signed. Source: Microsoft's page on webhooks.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import field, frozen

from crossdock.connectors.business_central import operations as use
from crossdock.connectors.business_central.company import Company
from crossdock.connectors.business_central.wire import ETAG
from crossdock.connectors.reading import Row, each, instant, text
from crossdock.errors import Conflict, RemoteError

_log: Final = logging.getLogger("crossdock.connectors")
#: What the feed tells of, as far as Business Central notifies of it: not of shipments.
_TOLD: Final = ("customers", "items", "salesOrders", "salesInvoices", "salesCreditMemos")
_LOOK_EVERY_SECONDS: Final = 6 * 3600.0
_AGAIN_AFTER_SECONDS: Final = 600.0
_RENEWED_BEFORE: Final = timedelta(days=2)


@frozen(kw_only=True)
class Listener:
    """Where notifications go.

    Attributes:
        url: the side-car's, `https://host/v1/hints/NAME`.
        secret: what notifications are known by.
    """

    url: str
    secret: str = field(repr=False)


@frozen(kw_only=True)
class _Subscription:
    id: str
    etag: str
    url: str
    resource: str
    ends_at: datetime


class Subscriptions:
    """Keeps one company's subscriptions alive.

    Args:
        company: which one.
        listener: where they go.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        company: Company,
        listener: Listener,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._company = company
        self._listener = listener
        self._clock = clock
        self._lock = threading.Lock()
        self._due_at = 0.0

    def keep(self) -> None:
        """Subscribe, or renew, where it is time to; who reads the feed goes on if that fails."""
        with self._lock:
            if self._clock() < self._due_at:
                return
            self._due_at = self._clock() + _LOOK_EVERY_SECONDS
        try:
            self._kept()
        except RemoteError as failed:
            with self._lock:
                self._due_at = self._clock() + _AGAIN_AFTER_SECONDS
            _log.warning("notifications of changes could not be subscribed to: %s", failed)

    def _kept(self) -> None:
        answer = self._company.remote.call(use.SUBSCRIPTIONS)
        now = self._company.now_of(answer)
        listed = self._company.remote.read(answer, lambda body: each(body, "value", _read))
        mine = {one.resource: one for one in listed if one.url == self._listener.url}
        for name in _TOLD:
            resource = f"/api/v2.0/companies({self._company.id})/{name}"
            known = mine.get(resource)
            if known is None:
                self._made(resource)
            elif now is None or known.ends_at - now < _RENEWED_BEFORE:
                self._company.remote.call(
                    use.RENEW_SUBSCRIPTION,
                    {"subscriptionId": known.id},
                    body=self._body(resource),
                    headers={"If-Match": known.etag},
                )

    def _made(self, resource: str) -> None:
        try:
            self._company.remote.call(use.SUBSCRIBE, body=self._body(resource))
        except Conflict:
            return  # another worker was quicker

    def _body(self, resource: str) -> Mapping[str, Any]:
        return {
            "notificationUrl": self._listener.url,
            "resource": resource,
            "clientState": self._listener.secret,
        }


def _read(row: Row) -> _Subscription:
    return _Subscription(
        id=text(row, "subscriptionId"),
        etag=text(row, ETAG),
        url=text(row, "notificationUrl"),
        resource=text(row, "resource"),
        ends_at=instant(row, "expirationDateTime").astimezone(UTC),
    )
