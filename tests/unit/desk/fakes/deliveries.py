"""Deliveries in memory, that can be listed and tried again."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from tests.unit.desk.fakes.setting import NOW

from crossdock.errors import NotRetriable
from crossdock.host.deliveries import Backlog, Delivery


class NothingAway:
    def list(self) -> Sequence[object]:
        return ()


class FakeDeliveries:
    circuits = NothingAway()

    def __init__(self) -> None:
        self.all: list[Delivery] = []

    def add(self, **given: object) -> Delivery:
        defaults: dict[str, object] = {
            "number": len(self.all) + 1,
            "event_id": f"e{len(self.all) + 1}",
            "event_type": "order_promoted",
            "subject": "R-3001",
            "plugin_id": "straight-through",
            "plugin_version": "0.1.0",
            "lane": "A-1001",
            "state": "queued",
            "attempts": 0,
            "worker": "",
            "created_at": NOW,
            "due_at": None,
            "started_at": None,
            "finished_at": None,
            "failure": None,
            "cause": "",
            "traceback": "",
        }
        delivery = Delivery(**{**defaults, **given})  # type: ignore[arg-type]
        self.all.insert(0, delivery)
        return delivery

    def list(
        self,
        *,
        states: Sequence[str] = (),
        subject: str | None = None,
        limit: int = 100,
        **_filters: object,
    ) -> Sequence[Delivery]:
        return [
            d
            for d in self.all
            if (not states or d.state in states) and (subject is None or d.subject == subject)
        ][:limit]

    def backlog(self) -> Backlog:
        return Backlog(count=0, oldest=None, long=False)

    def counts(self) -> dict[str, int]:
        states = [d.state for d in self.all]
        return {state: states.count(state) for state in set(states)}

    def retry(self, delivery_id: str, *, actor: str, version: str | None = None) -> Delivery:
        for index, delivery in enumerate(self.all):
            if delivery.id == delivery_id:
                if delivery.state not in ("dead", "waiting"):
                    raise NotRetriable(f"{delivery_id} is {delivery.state}")
                self.all[index] = attrs.evolve(delivery, state="queued", cause="")
                self.retried_by = actor
                return self.all[index]
        raise AssertionError(delivery_id)
