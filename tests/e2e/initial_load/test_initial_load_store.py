"""Stores whose first load made its tables, and such that never had one, on each database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from crossdock.host.initial_load.rows import LoadRows
from crossdock.host.store import Store
from crossdock.host.store.schema_loads import load_records, loads

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
