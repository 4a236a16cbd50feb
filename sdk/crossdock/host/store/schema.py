"""The tables of the store, and the version of their form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

SCHEMA_VERSION: Final = 11


def instant_text(instant: datetime) -> str:
    """Write an instant as the store keeps it.

    Raises:
        ValueError: it is naive; nobody knows what that means.
    """
    if instant.tzinfo is None:
        raise ValueError(f"an instant must be aware, {instant!r} is not")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware UTC instant, kept as text of fixed width so that it sorts on every database."""

    impl = sa.String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Write an aware instant; a naive one is refused, as nobody knows what it means."""
        return None if value is None else instant_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Read an instant back as aware UTC."""
        return None if value is None else datetime.fromisoformat(value)


metadata: Final = sa.MetaData()

# SQLite counts up only an INTEGER PRIMARY KEY; PostgreSQL should not run out after two billion.
Counter: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

meta: Final = sa.Table(
    "crossdock_meta",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

links: Final = sa.Table(
    "crossdock_links",
    metadata,
    sa.Column("id", Counter, primary_key=True, autoincrement=True),
    sa.Column("crm_system", sa.Text, nullable=False),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("erp_system", sa.Text, nullable=False),
    sa.Column("customer_id", sa.Text, nullable=False),
    sa.Column("is_default", sa.Boolean, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("modified_at", Instant, nullable=False),
    # The customer as it was last read: to name it without asking, and to know it again by.
    sa.Column("customer_name", sa.Text, nullable=False, server_default=""),
    sa.Column("currency", sa.Text, nullable=False, server_default=""),
    sa.Column("facts", sa.Text, nullable=False, server_default=""),
    # Which side is not there any more: "", customer, account.
    sa.Column("lost", sa.Text, nullable=False, server_default=""),
    # A customer belongs to one account; an account has one default.
    sa.UniqueConstraint("erp_system", "customer_id", "crm_system", name="crossdock_links_customer"),
    sa.Index("crossdock_links_account", "crm_system", "account_id"),
    sa.Index(
        "crossdock_links_default",
        "crm_system",
        "account_id",
        unique=True,
        sqlite_where=sa.text("is_default = 1"),
        postgresql_where=sa.text("is_default"),
    ),
)

# Which account may be which customer: asked of a person, and what he said.
link_proposals: Final = sa.Table(
    "crossdock_link_proposals",
    metadata,
    sa.Column("id", Counter, primary_key=True, autoincrement=True),
    sa.Column("crm_system", sa.Text, nullable=False),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("account_name", sa.Text, nullable=False),
    sa.Column("erp_system", sa.Text, nullable=False),
    sa.Column("customer_id", sa.Text, nullable=False),
    sa.Column("customer_name", sa.Text, nullable=False),
    # Whose place it would take: an account, or a customer of the same ERP; empty for nobody's.
    sa.Column("instead_of_account", sa.Text, nullable=False),
    sa.Column("instead_of_customer", sa.Text, nullable=False),
    sa.Column("score", sa.Integer, nullable=False),
    sa.Column("reasons", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("decided_at", Instant),
    sa.Column("comment", sa.Text, nullable=False),
    sa.UniqueConstraint(
        "crm_system", "account_id", "erp_system", "customer_id", name="crossdock_proposals_once"
    ),
    sa.Index("crossdock_proposals_state", "crm_system", "state", "score"),
    sqlite_autoincrement=True,
)

events: Final = sa.Table(
    "crossdock_events",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("published_at", Instant, nullable=False),
    # The span that it was published in (W3C traceparent); empty where nobody traced.
    sa.Column("trace", sa.Text, nullable=False, server_default=""),
)

deliveries: Final = sa.Table(
    "crossdock_deliveries",
    metadata,
    sa.Column("id", Counter, primary_key=True, autoincrement=True),
    sa.Column("event_id", sa.Text, sa.ForeignKey("crossdock_events.id"), nullable=False),
    sa.Column("plugin_id", sa.Text, nullable=False),
    sa.Column("plugin_version", sa.Text, nullable=False, default=""),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    # How often it was enqueued; with the id it names the durable workflow.
    sa.Column("run", sa.Integer, nullable=False),
    # How often the handler was tried to an end since a person last retried it.
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    # How often this run was begun: above one, the worker died with it.
    sa.Column("starts", sa.Integer, nullable=False, default=0),
    sa.Column("worker", sa.Text, nullable=False, default=""),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("due_at", Instant),
    sa.Column("started_at", Instant),
    sa.Column("finished_at", Instant),
    sa.Column("failure", sa.Text),
    sa.Column("cause", sa.Text, nullable=False, default=""),
    sa.Column("traceback", sa.Text, nullable=False, default=""),
    # When the run that is under way was begun, or the last one.
    sa.Column("began_at", Instant),
    # The remote system that it failed at, and, while it waits for that system, the same again.
    sa.Column("system", sa.Text, nullable=False, default="", server_default=""),
    sa.Column("held_by", sa.Text, nullable=False, default="", server_default=""),
    sa.Column("assignee", sa.Text, nullable=False, default="", server_default=""),
    # The limited systems that it uses, between spaces (" crm main "), and when its turn comes.
    sa.Column("uses", sa.Text, nullable=False, default="", server_default=""),
    sa.Column("slot_at", Instant),
    # Which revision of the record is delivered (0 is as published), and whose key it has.
    sa.Column("revision", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("key_revision", sa.Integer, nullable=False, default=0, server_default="0"),
    # What is known of that key: "", refused, maybe, created.
    sa.Column("key_fate", sa.Text, nullable=False, default="", server_default=""),
    sa.UniqueConstraint("event_id", "plugin_id", name="crossdock_deliveries_once"),
    sa.Index("crossdock_deliveries_due", "state", "due_at"),
    sa.Index("crossdock_deliveries_held", "held_by", "id"),
    sa.Index("crossdock_deliveries_lane", "lane", "state", "id"),
    sqlite_autoincrement=True,
)

steps: Final = sa.Table(
    "crossdock_steps",
    metadata,
    sa.Column("delivery_id", Counter, sa.ForeignKey("crossdock_deliveries.id"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("result", sa.Text, nullable=False),
)

# Every attempt that did not end well; the one that did is told by the delivery itself.
attempts: Final = sa.Table(
    "crossdock_attempts",
    metadata,
    sa.Column("id", Counter, primary_key=True, autoincrement=True),
    sa.Column("delivery_id", Counter, sa.ForeignKey("crossdock_deliveries.id"), nullable=False),
    sa.Column("run", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("worker", sa.Text, nullable=False),
    sa.Column("began_at", Instant),
    sa.Column("ended_at", Instant, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("failure", sa.Text),
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    # The exchange that caused it, as JSON; kept for the latest ones only.
    sa.Column("evidence", sa.Text),
    sa.Index("crossdock_attempts_delivery", "delivery_id", "id"),
    sqlite_autoincrement=True,
)

# What a person made of an event's record before it was tried again; 0, as published, is the event.
revisions: Final = sa.Table(
    "crossdock_revisions",
    metadata,
    sa.Column("delivery_id", Counter, sa.ForeignKey("crossdock_deliveries.id"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

# The remote systems that are away; a system whose circuit is closed has no row.
circuits: Final = sa.Table(
    "crossdock_circuits",
    metadata,
    sa.Column("system", sa.Text, primary_key=True),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("probe_at", Instant, nullable=False),
    sa.Column("asked_until", Instant),
    sa.Column("probes", sa.Integer, nullable=False),
    # The delivery that tries whether it answers; 0 for none.
    sa.Column("probe", Counter, nullable=False),
)

# What was used of each remote system that has a limit.
usage: Final = sa.Table(
    "crossdock_usage",
    metadata,
    sa.Column("system", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, nullable=False),
    sa.Column("used_today", sa.Integer, nullable=False),
    # From when on the next delivery may begin.
    sa.Column("free_at", Instant, nullable=False),
)

# Deliveries that were over long ago, each with its event, attempts and revisions as JSON.
archive: Final = sa.Table(
    "crossdock_archive",
    metadata,
    sa.Column("delivery_id", Counter, primary_key=True, autoincrement=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("finished_at", Instant, nullable=False),
    sa.Column("archived_at", Instant, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Index("crossdock_archive_subject", "subject", "delivery_id"),
)

audit: Final = sa.Table(
    "crossdock_audit",
    metadata,
    sa.Column("sequence", Counter, primary_key=True, autoincrement=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    # The chain over the lines; empty in lines that version 1 wrote.
    sa.Column("previous_hash", sa.Text),
    sa.Column("hash", sa.Text),
    sa.Index("crossdock_audit_subject", "subject", "sequence"),
    sqlite_autoincrement=True,
)

# One row: number and hash of the last line, so that a trail that was cut off at its end shows.
audit_head: Final = sa.Table(
    "crossdock_audit_head",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("sequence", Counter, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

watermarks: Final = sa.Table(
    "crossdock_watermarks",
    metadata,
    sa.Column("system", sa.Text, primary_key=True),
    sa.Column("feed", sa.Text, primary_key=True),
    sa.Column("cursor", sa.Text, nullable=False),
    sa.Column("moved_at", Instant, nullable=False),
)

# Whose records changed when, so that no process shows what it read before.
news: Final = sa.Table(
    "crossdock_news",
    metadata,
    sa.Column("system", sa.Text, primary_key=True),
    sa.Column("about", sa.Text, primary_key=True),
    sa.Column("told_at", Instant, nullable=False),
    sa.Index("crossdock_news_told", "told_at"),
)

documents: Final = sa.Table(
    "crossdock_documents",
    metadata,
    sa.Column("system", sa.Text, primary_key=True),
    sa.Column("entity", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
)

placements: Final = sa.Table(
    "crossdock_placements",
    metadata,
    sa.Column("crm_system", sa.Text, primary_key=True),
    sa.Column("reference", sa.Text, primary_key=True),
    sa.Column("erp_system", sa.Text, nullable=False),
    sa.Column("customer_id", sa.Text, nullable=False),
    sa.Column("idempotency_key", sa.Text, nullable=False),
    # Goes up when a person says that nothing was created: the next sending has a key of its own.
    sa.Column("revision", sa.Integer, nullable=False, default=0),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("erp_order_id", sa.Text, nullable=False, default=""),
    sa.Column("evidence", sa.Text, nullable=False, default="[]"),
    sa.Column("intended_at", Instant, nullable=False),
    sa.Column("sent_at", Instant),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Index("crossdock_placements_state", "state", "changed_at"),
)

approvals: Final = sa.Table(
    "crossdock_approvals",
    metadata,
    sa.Column("id", Counter, primary_key=True, autoincrement=True),
    sa.Column("quote_id", sa.Text, nullable=False),
    sa.Column("account_id", sa.Text, nullable=False),
    # What was judged: a quote that was changed since needs a new answer.
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("plugin_id", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("requested_at", Instant, nullable=False),
    sa.Column("escalate_at", Instant),
    sa.Column("escalated_to", sa.Text, nullable=False, default=""),
    sa.Column("expires_at", Instant),
    sa.Column("decided_by", sa.Text, nullable=False, default=""),
    sa.Column("decided_at", Instant),
    sa.Column("comment", sa.Text, nullable=False, default=""),
    # What became of the promotion that went on after the answer.
    sa.Column("outcome", sa.Text, nullable=False, default=""),
    sa.UniqueConstraint(
        "quote_id", "fingerprint", "plugin_id", "code", "role", name="crossdock_approvals_once"
    ),
    sa.Index("crossdock_approvals_state", "state", "requested_at"),
    sqlite_autoincrement=True,
)

order_changes: Final = sa.Table(
    "crossdock_order_changes",
    metadata,
    sa.Column("id", Counter, primary_key=True, autoincrement=True),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False, default=""),
    sa.Column("requested_at", Instant, nullable=False),
    sa.Column("answered_at", Instant),
    sa.Index("crossdock_order_changes_order", "order_id", "id"),
    sqlite_autoincrement=True,
)

# What the guards last said of each quote that its CRM saved without asking them.
judgements: Final = sa.Table(
    "crossdock_judgements",
    metadata,
    sa.Column("crm_system", sa.Text, primary_key=True),
    sa.Column("quote_id", sa.Text, primary_key=True),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("quote", sa.Text, nullable=False),
    sa.Column("replaced", sa.Text, nullable=False, default=""),
    sa.Column("rewrites", sa.Integer, nullable=False, default=0),
    sa.Column("judged_at", Instant, nullable=False),
)

_APPEND_ONLY: Final = {
    "sqlite": tuple(
        f"CREATE TRIGGER crossdock_audit_no_{verb} BEFORE {verb.upper()} ON crossdock_audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
        for verb in ("update", "delete")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION crossdock_audit_append_only() RETURNS trigger "
        "LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$",
        "CREATE TRIGGER crossdock_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON crossdock_audit FOR EACH STATEMENT EXECUTE FUNCTION crossdock_audit_append_only()",
    ),
}


@sa.event.listens_for(audit, "after_create")
def _make_append_only(_table: sa.Table, connection: sa.Connection, **_options: Any) -> None:
    for statement in _APPEND_ONLY[connection.dialect.name]:
        connection.exec_driver_sql(statement)
