"""A worker whose only plugin does as the event says and writes what it does to a file.

It runs in a process that `forkserver` made: a real one, which can really be killed, with everything
imported already.

Each order's `reference` is a script: words for the steps `a`, `b`, `c`, with

    hold:a      step a waits until there is a file `go` in the folder
    die:b       the process kills itself in step b, unless there is a file `spare`
    away:c      the remote system is away in step c until there is a file `back`
    gone:b      the same, with a connector that really asks, so that its circuit opens
    refuse:b    the remote system refuses step b until there is a file `agreed`
    changed     the steps come in the order b, a, c once there is a file `go`
    meet        the handler waits until one of another account is under way too

`FOLDER/ledger` gets a line for everything that is done: word, order, account, process.
"""

import os
import signal
import threading
import time
from datetime import timedelta

from crossdock.connectors import erp
from crossdock.errors import RemoteRefused, RemoteUnavailable
from crossdock.host.deliveries import CircuitPolicy, Deliveries, RetryPolicy
from crossdock.host.deliveries.worker import Worker, WorkerSettings
from crossdock.host.store import Store
from crossdock.records import Money


def run(url, folder, poll_seconds):
    """Work until told to stop."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    ledger = os.open(folder / "ledger", os.O_APPEND | os.O_CREAT | os.O_WRONLY)

    def write(*words):
        os.write(ledger, (" ".join(map(str, (*words, os.getpid()))) + "\n").encode())

    def report(kind, text, **detail):
        write("#" + kind, text.replace(" ", "_"))

    policy = RetryPolicy(
        first=timedelta(milliseconds=50), longest=timedelta(milliseconds=200), max_starts=2
    )
    probes = CircuitPolicy(first=timedelta(milliseconds=500))
    with (
        Store.open(url) as store,
        Deliveries.open(store, policy=policy, circuit_policy=probes) as deliveries,
    ):
        Worker(
            deliveries,
            _Script(folder, write).deliver,
            version_of=lambda _plugin_id: "1.0.0",
            settings=WorkerSettings(
                poll_seconds=poll_seconds, inherit_seconds=0.1, probe_seconds=0.05
            ),
            report=report,
        ).run(stop)


class _Script:
    """The plugin."""

    def __init__(self, folder, write):
        self.folder = folder
        self.write = write
        self.nobody = erp.connect("main", {"url": "http://127.0.0.1:1", "api_key": "key"})

    def deliver(self, plugin_id, event, *, step, idempotency_key):
        order = event.order
        script = set(order.reference.split())
        self.write("begin", order.id, order.account_id)
        if "meet" in script:
            _wait_for(lambda: len(self._accounts_under_way()) > 1)

        def do(name):
            self.write(name, order.id, order.account_id)
            if f"hold:{name}" in script:
                _wait_for((self.folder / "go").exists)
            if f"die:{name}" in script and not self._said("spare"):
                os.kill(os.getpid(), signal.SIGKILL)
            if f"away:{name}" in script and not self._said("back"):
                raise RemoteUnavailable("main does not answer", system="main")
            if f"gone:{name}" in script and not self._said("back"):
                self.nobody.customer("C-1")
            if f"refuse:{name}" in script and not self._said("agreed"):
                raise RemoteRefused("the customer is on hold", system="main", status=409)
            return Money("1.50", "EUR")

        for name in "bac" if "changed" in script and self._said("go") else "abc":
            assert step(name, do, name) == Money("1.50", "EUR")
        self.write("end", order.id, order.account_id, idempotency_key)

    def _said(self, word):
        return (self.folder / word).exists()

    def _accounts_under_way(self):
        lines = [line.split() for line in (self.folder / "ledger").read_text().splitlines()]
        return {line[2] for line in lines if line[0] == "begin"}


def _wait_for(there):
    while not there():
        time.sleep(0.005)
