"""Conflicts at the desk: both values with their evidence, and who decides what."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import attrs
import pytest

from crossdock.records import SyncConflict, SyncPair

PAIR = SyncPair(
    entity="account", crm_system="crm", crm_id="A-1001", erp_system="main", erp_id="C-10001"
)
NAME = SyncConflict(
    entity="account", crm_system="crm", crm_id="A-1001", erp_system="main", erp_id="C-10001",
    name="Baltic Bearings", account_id="A-1001", field="name", crm_value="Baltic <Bearings>",
    erp_value="Baltic Bearings OÜ", agreed_crm="Baltic", agreed_erp="Baltic", crm_by="U-kim",
    crm_at=datetime(2026, 11, 20, 8, tzinfo=UTC), erp_by="karl",
    erp_at=datetime(2026, 11, 21, 9, tzinfo=UTC), reason="both changed it, and nobody owns it",
    roles=("manager",),
)  # fmt: skip


@pytest.fixture
def ada(browser_of, sign_in):
    """A manager."""
    return sign_in(browser_of(), "U-ada")


@pytest.fixture
def conflict(host):
    with host.store.writing() as connection:
        host.store.sync_conflicts.keep(PAIR, [NAME], connection)
    (kept,) = host.store.sync_conflicts.list()
    return kept


def seen(page):
    return re.search(r'name="seen" value="(\w+)"', page.html)[1]


def test_a_conflict_is_listed_with_both_values_and_counted_in_the_navigation(kim, conflict):
    kim.open("/accounts")
    assert "Conflicts 1 to be decided" in kim.text()
    kim.open("/conflicts")
    text = kim.text()
    assert "Baltic <Bearings> Baltic Bearings OÜ" in text
    assert "Both changed it, and nobody owns it" in text
    assert "<Bearings>" not in kim.html


def test_who_may_not_decide_sees_who_does(kim, conflict):
    kim.open(f"/conflicts/{conflict.number}")
    text = kim.text()
    assert "leaves name to the role manager" in text
    assert "Kim Aalto" in text
    assert "karl" in text
    assert "When both last agreed it was: Baltic" in text
    assert 'name="take"' not in kim.html
    kim.send(f"/conflicts/{conflict.number}", take="crm", seen="x")
    assert "Nothing was decided" in kim.text()


def test_a_manager_decides_and_the_page_follows_it(ada, host, conflict):
    ada.open(f"/conflicts/{conflict.number}")
    mark = seen(ada)
    ada.send(f"/conflicts/{conflict.number}", take="", seen=mark)
    assert "Say which value is right." in ada.text()
    ada.send(f"/conflicts/{conflict.number}", take="value", value="", seen=mark)
    assert "Enter the value that is right." in ada.text()
    ada.send(f"/conflicts/{conflict.number}", take="erp", comment="register", seen=mark)
    text = ada.text()
    assert "You decided on name of Baltic Bearings" in text
    assert "Decided, being carried out" in text
    decided = host.store.sync_conflicts.get(conflict.number)
    assert (decided.take, decided.decided_by, decided.comment) == ("erp", "user:U-ada", "register")
    ada.open("/conflicts?show=decided")
    assert "Baltic Bearings" in ada.text()


def test_another_value_that_cannot_stand_there_is_told_beside_its_field(ada, host):
    with host.store.writing() as connection:
        prices = attrs.evolve(
            NAME, field="list_price", crm_value="41.00 EUR", erp_value="44.00 EUR"
        )
        host.store.sync_conflicts.keep(PAIR, [prices], connection)
    (conflict,) = host.store.sync_conflicts.list()
    ada.open(f"/conflicts/{conflict.number}")
    ada.send(f"/conflicts/{conflict.number}", take="value", value="43.00", seen=seen(ada))
    beside = re.search(r'id="f-value".*?</form>', ada.html, re.DOTALL)[0]
    assert "List price is an amount with its currency, such as 12.50 EUR" in beside
    assert "Nothing was decided" not in ada.text()
    assert host.store.sync_conflicts.get(conflict.number).state == "open"


def test_a_word_on_values_that_changed_meanwhile_does_not_count(ada, host, conflict):
    ada.open(f"/conflicts/{conflict.number}")
    mark = seen(ada)
    with host.store.writing() as connection:
        newer = attrs.evolve(NAME, erp_value="Baltic Bearings AS")
        host.store.sync_conflicts.keep(PAIR, [newer], connection)
    ada.send(f"/conflicts/{conflict.number}", take="erp", seen=mark)
    assert "One of the values was changed since you opened this page" in ada.text()
    assert host.store.sync_conflicts.get(conflict.number).state == "open"


@pytest.mark.parametrize("number", ["0", "999", "x", "1" * 30])
def test_a_conflict_that_is_not_there_is_a_page_that_is_not_there(kim, number):
    assert kim.request("GET", f"/conflicts/{number}").status_code == 404
