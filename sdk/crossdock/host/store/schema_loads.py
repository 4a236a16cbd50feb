"""The tables of initial loads."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from crossdock.host.store.schema import Counter, Instant, metadata

loads: Final = sa.Table(
    "crossdock_loads",
    metadata,
    sa.Column("id", Counter, primary_key=True, autoincrement=True),
    sa.Column("crm_system", sa.Text, nullable=False),
    sa.Column("erp_system", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("phase", sa.Text, nullable=False),
    # Where reading goes on, by side: {"cursor": ..., "done": ..., "total": ...}.
    sa.Column("reading", sa.Text, nullable=False),
    # What the end found, as JSON.
    sa.Column("findings", sa.Text, nullable=False, default="{}"),
    sa.Column("sentence", sa.Text, nullable=False, default=""),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("runs", sa.Integer, nullable=False, default=0),
    sqlite_autoincrement=True,
)

load_records: Final = sa.Table(
    "crossdock_load_records",
    metadata,
    sa.Column("load_id", Counter, primary_key=True, autoincrement=False),
    sa.Column("side", sa.Text, primary_key=True),
    sa.Column("record_id", sa.Text, primary_key=True),
    sa.Column("place", Counter, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    # How it met its counterpart: linked, automatic, review, new; empty until it was looked for.
    sa.Column("decision", sa.Text, nullable=False, default=""),
    sa.Column("counterpart", sa.Text, nullable=False, default=""),
    sa.Column("why", sa.Text, nullable=False, default=""),
    sa.Column("begun", sa.Boolean, nullable=False, default=False),
    sa.Column("outcome", sa.Text, nullable=False, default=""),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("checksum", sa.Text, nullable=False, default=""),
    sa.Index("crossdock_load_records_place", "load_id", "side", "place"),
    sa.Index("crossdock_load_records_outcome", "load_id", "side", "outcome"),
    sa.Index("crossdock_load_records_counterpart", "load_id", "side", "counterpart"),
)
