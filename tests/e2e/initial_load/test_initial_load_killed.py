"""A load whose processes are killed at random: it goes on, makes nothing twice, loses nothing."""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, time
from random import Random

import pytest
from tests.e2e.initial_load import loader

from crossdock.connectors import crm, erp
from crossdock.host.initial_load.rows import LoadRows
from crossdock.host.store import Store
from crossdock_mocks.datasets.duplicates import as_data_set, plant
from crossdock_mocks.dialects.crm import dialect as crm_dialect
from crossdock_mocks.dialects.erp import dialect as erp_dialect
from crossdock_mocks.engine import App, serve_in_thread

pytestmark = pytest.mark.kill

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([loader.__name__])


def _loaded(folder, *, seed, size, longest, kills):
    """Load, killed so many times; gives how often it really was, and what is there at the end."""
    planted = plant(seed=seed, size=size, share=0.2, twice=0.25)
    data = as_data_set(planted, seed=seed)
    now = datetime.combine(data.as_of, time(9), UTC)
    apps = App(crm_dialect()), App(erp_dialect())
    pairs = [(each, each.open_world(data, now=now)) for each in apps]
    url = f"sqlite:///{folder}/host.db"
    rng = Random(seed)
    killed = 0
    with serve_in_thread(*pairs) as (crm_at, erp_at):
        while True:
            lives = rng.randint(2, longest) if killed < kills else 0
            after = rng.random() < 0.5
            process = _PROCESSES.Process(
                target=loader.run,
                args=(
                    url,
                    crm_at.base_url,
                    erp_at.base_url,
                    lives,
                    after,
                ),
            )
            process.start()
            process.join(100)
            assert process.exitcode is not None, "it neither ended nor died"
            if process.exitcode != -signal.SIGKILL:
                break
            killed += 1
        settings = {"client_id": "crossdock", "client_secret": "crossdock-secret"}
        with (
            closing(crm.connect("crm", {"url": crm_at.base_url, **settings})) as crm_port,
            closing(
                erp.connect("main", {"url": erp_at.base_url, "api_key": "erp-demo-key"})
            ) as main,
        ):
            accounts, customers = _all(crm_port.all_accounts), _all(main.all_customers)
    assert process.exitcode == 0
    return killed, accounts, customers, planted, url


def _all(listing):
    found, after = [], None
    while True:
        page = listing(after=after, limit=200)
        found += page.items
        after = page.next
        if after is None:
            return found


def _nothing_twice(killed, accounts, customers, planted, url):
    with Store.open(url) as store:
        rows = LoadRows(store)
        load = rows.latest()
        counts = {side: rows.count(load.id, side) for side in ("erp", "crm")}
        links = store.links.of_crm("crm")
        asked = {each.customer_id for each in store.proposals.list("crm", limit=10_000)}
        doubtful = {
            row.record_id
            for side in ("erp", "crm")
            for row in rows.rows(load.id, side)
            if row.reason.startswith("it may have been created")
        }
    assert (load.state, load.runs) == ("done", killed + 1)
    for side, entries in (("erp", planted.customers), ("crm", planted.accounts)):
        assert sum(counts[side].values()) == len(entries)  # what was read, each once
        assert counts[side][""] == 0  # and each with an outcome
    # What was made, as the systems have it and as the load says that it made it.
    assert len(accounts) == len(planted.accounts) + counts["erp"]["created"]
    assert len(customers) == len(planted.customers) + counts["crm"]["created"]
    named = Counter(each.external_ids["main"] for each in accounts if "main" in each.external_ids)
    assert set(named.values()) == {1}
    references = Counter(each.reference for each in customers if each.reference)
    assert set(references.values()) == {1}
    # Both sides of the cross-reference are unique, and nobody is left out.
    assert len({link.ref for link in links}) == len(links)
    assert {each.id for each in customers} <= {
        link.customer_id for link in links
    } | asked | doubtful
    # Who died between sending and hearing leaves one behind that a person has to look for.
    assert len(doubtful) <= killed


def test_a_load_that_is_killed_at_random_makes_nothing_twice_and_loses_nothing(tmp_path):
    killed, *rest = _loaded(tmp_path, seed=11, size=14, longest=18, kills=4)

    assert killed >= 3
    _nothing_twice(killed, *rest)


@pytest.mark.full
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("seed", range(4))
def test_a_longer_load_that_is_killed_all_the_time(tmp_path, seed):
    killed, *rest = _loaded(tmp_path, seed=seed, size=250, longest=160, kills=40)

    _nothing_twice(killed, *rest)
