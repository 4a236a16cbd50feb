"""The outbox of one world: what was changed for good becomes messages, sent until taken."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, final
from urllib.parse import urlsplit

import attrs

from crossdock_mocks.engine.faults import Strike
from crossdock_mocks.engine.messages import Request, Response
from crossdock_mocks.engine.webhooks.events import Action, Event, EventSource, in_standard_form
from crossdock_mocks.engine.webhooks.signing import (
    SCHEMES,
    Addressed,
    Sign,
    check_secret,
    new_secret,
    signing_to,
)

if TYPE_CHECKING:
    from crossdock_mocks.engine.world import World

Post: TypeAlias = "Callable[[str, Mapping[str, str], bytes], int]"
"""Sends a body to a URL and gives the status; raises `OSError` when nobody answers."""

Ask: TypeAlias = "Callable[[str], tuple[int, str]]"
"""Posts nothing to a URL and gives status and text; raises `OSError` when nobody answers."""

BACK_OFF: Final = tuple(
    timedelta(seconds=each) for each in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""Waits after each failed attempt, as Standard Webhooks recommends; by the world's clock."""

_KEPT: Final = 1_000
_ACTIONS: Final[tuple[tuple[str, Action, str], ...]] = (
    ("INSERT", "created", "NEW"),
    ("UPDATE", "updated", "NEW"),
    ("DELETE", "deleted", "OLD"),
)


@attrs.frozen
class Subscription:
    """Who wants to hear of what.

    Attributes:
        id: Its id.
        url: Where messages are sent.
        events: Names of events, with `*` and `?` as in file names.
        secret: What they are signed with.
        scheme: How they are signed; see `SCHEMES`.
    """

    id: str
    url: str
    events: tuple[str, ...]
    secret: str
    scheme: str

    def wants(self, event: str) -> bool:
        """Whether it is about an event."""
        return any(fnmatchcase(event, each) for each in self.events)


@attrs.define(eq=False)
class Delivery:
    """One message for one subscription.

    Attributes:
        number: Its place in the order in which things happened.
        subscription: Who gets it.
        event: What is told.
        due: When it is sent next, by the world's clock.
        state: `waiting`, `held` (until the next one has been sent), `taken` or `given_up`.
        attempts: How often it was sent.
        status: What was answered last; 0 when nobody answered.
    """

    number: int
    subscription: Subscription
    event: Event
    due: datetime
    state: Literal["waiting", "held", "taken", "given_up"] = "waiting"
    attempts: int = 0
    status: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "number": self.number,
            "subscription": self.subscription.id,
            "url": self.subscription.url,
            "event": self.event.name,
            "message_id": self.event.id,
            "state": self.state,
            "due": self.due,
            "attempts": self.attempts,
            "status": self.status,
        }


def _unheard(_: World, __: Subscription, ___: int) -> None:
    """Nothing follows from an answer."""


@attrs.frozen
class Gathering:
    """How messages for one subscriber wait for each other and are sent together.

    Attributes:
        delay: How long a message waits for others.
        write: Writes the messages of one subscriber as one body; None drops them.
        back_off: Waits after each failed attempt; behind the last, messages are given up.
        answered: Told of each answer (0: nobody answered) once the world may be changed; it may
            end the subscription.
        most: How many are sent together; then those that were sent in vain wait for their time
            again, and do not go with newer ones. Without it all that wait are sent.
    """

    delay: timedelta
    write: Callable[[World, Subscription, Sequence[Event]], bytes | None]
    back_off: tuple[timedelta, ...] = BACK_OFF
    answered: Callable[[World, Subscription, int], None] = _unheard
    most: int | None = None


@final
class Webhooks:
    """Webhooks out of one world. Nothing is watched before somebody subscribes.

    `flush` turns the changes that were committed into messages and sends those that are due; a
    server does so from a thread of its own. Attempts are entered in the journal as `sent` or
    `unsent`, under the event's name.

    Args:
        world: The world.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._subscriptions: dict[str, Subscription] = {}
        self._deliveries: deque[Delivery] = deque(maxlen=_KEPT)
        self._sources: dict[str, list[EventSource]] = {}
        self._sending = threading.Lock()
        self._number = 0
        self._messages = 0
        self._subscribed = 0
        self.schemes: dict[str, Sign | Addressed] = dict(SCHEMES)
        self.payload: Callable[[Event], bytes] = in_standard_form
        self.payloads: dict[str, Callable[[Event], bytes]] = {}
        """Forms of a message that belong to a scheme; `payload` is that of the others."""
        self.post: Post = post
        self.posts: dict[str, Post] = {}
        """How messages are sent by their scheme, where a status alone does not say that they
        were taken; what is not here goes by `post`."""
        self.ask: Ask = ask
        """Asks a subscriber whether it is one, where a system does so first (a handshake)."""
        self.gathering: Gathering | None = None
        """Where set, messages of one subscriber are sent together."""

    def __bool__(self) -> bool:
        return bool(self._subscriptions)

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """Who wants to hear of what."""
        return tuple(self._subscriptions.values())

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """The last thousand messages, oldest first."""
        with self._world.lock:
            return tuple(self._deliveries)

    def sources(self, given: Iterable[EventSource]) -> None:
        """Say where events come from; without it each table tells of its own changes."""
        self._sources = {}
        for each in given:
            self._sources.setdefault(each.table, []).append(each)

    def subscribe(
        self,
        url: str,
        events: Iterable[str] = ("*",),
        secret: str | None = None,
        scheme: str = "standard",
    ) -> Subscription:
        """Subscribe to what happens from now on.

        Args:
            url: Where messages are sent.
            events: Names of events, with `*` and `?` as in file names.
            secret: What they are signed with; one is made unless given.
            scheme: How they are signed.

        Raises:
            ValueError: URL, scheme or secret cannot be used.
        """
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(f"a webhook goes to an http or https URL, not to {url!r}")
        if scheme not in self.schemes:
            raise ValueError(f"no scheme {scheme!r}; there are {', '.join(self.schemes)}")
        if secret is not None:
            check_secret(scheme, secret)
        with self._world.lock:
            self.collect()  # what has happened already is not for this one
            self._subscribed += 1
            name = f"WS-{self._subscribed}"
            secret = secret or new_secret(f"{self._world.name}/{name}")
            made = Subscription(name, url, tuple(events), secret, scheme)
            if not self._subscriptions:
                self._watch()
            self._subscriptions[name] = made
        self._world.worlds.wake()
        return made

    def unsubscribe(self, name: str) -> None:
        """End a subscription; what waits for it is given up.

        Raises:
            KeyError: There is none of this id.
        """
        with self._world.lock:
            gone = self._subscriptions.pop(name)
            for each in self._deliveries:
                if each.subscription is gone and each.state in ("waiting", "held"):
                    each.state = "given_up"
            if not self._subscriptions:
                self._unwatch()

    def clear(self) -> None:
        """Forget subscriptions and messages."""
        for name in list(self._subscriptions):
            self.unsubscribe(name)
        self._deliveries.clear()

    def replay(self, number: int) -> Delivery:
        """Send a message again with the next flush, whatever became of it; its id stays.

        Raises:
            KeyError: There is no message of this number.
        """
        for each in self.deliveries:
            if each.number == number:
                each.state, each.due = "waiting", self._world.now
                self._world.worlds.wake()
                return each
        raise KeyError(number)

    def flush(self) -> int:
        """Make messages of what was committed, and send those that are due; tells how many."""
        with self._sending:
            self.collect()
            sent = 0
            for each in sorted(self.deliveries, key=lambda d: (d.due, d.number)):
                if each.state == "waiting" and each.due <= self._world.now:
                    if self.gathering is not None:
                        self._send_gathered(each.subscription, self.gathering)
                    else:
                        self._send(each)
                    sent += 1
                    sent += self._release(each)
            return sent

    def collect(self) -> None:
        """Make messages of what was committed since the last time."""
        world = self._world
        with world.lock:
            if not self._subscriptions or world.in_transaction:
                return
            if not self._watching():
                # What began to watch within an exchange was undone with it.
                self._watch()
            changes = world.connection.execute(
                "SELECT tbl, action, body FROM temp.crossdock_outbox ORDER BY n"
            ).fetchall()
            if not changes:
                return
            world.connection.execute("DELETE FROM temp.crossdock_outbox")
            for table, action, body in changes:
                self._tell(table, action, json.loads(body))

    # Changes become messages

    def _tell(self, table: str, action: Action, row: dict[str, Any]) -> None:
        sources = self._sources.get(table, ()) if self._sources else (EventSource(table),)
        for source in sources:
            name = source.name(action, row)
            if name is None:
                continue
            self._messages += 1
            event = Event(
                name, f"msg_{self._world.name}_{self._messages}", self._world.now,
                source.data(action, row),
            )  # fmt: skip
            for each in self._subscriptions.values():
                if each.wants(name):
                    self._queue(each, event)

    def _queue(self, subscription: Subscription, event: Event) -> None:
        world = self._world
        fault = world.faults.draw_webhook(event.name) if world.faults else None
        made = self._add(subscription, event)
        if fault is None:
            return
        if fault.kind == "webhook_duplicate":
            self._add(subscription, event)
        elif fault.kind == "webhook_late":
            made.due += timedelta(seconds=fault.seconds)
        else:
            made.state = "held"
        world.faults.tell(
            Strike(world.now, world.name, fault, made.number, "POST", subscription.url,
                   event.name, committed=False)
        )  # fmt: skip

    def _add(self, subscription: Subscription, event: Event) -> Delivery:
        self._number += 1
        due = self._world.now
        if self.gathering is not None:
            due += self.gathering.delay
        made = Delivery(self._number, subscription, event, due)
        self._deliveries.append(made)
        return made

    def _watch(self) -> None:
        """Let the database itself note each change, in the transaction that makes it."""
        world = self._world
        with world.lock:
            execute = world.connection.execute
            execute(
                "CREATE TEMP TABLE IF NOT EXISTS crossdock_outbox "
                "(n INTEGER PRIMARY KEY, tbl TEXT, action TEXT, body TEXT)"
            )
            execute("DELETE FROM temp.crossdock_outbox")
            for table in self._sources or world.tables:
                for statement, action, row in _ACTIONS:
                    # The names are those of declared tables, which were checked.
                    note = (
                        "INSERT INTO crossdock_outbox (tbl, action, body) "  # noqa: S608
                        f"VALUES ('{table}', '{action}', {row}._body)"
                    )
                    execute(
                        f'CREATE TEMP TRIGGER IF NOT EXISTS "crossdock_{table}_{action}" '
                        f'AFTER {statement} ON main."{table}" BEGIN {note}; END'
                    )

    def _watching(self) -> bool:
        """Whether the database notes changes."""
        found = self._world.connection.execute(
            "SELECT count(*) FROM sqlite_temp_master WHERE name GLOB 'crossdock_*'"
        ).fetchone()
        tables = self._sources or self._world.tables
        return int(found[0]) == len(tables) * len(_ACTIONS) + 1

    def _unwatch(self) -> None:
        with self._world.lock:
            execute = self._world.connection.execute
            for table in self._sources or self._world.tables:
                for _, action, _ in _ACTIONS:
                    execute(f'DROP TRIGGER IF EXISTS temp."crossdock_{table}_{action}"')
            execute("DELETE FROM temp.crossdock_outbox")

    # Messages are sent

    def _send(self, delivery: Delivery) -> None:
        world, to = self._world, delivery.subscription
        body = self.payloads.get(to.scheme, self.payload)(delivery.event)
        headers = {
            "content-type": "application/json",
            "user-agent": "crossdock-mock",
            **self._signed(to, delivery.event.id, body),
        }
        delivery.attempts += 1
        reason = f"attempt {delivery.attempts}"
        try:
            delivery.status = self.posts.get(to.scheme, self.post)(to.url, headers, body)
        except OSError as error:
            delivery.status = 0
            reason += f": {error}"
        taken = 200 <= delivery.status <= 299
        if taken:
            delivery.state = "taken"
        elif delivery.attempts > len(BACK_OFF):
            delivery.state = "given_up"
        else:
            delivery.due = world.now + BACK_OFF[delivery.attempts - 1]
        with world.lock:
            world.journal.add(
                world.now, world.name, Request("POST", to.url, "", headers, body),
                delivery.event.name, Response(delivery.status), "sent" if taken else "unsent",
                reason, committed=False, fault=None,
            )  # fmt: skip

    def _signed(self, to: Subscription, message_id: str, body: bytes) -> dict[str, str]:
        sign = signing_to(self.schemes[to.scheme], to.url)
        return sign(to.secret, message_id, self._world.now, body)

    def _send_gathered(self, to: Subscription, gathering: Gathering) -> None:
        """Send all that waits for one subscriber as one message."""
        world = self._world
        waiting = [
            each for each in self.deliveries if each.subscription is to and each.state == "waiting"
        ]
        if gathering.most is not None:
            waiting = [each for each in waiting if each.due <= world.now][: gathering.most]
        body = gathering.write(world, to, [each.event for each in waiting])
        if body is None:
            for each in waiting:
                each.state = "given_up"
            return
        first = waiting[0]
        headers = {
            "content-type": "application/json",
            "user-agent": "crossdock-mock",
            **self._signed(to, first.event.id, body),
        }
        status, reason = 0, f"attempt {first.attempts + 1}, {len(waiting)} gathered"
        try:
            status = self.posts.get(to.scheme, self.post)(to.url, headers, body)
        except OSError as error:
            reason += f": {error}"
        taken = 200 <= status <= 299
        for each in waiting:
            each.attempts += 1
            each.status = status
            if taken:
                each.state = "taken"
            elif each.attempts > len(gathering.back_off):
                each.state = "given_up"
            else:
                each.due = world.now + gathering.back_off[each.attempts - 1]
        with world.lock:
            world.journal.add(
                world.now, world.name, Request("POST", to.url, "", headers, body),
                first.event.name, Response(status), "sent" if taken else "unsent", reason,
                committed=False, fault=None,
            )  # fmt: skip
        gathering.answered(world, to, status)

    def _release(self, after: Delivery) -> int:
        """Send what was held until something that happened later had been sent."""
        held = [
            each
            for each in self.deliveries
            if each.state == "held"
            and each.number < after.number
            and each.subscription is after.subscription
        ]
        for each in held:
            each.state = "waiting"
            self._send(each)
        return len(held)


def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """Send a message over HTTP; redirects are not followed, as Standard Webhooks asks.

    Raises:
        OSError: Nobody answered.
    """
    import httpx

    try:
        return httpx.post(url, headers=dict(headers), content=body, timeout=15).status_code
    except httpx.HTTPError as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


def ask(url: str) -> tuple[int, str]:
    """Post nothing to a URL, for its answer.

    Raises:
        OSError: Nobody answered.
    """
    import httpx

    try:
        answer = httpx.post(url, timeout=5)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OSError(f"{type(error).__name__}: {error}") from error
    return answer.status_code, answer.text
