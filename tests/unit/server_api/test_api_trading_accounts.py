"""Trading accounts over HTTP: looked at, linked, rejected, unlinked by who may."""

from __future__ import annotations

import attrs
import pytest


@pytest.fixture
def accountant(sidecar):
    """Headers of somebody who may link."""
    users = sidecar.host.crm.users()
    who = next(each.id for each in users if each.active and "accounting" in each.roles)
    return {"X-Crossdock-User": who}


@pytest.fixture
def orphan(sidecar):
    """An account like one that has a customer, without naming it."""
    crm = sidecar.host.crm
    known = crm.account("A-1001")
    return crm.save_account(attrs.evolve(known, id="", external_ids={}, version=None))


def test_both_sides_are_listed_and_a_person_s_word_links_them(sidecar, orphan, accountant):
    where = f"/v1/accounts/{orphan.id}/trading-accounts"

    before = sidecar.get(where, headers=accountant).json()
    assert (before["linked"], before["away"]) == ([], [])
    best = before["candidates"][0]
    assert (best["customer"], best["sureness"]) == ("main:C-10001", "certain")
    assert {"text": "the same name", "points": 45} in best["reasons"]

    body = {"decision": "link", "customer": best["customer"], "comment": "seen"}
    after = sidecar.post(where, json=body, headers=accountant)
    assert after.status_code == 200
    (linked,) = after.json()["linked"]
    assert (linked["customer"], linked["default"]) == ("main:C-10001", True)
    assert linked["evidence"].endswith("(seen)")
    (line,) = sidecar.host.store.audit.entries(action="link.confirmed")
    assert line.actor == f"user:{accountant['X-Crossdock-User']}"

    taken = sidecar.post("/v1/accounts/A-1001/trading-accounts", json=body, headers=accountant)
    assert (taken.status_code, taken.json()["code"]) == (409, "link_conflict")
    silent = {"decision": "unlink", "customer": "main:C-10001"}
    assert sidecar.post(where, json=silent, headers=accountant).status_code == 422
    gone = sidecar.post(where, json={**silent, "comment": "no"}, headers=accountant).json()
    assert gone["linked"] == []
    assert [each["rejected"] for each in gone["candidates"]][:1] == [True]


def test_who_may_not_link_may_look_and_sees_no_personal_data_of_his_betters(sidecar, orphan):
    where = f"/v1/accounts/{orphan.id}/trading-accounts"
    kim = {"X-Crossdock-User": "U-kim"}
    assert sidecar.get(where, headers=kim).json()["candidates"]

    body = {"decision": "reject", "customer": "main:C-10001"}
    refused = sidecar.post(where, json=body, headers=kim)

    assert (refused.status_code, refused.json()["code"]) == (403, "access_denied")
    assert sidecar.host.store.proposals.count("crm") == 0


def test_what_waits_is_listed_page_by_page(sidecar, orphan, accountant):
    host = sidecar.host
    who = host.user(accountant["X-Crossdock-User"])
    host.linking.linked.links(host.crm.account("A-1001"))
    host.linking.unlink("A-1001", "main:C-10001", who, comment="by mistake")
    host.linking.proposing.look()

    first = sidecar.get("/v1/link-proposals?limit=1", headers=accountant).json()

    (asked,) = first["data"]
    assert (asked["account_id"], asked["customer"]) == (orphan.id, "main:C-10001")
    assert asked["score"] == 100
    rest = sidecar.get("/v1/link-proposals?after=1", headers=accountant).json()
    assert rest == {"data": [], "next": None}


@pytest.mark.parametrize("customer", ["C-1", "oslo:C-1", "main:C-99999"])
def test_a_customer_that_cannot_be_is_told(sidecar, accountant, customer):
    body = {"decision": "link", "customer": customer}
    answer = sidecar.post("/v1/accounts/A-1001/trading-accounts", json=body, headers=accountant)
    assert answer.status_code in (404, 422)
