"""A plugin that was written for v1 works as on the day when v1 was frozen."""

import hashlib
import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve

from crossdock.host.deliveries.events import event_id_of
from crossdock.points import POINTS
from crossdock.records import (
    Account,
    Change,
    DocumentChanged,
    JobDue,
    Money,
    Order,
    OrderChange,
    OrderChangeRequested,
    OrderLine,
    OrderPromoted,
    QuoteSaved,
    RecordChanged,
)
from crossdock.views import Action, Badge

FOLDER = Path(__file__).parent / "plugin"
PLUGIN = "frozen-v1"
AS_FROZEN = {
    "plugin.py": "e9fa2535ac3a5302895be14e0ce116164387dc1ddf8f1c014fa13155519a76fb",
    "plugin.toml": "e0c68669e0462cfb6f528c1c6a90dcded260e9968f7b15e6bcae660c2cd8a04a",
}
"""The SHA-256 of its files; they are never changed, so these are not either."""
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def deliver(host):
    """Deliver an event to the plugin, and give the names of the steps that it did."""

    def deliver_(event, key="key-1"):
        assert host.subscribers(event) == (PLUGIN,)
        done = []

        def step(name, fn, *args):
            done.append(name)
            return fn(*args)

        host.deliver(PLUGIN, event, step=step, idempotency_key=key)
        return done

    return deliver_


@pytest.fixture
def quote(host, story):
    return host.crm.quote(story["quote"])


def change(entity, record_id, system="crm"):
    return Change(
        cursor="7",
        system=system,
        entity=entity,
        id=record_id,
        action="updated",
        at=NOW,
        version="3",
    )


def notes(host, account_id):
    return [each.subject for each in host.crm.activities(account_id) if each.kind == "note"]


def titles(host, order_id):
    return [each.title for each in host.crm.order_events(order_id)]


@pytest.mark.parametrize("name", AS_FROZEN)
def test_it_is_as_it_was_frozen(name):
    assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == AS_FROZEN[name]


def test_it_implements_every_point_that_is_frozen():
    manifest = tomllib.loads((FOLDER / "plugin.toml").read_text())
    frozen = [point.name for point in POINTS.values() if point.status == "v1"]
    assert manifest["points"] == frozen


def test_account_tabs(host, story):
    account = host.crm.account(story["account"])
    (handle,) = host.account_tabs(account.id, user="kim")
    assert (handle.address, handle.tab.title, handle.tab.order) == (
        "frozen-v1/credit", account.name, 5,
    )  # fmt: skip
    shown = host.render_tab(handle.address, account.id, user="kim", params={"since": "2026-03-01"})
    assert shown.fault is None
    metrics, fields = shown.view.components
    erp = host.erp.using("main")
    limit = erp.credit(erp.customer("C-10001")).limit
    assert (metrics.title, metrics.metrics[0].value) == ("main:C-10001", limit)
    assert (metrics.provenance.source, metrics.provenance.as_of) == ("main", NOW)
    assert dict(fields.items) == {
        "Greeting": "hello",
        "For": host.user("kim").name,
        "Since": date(2026, 3, 1),
        "In time": True,
        "Standing": Badge("free", "good"),
    }


def test_contact_tabs(host, story):
    contact = host.crm.contacts(story["account"])[0]
    (handle,) = host.contact_tabs(contact.id, user="kim")
    assert handle.tab.title == contact.name
    shown = host.render_contact_tab(handle.address, contact.id, user="kim")
    assert dict(shown.view.components[0].items) == {
        "Works at": host.crm.account(contact.account_id).name,
        "E-mail": contact.email,
    }


def test_dashboard_cards(host):
    (handle,) = host.dashboard_cards(user="kim")
    assert handle.address == "frozen-v1/hello"
    notice, link = host.render_card(handle.address, user="kim").view.components
    assert (notice.text, notice.title) == ("hello", "Hello")
    assert link == Action(label="There", target="segment/frozen-v1/all", params={"a": "b"})


def test_account_segments(host):
    (handle,) = host.segments(user="kim").segments
    assert (handle.segment.title, handle.segment.description) == ("All", "Everybody")
    opened = host.segment_accounts("frozen-v1/all", user="kim")
    assert opened.account_ids == tuple(each.id for each in host.crm.accounts(limit=3).items)


def test_before_account_save(host):
    saved = host.save_account(Account(id="", name="Kraft"), user="kim")
    assert saved.account.industry == "Judged"
    (amendment,) = saved.verdict.amendments
    assert (amendment.plugin_id, amendment.reason) == (PLUGIN, "Every account is judged.")
    refused = host.save_account(Account(id="", name="forbidden"), user="kim")
    (veto,) = refused.verdict.vetoes
    assert (refused.account, veto.code, veto.field) == (None, "name.forbidden", "name")


def test_before_contact_save(host, story):
    contact = host.crm.contacts(story["account"])[0]
    saved = host.save_contact(evolve(contact, last_name="Wolf"), user="kim")
    assert [each.message for each in saved.verdict.warnings] == [f"It was {contact.last_name}."]
    made = host.save_contact(evolve(contact, id="", version=None), user="kim")
    assert [each.message for each in made.verdict.warnings] == ["It was nobody."]


def test_before_opportunity_save(host, story):
    deal = host.crm.opportunities(story["account"])[0]
    assert host.save_opportunity(deal, user="kim").opportunity is not None
    deal = host.crm.opportunity(deal.id)
    huge = evolve(deal, amount=Money("2000000.00", deal.amount.currency))
    saved = host.save_opportunity(huge, user="kim")
    assert saved.opportunity.amount == huge.amount  # open where a plugin fails
    assert "too large to judge" in saved.verdict.faults[0].message


def test_a_quote_is_saved_and_promoted(host, quote):
    unseen = host.promote_quote(quote.id, user="kim")
    assert [each.code for each in unseen.verdict.objections] == ["unseen"]
    saved = host.save_quote(quote, user="kim")
    assert [each.message for each in saved.verdict.warnings] == [f"was {quote.status}"]
    assert saved.quote.price_source == "v1"
    promoted = host.promote_quote(quote.id, user="kim")
    assert promoted.order is not None
    (delivery,) = host.deliveries.list(event_id=promoted.event_id)
    assert delivery.plugin_id == PLUGIN


def test_before_order_save(host, story):
    line = OrderLine(number=1, item_id="BRG-1001", quantity=Decimal(1))
    order = Order(
        id="",
        system="crm",
        currency="EUR",
        account_id=story["account"],
        reference="v1",
        lines=(line, evolve(line, number=2)),
    )
    refused = host.save_order(order, user="kim")
    (approval,) = refused.verdict.approvals
    assert (refused.order, approval.role, approval.field) == (None, "manager", "lines")
    saved = host.save_order(evolve(order, lines=(line,)), user="kim")
    assert (saved.order.reference, saved.order.status) == ("v1", "submitted")


def test_record_changed(host, deliver, story):
    event = RecordChanged(change=change("account", story["account"]))
    assert deliver(event) == ["note"]
    deliver(event)
    assert notes(host, story["account"]).count("crm account updated 3") == 1


def test_quote_saved(host, deliver, quote):
    assert deliver(QuoteSaved(quote=quote), key="a") == ["note"]
    deliver(QuoteSaved(quote=quote, before=evolve(quote, status="sent")), key="b")
    told = notes(host, quote.account_id)
    assert {f"quote {quote.id} was new", f"quote {quote.id} was sent"} <= set(told)


def test_order_promoted_and_document_changed(host, deliver, quote):
    host.save_quote(quote, user="kim")
    order = host.promote_quote(quote.id, user="kim").order
    assert deliver(OrderPromoted(order=order)) == ["count", "tell"]
    document = evolve(order, id="SO-1", system="main", reference=order.id)
    for before in (None, document):
        event = DocumentChanged(
            change=change("order", "SO-1", "main"), document=document, before=before
        )
        assert deliver(event) == ["tell"]
    assert titles(host, order.id)[-3:] == [
        f"promoted with {len(order.lines)} lines", "SO-1 is new", "SO-1 is known",
    ]  # fmt: skip


def test_order_change_requested(host, deliver, quote):
    host.save_quote(quote, user="kim")
    order = host.promote_quote(quote.id, user="kim").order
    wanted = OrderChange(id="CO-1", order_id=order.id, kind="cancel", reason="bought elsewhere")
    assert deliver(OrderChangeRequested(change=wanted, order=order)) == ["tell"]
    assert titles(host, order.id)[-1] == "CO-1: cancel, bought elsewhere"


def test_scheduled_jobs(host, deliver):
    (handle,) = host.jobs().jobs
    assert (handle.address, handle.plugin_version) == ("frozen-v1/nightly", "1.0.0")
    event = JobDue(plugin_id=PLUGIN, job_id="nightly", due_at=NOW)
    assert deliver(event, key=event_id_of(event)) == ["first", "note"]
    assert "nightly at 09:00" in notes(host, host.crm.accounts(limit=1).items[0].id)


def test_score_opportunity(host, story):
    deal = host.crm.opportunities(story["account"])[0]
    found = host.score_opportunity(deal, user="kim")
    assert (found.plugin_id, found.score.probability) == (PLUGIN, Decimal("0.25"))
    assert found.score.evidence == (f"It is {deal.name}.",)
    assert host.score_opportunity(evolve(deal, name="unknown"), user="kim").score is None
