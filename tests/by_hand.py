"""A host whose events are delivered by the test itself, one after the other, as a worker does."""

from __future__ import annotations

from crossdock.host.deliveries import Backlog
from crossdock.host.deliveries.changes import ChangePoller


class Recorded:
    """Deliveries that only remember what was published; the tests deliver by hand."""

    def __init__(self, store):
        self.events, self.store = [], store

    def publish(self, event, _subscribers):
        self.events.append(event)
        return f"event-{len(self.events)}"

    def publish_within(self, _connection, event, _subscribers):
        self.events.append(event)
        return True

    def backlog(self):
        return Backlog(count=0, oldest=None, long=False)

    def close(self):
        pass


class Following:
    """A host on `Recorded` deliveries, and the feed of its ERP."""

    def __init__(self, host, port):
        self.host, self.port = host, port
        self.poller = ChangePoller(host.deliveries, port, lambda _event: ())

    def deliver(self, event, key):
        self.host.deliver(
            "straight-through",
            event,
            step=lambda _name, fn, *args: fn(*args),
            idempotency_key=key,
        )

    def follow(self):
        """Read the feed to its end and deliver what it says, as a worker does."""
        before = len(self.host.deliveries.events)
        while self.poller.read_page():
            pass
        for number, event in enumerate(self.host.deliveries.events[before:], start=before):
            if type(event).__name__ == "DocumentChanged":
                self.deliver(event, f"event-{number}")
