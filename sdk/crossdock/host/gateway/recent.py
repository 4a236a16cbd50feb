"""Answers of ERPs that are good for a moment, so that one view after another need not ask again.

They are for views alone: a guard, a promotion, an event or a job always asks. Each is kept for the
rights of who asked, so that nothing crosses to other rights; for a few seconds; and no longer than
until the store hears that something of that customer changed (`document_changed`), whichever
process was told of it. What a view shows of them says when it was read (`read_when`). Errors are
never kept, nor what must be true of this instant: stock, prices, change feeds.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import attrs

from crossdock.host.gateway.rehearsal import named
from crossdock.ports import ErpPort
from crossdock.records import TradingAccount

if TYPE_CHECKING:
    from crossdock.host.store.news import Heard

MOST_RECORDS: Final = 100_000
"""Records that are kept at a time, lines counted; the oldest answers go first."""

_ANYBODY: Final = "*"  # an answer that any customer's news may change
_ITEMS: Final = "#items"  # the store's word for news of items and prices
# What each method's answer is about, where its first argument is no trading account.
_ABOUT: Final[Mapping[str, str]] = {
    "customer": "",  # the number that it is asked for
    "customers": _ANYBODY,
    # A bill-to customer owes what its branches order, so the news of one are news of the other.
    "credit": _ANYBODY,
    "credit_list": _ANYBODY,
    "item": _ITEMS,
    "items": _ITEMS,
}
_OF_A_CUSTOMER: Final = frozenset(
    {
        "contracts",
        "credit_notes",
        "invoices",
        "orders",
        "payments",
        "quotes",
        "returns",
        "shipments",
    }
)


@attrs.frozen
class Question:
    """What is asked of an ERP, by whom.

    Attributes:
        profile: the rights of who asks.
        about: whose news make an answer out of date.
    """

    profile: str
    system: str
    method: str
    arguments: tuple[tuple[str, Hashable], ...]
    about: str = attrs.field(eq=False)
    _hash: int = attrs.field(init=False, eq=False, repr=False)

    @_hash.default
    def _make_hash(self) -> int:
        return hash((self.profile, self.system, self.method, self.arguments))

    def __hash__(self) -> int:
        return self._hash


@attrs.frozen
class _Kept:
    answer: Any
    read_at: datetime  # by the host's clock, for people
    stored_at: datetime  # by the store's clock, which dates the news
    records: int


def question(
    profile: str, port: Any, method: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Question | None:
    """Name a call of an ERP's port whose answer may be kept; `None` for any other call."""
    if method not in _OF_A_CUSTOMER and method not in _ABOUT:
        return None
    arguments = named(ErpPort, method, args, kwargs)
    customer = arguments.get("customer")
    if isinstance(customer, TradingAccount):
        system, about = customer.system, _ABOUT.get(method, customer.id)
    else:
        system, about = port.system, _ABOUT.get(method, _ANYBODY)
        about = about or str(arguments.get("customer_id", _ANYBODY))
    if not system:
        return None  # several ERPs and none chosen: the router will say so
    told = tuple((name, _told(value)) for name, value in sorted(arguments.items()))
    try:
        return Question(profile, system, method, told, about)
    except TypeError:  # something in it has no hash, so it cannot be found again
        return None


class RecentAnswers:
    """Keeps answers for a moment. Safe in many threads.

    Args:
        seconds: for how long; 0 keeps nothing.
        news: gives what the store heard of since an instant, by the store's clock.
        now: the host's clock, which says how old an answer is.
        store_clock: the store's.
    """

    def __init__(
        self,
        seconds: float,
        *,
        news: Callable[[datetime], Iterable[Heard]],
        now: Callable[[], datetime],
        store_clock: Callable[[], datetime],
        most_records: int = MOST_RECORDS,
    ) -> None:
        self.seconds: Final = seconds
        self._news = news
        self._now = now
        self._store_clock = store_clock
        self._most = most_records
        self._lock = threading.Lock()
        self._kept: OrderedDict[Question, _Kept] = OrderedDict()
        self._records = 0

    def catch_up(self) -> None:
        """Forget what is out of date, before a view begins: what is too old, and what had news."""
        with self._lock:
            if not self._kept:
                return
        # What was heard of longer ago than answers are kept is of none of those that are there.
        heard = tuple(self._news(self._store_clock() - timedelta(seconds=self.seconds)))
        with self._lock:
            for asked, kept in list(self._kept.items()):
                if not self._good(kept) or any(_outdates(each, asked, kept) for each in heard):
                    self._drop(asked)

    def ask(
        self, asked: Question, read: Callable[[], Any], *, anew: bool = False
    ) -> tuple[Any, datetime | None]:
        """Give an answer, and when it was read where that was before.

        Args:
            asked: what is asked.
            read: asks it.
            anew: whether what is kept will not do; the new answer takes its place.
        """
        if not anew:
            with self._lock:
                kept = self._kept.get(asked)
                if kept is not None and self._good(kept):
                    return kept.answer, kept.read_at
        # The instant before it is read: news that come while it is on its way make it out of date.
        read_at, stored_at = self._now(), self._store_clock()
        answer = read()
        if type(answer) is list:
            answer = tuple(answer)
        records = _records(answer)
        if records <= self._most:
            with self._lock:
                self._drop(asked)
                self._kept[asked] = _Kept(answer, read_at, stored_at, records)
                self._records += records
                while self._records > self._most:
                    self._drop(next(iter(self._kept)))
        return answer, None

    def _good(self, kept: _Kept) -> bool:
        age = (self._now() - kept.read_at).total_seconds()
        return 0 <= age < self.seconds  # a clock that was set back makes nobody's answer last

    def _drop(self, asked: Question) -> None:
        kept = self._kept.pop(asked, None)
        if kept is not None:
            self._records -= kept.records


def _outdates(heard: Heard, asked: Question, kept: _Kept) -> bool:
    if heard.system != asked.system or heard.told_at < kept.stored_at:
        return False
    return asked.about == heard.about or (asked.about == _ANYBODY and heard.about != _ITEMS)


def _told(value: Any) -> Hashable:
    """Give an argument so that the same question is the same, however its customer was read.

    The whole customer counts, as a connector may use any part of it: nobody is given the answer to
    a question that somebody else made up.
    """
    return attrs.evolve(value, default=False) if isinstance(value, TradingAccount) else value


def _records(answer: Any) -> int:
    items = getattr(answer, "items", answer)
    if not isinstance(items, tuple):
        return 1
    return 1 + sum(1 + len(getattr(each, "lines", ())) for each in items)
