"""New records in question at the desk: what was tried, and a person's word on what is there."""

from __future__ import annotations

import pytest

PLACE = {
    "entity": "account", "from_system": "crm", "from_id": "A-1001", "to_system": "main",
}  # fmt: skip


@pytest.fixture
def ada(browser_of, sign_in):
    """A manager."""
    return sign_in(browser_of(), "U-ada")


@pytest.fixture
def creation(host):
    rows = host.store.sync_creations
    made, _ = rows.begin(**PLACE, key="account:crm:A-1001:main", text="intended")
    return rows.move(made, "possibly_created", "no answer <lost>")


@pytest.fixture
def published(host):
    told = []
    host.synchronising.publish = lambda _connection, event: told.append(event.change)
    return told


def test_a_record_in_question_is_counted_and_shown_with_what_was_tried(kim, host, creation):
    kim.open("/conflicts")
    assert "Conflicts 1 to be decided" in kim.text()
    assert "Possibly created 1" in kim.text()
    kim.open("/conflicts/created")
    text = kim.text()
    assert "A customer in main for A-1001" in text
    assert "intended" in text
    assert "no answer <lost>" in text
    assert "<lost>" not in kim.html
    # Kim may look, and is told so; what is sent all the same does not count.
    assert 'name="said"' not in kim.html
    kim.send("/conflicts/created", **PLACE, said="missing")
    assert "Nothing was decided" in kim.text()
    assert host.store.sync_creations.list()[0].state == "possibly_created"


def test_who_looked_says_that_it_is_there_and_a_worker_goes_on(ada, host, creation, published):
    ada.open("/conflicts/created")
    ada.send("/conflicts/created", **PLACE, said="", there="")
    assert "Say whether it is there." in ada.text()
    ada.send("/conflicts/created", **PLACE, said="there", there=" ")
    assert "Enter its number there." in ada.text()
    ada.send("/conflicts/created", **PLACE, said="there", there="C-10001", reason="in the list")
    assert "C-10001 is taken as the one that was made." in ada.text()
    assert "Nothing is in question." in ada.text()

    (now,) = host.store.sync_creations.list()
    assert (now.state, now.made_id) == ("made", "C-10001")
    assert now.evidence[-1][1] == "user:U-ada found it as C-10001: in the list"
    assert [(each.system, each.entity, each.id) for each in published] == [
        ("crm", "account", "A-1001")
    ]
    ada.send("/conflicts/created", **PLACE, said="missing")
    assert "is not in question in main" in ada.text()


def test_a_customer_of_another_account_cannot_be_the_one_and_what_is_missing_is_made(
    ada, host, creation, published
):
    host.store.links.link(
        crm_system="crm", account_id="A-1003", erp_system="main", customer_id="C-10001"
    )
    ada.open("/conflicts/created")
    ada.send("/conflicts/created", **PLACE, said="there", there="C-10001")
    assert "C-10001 belongs to A-1003 already" in ada.text()
    assert 'value="C-10001"' in ada.html
    assert published == []
    ada.send("/conflicts/created", **PLACE, said="missing", reason="searched by name")
    assert "It is made now." in ada.text()
    assert host.store.sync_creations.list()[0].state == "intended"
    assert len(published) == 1
