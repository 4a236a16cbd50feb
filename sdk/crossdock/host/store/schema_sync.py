"""The tables of account synchronisation."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from crossdock.host.store.schema import Counter, Instant, metadata


def _pair() -> tuple[sa.Column[str], ...]:
    """Give the columns that name one record of a CRM and one of an ERP."""
    names = ("entity", "crm_system", "crm_id", "erp_system", "erp_id")
    return tuple(sa.Column(name, sa.Text, nullable=False) for name in names)


# What two records were when they last agreed, each as its own system had it (JSON, by field).
sync_pairs: Final = sa.Table(
    "crossdock_sync_pairs",
    metadata,
    sa.Column("id", Counter, primary_key=True, autoincrement=True),
    *_pair(),
    sa.Column("crm_values", sa.Text, nullable=False),
    sa.Column("erp_values", sa.Text, nullable=False),
    sa.Column("crm_version", sa.Text, nullable=False),
    sa.Column("erp_version", sa.Text, nullable=False),
    sa.Column("agreed_at", Instant, nullable=False),
    # A record of the ERP is one record of the CRM. The other way round an account may be several
    # customers, as crossdock_links says; nothing else may.
    sa.UniqueConstraint(
        "entity", "erp_system", "erp_id", "crm_system", name="crossdock_sync_pairs_erp"
    ),
    sa.Index(
        "crossdock_sync_pairs_crm",
        "entity", "crm_system", "crm_id", "erp_system",
        unique=True,
        sqlite_where=sa.text("entity <> 'account'"),
        postgresql_where=sa.text("entity <> 'account'"),
    ),
    sa.Index("crossdock_sync_pairs_of_crm", "entity", "crm_system", "crm_id"),
    sqlite_autoincrement=True,
)  # fmt: skip

# What a person has to decide, or decided; one that is not closed for each field of a pair.
sync_conflicts: Final = sa.Table(
    "crossdock_sync_conflicts",
    metadata,
    sa.Column("id", Counter, primary_key=True, autoincrement=True),
    *_pair(),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("crm_value", sa.Text),
    sa.Column("erp_value", sa.Text),
    sa.Column("agreed_crm", sa.Text),
    sa.Column("agreed_erp", sa.Text),
    sa.Column("crm_by", sa.Text, nullable=False),
    sa.Column("crm_at", Instant),
    sa.Column("erp_by", sa.Text, nullable=False),
    sa.Column("erp_at", Instant),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("refused", sa.Boolean, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("take", sa.Text, nullable=False, default=""),
    sa.Column("value", sa.Text, nullable=False, default=""),
    sa.Column("decided_by", sa.Text, nullable=False, default=""),
    sa.Column("decided_at", Instant),
    sa.Column("comment", sa.Text, nullable=False, default=""),
    sa.Column("closed_at", Instant),
    sa.Index(
        "crossdock_sync_conflicts_once",
        "entity", "crm_system", "crm_id", "erp_system", "erp_id", "field",
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'decided')"),
        postgresql_where=sa.text("state IN ('open', 'decided')"),
    ),
    sa.Index("crossdock_sync_conflicts_state", "state", "id"),
    sqlite_autoincrement=True,
)  # fmt: skip

# New records on their way into the other system; written before the call that creates one.
sync_creations: Final = sa.Table(
    "crossdock_sync_creations",
    metadata,
    sa.Column("entity", sa.Text, primary_key=True),
    sa.Column("from_system", sa.Text, primary_key=True),
    sa.Column("from_id", sa.Text, primary_key=True),
    sa.Column("to_system", sa.Text, primary_key=True),
    sa.Column("idempotency_key", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("made_id", sa.Text, nullable=False, default=""),
    sa.Column("evidence", sa.Text, nullable=False, default="[]"),
    sa.Column("intended_at", Instant, nullable=False),
    sa.Column("sent_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Index("crossdock_sync_creations_state", "state", "changed_at"),
)
