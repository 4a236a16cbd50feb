"""Records a second of an initial load, against a plain loop of the very same calls.

Both mocks are in this process and answer in microseconds, so what is measured is what the load does
besides its calls: rows of the store, matching, merging by the policy, audit, checksums. Where calls
cross a network, it is they that count. The calls that the load made are noted with their arguments
and made again, one after the other, on worlds that are as they were before. Seconds are the
processor's, of both, as nobody waits for anything here and other programs may be running.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any, Final

from tests.bench.measure import ROOT, Row

from crossdock.connectors import crm, erp
from crossdock.host.gateway import Refusals, RightsByRole
from crossdock.host.initial_load.load import InitialLoad
from crossdock.host.linking.linking import Linking
from crossdock.host.store import Store
from crossdock.host.synchronising.creations import Creations
from crossdock.host.synchronising.policy_file import read_policy
from crossdock.host.synchronising.synchronising import Synchronising
from crossdock.host.systems import Router
from crossdock.rules.matching import Party, Pool, match
from crossdock_mocks.datasets.duplicates import as_data_set, plant
from crossdock_mocks.dialects.crm import dialect as crm_dialect
from crossdock_mocks.dialects.erp import dialect as erp_dialect
from crossdock_mocks.engine import App, MockTransport

_SIZE: Final = 500
_POLICY: Final = ROOT / "plugins" / "crossdock_plugins" / "account_sync" / "ownership.toml"


class _Noted:
    """A port that notes what is called."""

    def __init__(self, port: Any, calls: list[tuple[str, str, Any, Any]]) -> None:
        self._port = port
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._port, name)
        if not callable(member):
            return member

        def call(*args: Any, **kwargs: Any) -> Any:
            self._calls.append((self._port.system, name, args, kwargs))
            return member(*args, **kwargs)

        return call


def measure() -> list[Row]:
    """Measure a load, a load that has nothing to do, and matching alone."""
    planted = plant(seed=4, size=_SIZE)
    data = as_data_set(planted, seed=4)
    now = datetime.combine(data.as_of, time_of_day(9), UTC)
    apps = App(crm_dialect()), App(erp_dialect())
    worlds = [each.open_world(data, now=now) for each in apps]
    beginnings = [each.snapshot() for each in worlds]

    def ports() -> tuple[Any, Any]:
        for world, beginning in zip(worlds, beginnings, strict=True):
            world.restore(beginning)
        doors = [MockTransport(a, w) for a, w in zip(apps, worlds, strict=True)]
        secrets = {"client_id": "crossdock", "client_secret": "crossdock-secret"}
        return (
            crm.connect("crm", {"url": "http://crm.test", **secrets}, transport=doors[0]),
            erp.connect("main", {"url": "http://erp.test", "api_key": "erp-demo-key"},
                        transport=doors[1]),
        )  # fmt: skip

    calls: list[tuple[str, str, Any, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        crm_port, erp_port = ports()
        with Store.open(f"sqlite:///{Path(folder)}/host.db") as store:
            load = _load(store, _Noted(crm_port, calls), _Noted(erp_port, calls))
            seconds, report = _timed(load.run)
            idle, again = _timed(load.run)
    first = calls[: len(calls)]
    crm_port, erp_port = ports()
    by_name = {"crm": crm_port, "main": erp_port}
    plain, _ = _timed(lambda: [getattr(by_name[s], n)(*a, **k) for s, n, a, k in first])
    both = seconds + idle
    return [
        Row(
            what="initial load against a plain loop of its calls",
            goal="",
            measured=f"{both / plain:.2f} x",
            met=None,
            detail=f"{report.read / seconds:,.0f} records/s of {report.read:,}, "
            f"{again.read / idle:,.0f}/s where nothing is to be done, "
            f"{len(first):,} calls, {len(first) / plain:,.0f} calls/s in the loop",
        ),
        _matching(planted),
    ]


def _matching(planted: Any) -> Row:
    from crossdock.records import Address

    def party(ref: str, each: Any) -> Party:
        where = Address(street=each.street, city=each.city, postcode=each.postcode,
                        country=each.country)  # fmt: skip
        return Party(ref=ref, name=each.name, tax_number=each.tax_number, email=each.email,
                     phone=each.phone, website=each.website, address=where)  # fmt: skip

    pool = Pool(party(f"crm:{at}", each) for at, each in enumerate(planted.accounts))
    sought = [party(f"erp:{at}", each) for at, each in enumerate(planted.customers)]
    seconds, _ = _timed(lambda: [match(pool, each) for each in sought])
    return Row(
        what="a company looked for among others",
        goal="",
        measured=f"{seconds / len(sought) * 1e6:,.0f} µs",
        met=None,
        detail=f"among {len(pool):,}; {len(sought) / seconds:,.0f} a second",
    )


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def _load(store: Store, crm_port: Any, erp_port: Any) -> InitialLoad:
    router = Router({"main": erp_port})
    common: dict[str, Any] = {
        "rights": RightsByRole({}),
        "refusals": Refusals(lambda: store.audit, lambda: store.clock()),
    }
    linking = Linking(lambda: store, crm_port, router, **common)
    synchronising = Synchronising(
        lambda: store,
        crm_port,
        router,
        before_creating=linking.before_creating,
        creations=Creations(lambda: store, settle=timedelta(0)),
        policy_file=lambda: _POLICY,
        **common,
    )
    policy = read_policy(_POLICY)
    return InitialLoad(store, crm_port, router, synchronising.port, lambda: policy, limits={})
