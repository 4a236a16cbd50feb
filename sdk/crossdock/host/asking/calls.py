"""What every call of the host begins with: who asks, through which plan, and until when."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from crossdock.connectors.calling import acting_for, calling_as
from crossdock.host.asking.context import CallContext, Contexts
from crossdock.host.asking.guards import ask_guards
from crossdock.host.asking.services import Services
from crossdock.host.asking.verdict import Verdict
from crossdock.host.loading.plugin import Plugin
from crossdock.host.loading.registry import Registry
from crossdock.host.loading.snapshot import Snapshot
from crossdock.host.settings.config import HostConfig
from crossdock.host.watching.spans import guarding, traced, whose
from crossdock.records import User
from crossdock.tracing import tracer

_USERS_STAY_KNOWN_SECONDS: Final = 30.0


class Calls:
    """Makes the contexts in which plugins are called.

    Attributes:
        config: what the host was told.
        services: what the host lends to each call.
        lease: gives the plugins of this moment to a call, for as long as it takes:
            `with calls.lease() as snapshot`.
    """

    def __init__(self, config: HostConfig, services: Services, registry: Registry) -> None:
        self.config = config
        self.services = services
        self.lease = registry.lease
        self._registry = registry
        self._users: dict[str, tuple[float, User]] = {}

    def snapshot(self) -> Snapshot:
        """Give the plugins of this moment, to look at; who calls one of them leases them."""
        return self._registry.snapshot

    def user(self, user: str | User) -> User:
        """Give a user of the CRM; one that was read is known for half a minute.

        Raises:
            NotFound: the CRM has no such user.
        """
        if isinstance(user, User):
            return user
        known = self._users.get(user)
        if known is not None and time.monotonic() - known[0] < _USERS_STAY_KNOWN_SECONDS:
            return known[1]
        person = self.services.crm.user(user)
        self._users[user] = (time.monotonic(), person)
        return person

    @contextmanager
    def acting_for(self, user: str | User) -> Iterator[None]:
        """Let the calls to the CRM inside be made by the host, on behalf of a user."""
        with calling_as(self.services.identity), acting_for(self.user(user).id):
            yield

    def view(
        self, point: str, user: User, *, fresh: bool = False
    ) -> Callable[[Plugin], CallContext]:
        """Give what makes a plugin's context for something that is shown.

        Args:
            point: the extension point, or what is shown.
            user: on whose behalf.
            fresh: whether what was read a moment ago will not do.
        """
        ends = time.monotonic() + self.config.deadlines.view
        recent = self.services.recent
        return Contexts(self.services, point, user, ends, recent=recent, anew=fresh)

    def guard(
        self, point: str, subject: str, arguments: Mapping[str, Any], user: str | User
    ) -> Verdict:
        """Ask the guards of a point; see `ask_guards`."""
        person = user if isinstance(user, User) else self.user(user)
        services = self.services
        allowed = self.config.deadlines.guard
        began = time.monotonic()
        ends = began + allowed
        context = Contexts(services, point, person, ends)
        policy = self.config.policy
        on = tracer()
        naming = whose.set(("", point, person.id))
        try:
            with self.lease() as snapshot:
                plan = snapshot.plan
                if on is None:
                    verdict = ask_guards(plan, point, subject, arguments, context, policy, ends)
                else:
                    with guarding(on, point, person.id) as judged:
                        plan = traced(plan, point, on)
                        verdict = ask_guards(plan, point, subject, arguments, context, policy, ends)
                        judged(verdict)
        finally:
            whose.reset(naming)
        services.telemetry.guards(
            point,
            verdict.timings,
            faults=verdict.faults,
            vetoes=verdict.vetoes,
            seconds=time.monotonic() - began,
            allowed=allowed,
        )
        return verdict
