"""Stores whose first load made its tables, and such that never had one, on each database."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
import sqlalchemy as sa
from tests.e2e.initial_load import loader

from crossdock.host.initial_load.rows import LoadRows
from crossdock.host.store import Store
from crossdock.host.store.schema_loads import load_records, loads
from crossdock_mocks.datasets.duplicates import as_data_set, plant
from crossdock_mocks.dialects.crm import dialect as crm_dialect
from crossdock_mocks.dialects.erp import dialect as erp_dialect
from crossdock_mocks.engine import App, MockTransport

_INDEX = "crossdock_load_records_counterpart"


@pytest.mark.parametrize("loaded", [True, False], ids=["a load ran", "no load ran"])
def test_a_store_of_the_version_before_gets_the_tables_of_loads(store_url, loaded):
    with Store.open(store_url) as store:
        if loaded:
            rows = LoadRows(store)
            load = rows.begin("crm", "main")
            rows.stage(load.id, "erp", [("C-1", "{}"), ("C-2", "{}")], load.reading)
            rows.note(load.id, [("erp", "C-1", {"outcome": "created", "counterpart": "crm:A-1"})])
        with store.writing() as connection:
            connection.execute(sa.text(f"DROP INDEX {_INDEX}"))
            if not loaded:
                load_records.drop(connection)
                loads.drop(connection)
        store.remember("schema_version", "10")

    with Store.open(store_url) as store:
        assert store.remembered("schema_version") == "11"
        with store.reading() as connection:
            indexes = sa.inspect(connection).get_indexes(load_records.name)
        assert _INDEX in {each["name"] for each in indexes}
        rows = LoadRows(store)
        known = rows.latest() or rows.begin("crm", "main")
        assert dict(rows.count(known.id, "erp")) == ({"created": 1, "": 1} if loaded else {})
        assert known.state == "running"


def test_a_load_comes_to_the_same_on_each_database(store_url, tmp_path):
    planted = plant(seed=7, size=12, share=0.25, twice=0.34)
    data = as_data_set(planted, seed=7)
    now = datetime.combine(data.as_of, time(9), UTC)
    apps = App(crm_dialect()), App(erp_dialect())
    doors = [MockTransport(each, each.open_world(data, now=now)) for each in apps]

    reports = [
        loader.load(store_url, "http://crm.test", "http://erp.test", *doors) for _ in range(2)
    ]

    first, again = reports
    assert first.succeeded, first.sentence
    erp, crm = first.sides
    assert (erp.read, crm.read) == (12, 12)
    assert erp.balanced
    assert crm.balanced
    assert again.sentence == "Nothing had to be done: both systems agree already."
    made = sum(side.outcomes["created"] for side in first.sides)
    assert all(side.outcomes["unchanged"] >= made for side in again.sides)
    with Store.open(store_url) as store:
        links = store.links.of_crm("crm")
        assert len({link.ref for link in links}) == len(links) >= 18
        assert all(link.default for link in links)
        made_of = store.audit.entries(action="sync.joined", limit=1_000)
        assert len(made_of) == made
        assert store.audit.verify().broken is None
        creations = store.sync_creations.list(states=("intended", "sent"), limit=1_000)
        assert creations == ()
