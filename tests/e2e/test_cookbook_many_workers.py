"""The recipe "move to PostgreSQL": its program, into a database of that kind."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests import postgres

from crossdock.host.store import Store
from crossdock.host.store.schema import metadata

_MOVE = Path(__file__).parents[2] / "cookbook" / "many-workers" / "move.py"


def _rows(store: Store):
    with store.reading() as connection:
        return {
            table.name: sorted(connection.execute(sa.select(table)).fetchall(), key=repr)
            for table in metadata.sorted_tables
        }


@pytest.mark.postgres
def test_a_store_moves_to_postgresql_and_counts_on(postgres_server, postgres_template, tmp_path):
    source = f"sqlite:///{tmp_path / 'host.db'}"
    target = postgres.new_database(postgres_server, "t_moved", template=postgres_template)
    with Store.open(source) as store:
        for number in ("1", "2"):
            store.audit.append(actor="user:U-kim", action="note.written", subject=number)
        store.watermarks.began("crm", store.clock())
        before = _rows(store)

    runpy.run_path(str(_MOVE))["move"](source, target)

    with Store.open(target) as moved:
        assert _rows(moved) == before
        moved.audit.append(actor="user:U-kim", action="note.written", subject="3")
        found = moved.audit.verify()
        assert (found.broken, found.lines) == (None, 3)
