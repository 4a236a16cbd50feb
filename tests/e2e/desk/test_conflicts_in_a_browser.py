"""Deciding what CRM and ERP say differently, in a real Chromium, with and without scripts."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

import attrs
import pytest

from crossdock.host.store import Store
from crossdock.records import SyncConflict, SyncPair

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("desk"),  # one stack for all of them
]
PAIR = SyncPair(
    entity="account", crm_system="crm", crm_id="A-1004", erp_system="main", erp_id="C-10004"
)
NAME = SyncConflict(
    entity="account", crm_system="crm", crm_id="A-1004", erp_system="main", erp_id="C-10004",
    name="A company with two names", account_id="A-1004", field="name",
    crm_value="A company with a rather long name that somebody in the CRM likes better",
    erp_value="Company & Sons", agreed_crm="Company", agreed_erp="Company", crm_by="U-kim",
    crm_at=datetime(2026, 11, 20, 8, tzinfo=UTC), erp_by="karl",
    erp_at=datetime(2026, 11, 20, 9, tzinfo=UTC), reason="both changed it, and nobody owns it",
)  # fmt: skip


@pytest.fixture
def conflict(stack):
    refused = attrs.evolve(NAME, field="phone", refused=True, reason="the ERP takes 20 characters")
    with closing(Store.open(stack.store)) as store:
        with store.writing() as connection:
            store.sync_conflicts.keep(PAIR, [NAME, refused], connection)
        yield store.sync_conflicts.list()
        with store.writing() as connection:
            store.sync_conflicts.keep(PAIR, [], connection)


def test_conflicts_are_seen_side_by_side_and_decided(visitor, visitor_of, conflict, look_at):
    visitor.sign_in("accounting")
    visitor.open("/conflicts")
    assert "2 to be decided" in visitor.see(".rooms").get_attribute("textContent")
    look_at(visitor)
    phone, name = conflict
    visitor.leave_by(visitor.see(f'a[href="/conflicts/{name.number}"]'))
    assert "Company & Sons" in visitor.text(".sides")
    look_at(visitor)

    visitor.see('input[value="erp"]').click()
    visitor.leave_by(visitor.see(".panel button.primary"))
    assert "You decided on name of A company with two names" in visitor.text(".notice")
    assert "Decided, being carried out" in visitor.text("h1")

    look_at(visitor)

    plain = visitor_of(scripts=False)
    plain.sign_in("accounting")
    plain.open(f"/conflicts/{phone.number}")
    plain.type("value", "+49 40 555")
    plain.leave_by(plain.see(".panel button.primary"))
    assert "You decided on phone" in plain.text(".notice")
