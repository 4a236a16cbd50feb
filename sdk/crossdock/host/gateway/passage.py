"""One call of one plugin on its way to the ports: what it may do, and what it has been shown."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

import attrs

from crossdock.errors import AccessDenied, RemoteRefused
from crossdock.host.gateway.masking import mask, shape_of
from crossdock.host.gateway.recent import Question, RecentAnswers
from crossdock.host.gateway.rehearsal import Rehearsal
from crossdock.host.gateway.restoring import HiddenFieldSet, restored
from crossdock.host.gateway.rights import FIELD, Rights
from crossdock.ports import AT_HOME
from crossdock.records import Account, Contact, Item, Opportunity, Order, Quote, TradingAccount

_T = TypeVar("_T")

# Where a record that is written again stands now, for a plugin that did not read it in this call.
_READ_BY: Final[Mapping[Any, str]] = {
    Account: "account",
    Contact: "contact",
    Item: "item",
    Opportunity: "opportunity",
    Order: "order",
    Quote: "quote",
    TradingAccount: "customer",
}
# These make something new, whatever id the record has elsewhere.
_CREATES: Final = ("place_", "add_")


def _unobserved(_plugin_id: str, _operation: str, _seconds: float, _failed: bool) -> None:
    """Take no notice."""


@attrs.define(slots=True)
class Passage:
    """One call of one plugin on its way to the ports.

    Attributes:
        plugin_id: whose call it is.
        identity: names plugin and process; remote systems see it as the caller.
        ends: when the call must be over, on `clock`'s scale.
        refuse: told of each refusal, with the scope and the reason, before it is raised.
        given: the arguments that the plugin was called with, not masked.
        rehearsal: takes the writes of a dry run; `None` where they are sent.
        observe: told of each call: plugin, operation (`erp.items`), seconds, whether it failed.
        recent: answers that are good for a moment; `None` where each question is asked, as it is
            on every way but a view's.
        anew: whether an answer that was given before will not do in this call.
        read_when: the earliest instant, by system, at which something that this call was given was
            read before it began.
        credit_answers: drafts whose credit outcome was told in this call.
        open: set to `False` when the call is over; a port that was kept is of no use then.
    """

    plugin_id: str
    rights: Rights
    identity: str
    ends: float
    clock: Callable[[], float]
    refuse: Callable[[str, str], None]
    given: Mapping[str, Any] = attrs.field(factory=dict)
    rehearsal: Rehearsal | None = None
    observe: Callable[[str, str, float, bool], None] = _unobserved
    recent: RecentAnswers | None = None
    anew: bool = False
    read_when: dict[str, datetime] = attrs.field(factory=dict)
    credit_answers: int = 0
    open: bool = True
    _shown: dict[Hashable, Any] = attrs.field(factory=dict)

    def admit(self, scope: str) -> None:
        """Let a call pass, or record and raise why not."""
        if not self.open:
            raise self.refused(
                scope, "this call is over; a port cannot be kept for later", reason="kept"
            )
        if scope not in self.rights.scopes:
            raise self.refused(
                scope,
                f"{self.identity} may not do this: it needs the scope {scope}, "
                "in its plugin.toml and in a role of the user",
            )

    def refused(self, scope: str, message: str, *, reason: str = "") -> AccessDenied:
        """Record a refusal and give the error that says so."""
        self.refuse(scope, reason)
        return AccessDenied(message, scope=scope)

    def show(self, answer: _T) -> _T:
        """Give what the plugin sees of an answer, and remember the whole of it for its writes."""
        hidden = self.rights.hidden
        seen: _T = mask(answer, hidden)
        if seen is not answer:
            for record in _records(answer):
                self._shown[_identity(record)] = record
        return seen

    def recall(self, recent: RecentAnswers, asked: Question, read: Callable[[], _T]) -> _T:
        """Give an answer that is good for a moment, and remember when it was read."""
        answer: _T
        answer, read_at = recent.ask(asked, read, anew=self.anew)
        if read_at is not None:
            before = self.read_when.get(asked.system, read_at)
            self.read_when[asked.system] = min(before, read_at)
        return answer

    def whole(self, method: str, record: Any, port: Any) -> Any:
        """Give a record that a plugin writes with what was hidden from it put back.

        Args:
            method: of the port, which writes it.
            record: as the plugin hands it in.
            port: the raw port, to read the record as it stands now where the plugin has not.

        Raises:
            AccessDenied: a hidden field has a value of the plugin's own, or what stands in it now
                cannot be known.
        """
        hidden = self.rights.hidden
        if not attrs.has(type(record)) or not shape_of(type(record), hidden):
            return record
        true = self._true(record)
        stored: Any = getattr(record, "id", None)
        if true is None and stored and not method.startswith(_CREATES):
            true = self._as_it_stands(record, port)
        return self.restored(true, record, method)

    def restored(self, true: Any, given: _T, where: str) -> _T:
        """Put back what was hidden; see `restoring.restored`.

        Raises:
            AccessDenied: a hidden field has a value of the plugin's own.
        """
        try:
            whole: _T = restored(true, given, self.rights.hidden)
        except HiddenFieldSet as found:
            raise self.refused(
                f"{FIELD}{found.kind}",
                f"{self.plugin_id} sets {found.field} ({found.kind}), which it or the user may not "
                "see; hand the record back with that field as it came",
                reason=f"{where}: {found.field}",
            ) from None
        return whole

    def _true(self, record: Any) -> Any:
        identity = _identity(record)
        if identity in self._shown:
            return self._shown[identity]
        for given in self.given.values():
            for known in _records(given):
                if _identity(known) == identity:
                    return known
        return None

    def _as_it_stands(self, record: Any, port: Any) -> Any:
        name = _READ_BY.get(type(record), "")
        system = getattr(record, "system", "")
        if isinstance(record, AT_HOME) and system and hasattr(port, "using"):
            port = port.using(system)
        reader: Any = getattr(port, name, None) if name else None
        if reader is not None:
            try:
                return reader(record.id)
            except RemoteRefused:
                return None  # there is none, so nothing of it can be lost; the write will say so
        shape = shape_of(type(record), self.rights.hidden)
        kind = shape.sensitive[0][1] if shape.sensitive else "personal"
        raise self.refused(
            f"{FIELD}{kind}",
            f"{self.plugin_id} cannot write {type(record).__name__} {record.id}: parts of it are "
            "hidden, and what stands in them now is not known; read it in the same call first",
            reason="what is hidden is not known",
        )


def _records(value: Any) -> Iterator[Any]:
    """Give each record with an id of its own in an answer or an argument."""
    if isinstance(value, tuple | list):
        for each in value:
            yield from _records(each)
    elif attrs.has(type(value)):
        if getattr(value, "id", ""):
            yield value
            return
        for name in ("items", "order", "document"):  # a page, an acknowledgement, an event
            inner = getattr(value, name, None)
            if isinstance(inner, tuple) or attrs.has(type(inner)):
                yield from _records(inner)


def _identity(record: Any) -> Hashable:
    return type(record), getattr(record, "system", ""), getattr(record, "id", id(record))


def is_routing(method: str, value: Any) -> bool:
    """Whether an argument of a write only says which customer is meant, and is not written."""
    return isinstance(value, TradingAccount) and method != "save_customer"
