"""Tabs of contacts, guards of every record, and plugins changed while it runs."""

from __future__ import annotations

import attrs
import pytest

from crossdock.records import Account, Contact, Opportunity

_RECORDS = {
    "before_account_save": {"name": "Nordhafen", "address": {"city": "Hamburg"}},
    "before_contact_save": {"account_id": "A-1001", "last_name": "Wolf", "email": None},
    "before_opportunity_save": {
        "account_id": "A-1001",
        "name": "Deal",
        "stage_id": "S-1",
        "amount": {"amount": "1200.00", "currency": "EUR"},
    },
    "before_order_save": {
        "account_id": "A-1001",
        "currency": "EUR",
        "lines": [{"number": 1, "item_id": "BRG-1001", "quantity": "2"}],
    },
}


@pytest.mark.parametrize("point", _RECORDS)
def test_guards_are_asked_about_every_kind_of_record(sidecar, point):
    record = _RECORDS[point]
    answer = sidecar.post(f"/v1/guards/{point}", json={"record": record, "before": record})
    assert answer.status_code == 200, answer.text
    verdict = answer.json()
    assert verdict["point"] == point
    assert verdict["allowed"], verdict
    for name, value in record.items():
        if not isinstance(value, dict | list):
            assert verdict["record"][name] == value


def test_a_contact_s_tabs_are_listed_and_one_that_is_not_there_is_not_found(sidecar):
    contact = sidecar.host.crm.contacts("A-1001")[0]
    where = f"/v1/contacts/{contact.id}/tabs"
    listed = sidecar.get(where).json()["data"]
    for each in listed:
        opened = sidecar.get(f"{where}/{each['address']}").json()
        assert (opened["title"], opened["fault"]) == (each["title"], None)
    assert {each["plugin_id"] for each in listed} == {"erp-tabs"}
    assert sidecar.get(f"{where}/probe/slow").status_code == 404
    assert sidecar.get("/v1/contacts/P-nobody/tabs").status_code == 404


def test_a_plugin_is_disabled_enabled_and_replaced_and_the_audit_trail_keeps_who_did_it(sidecar):
    def loaded():
        return {each["id"] for each in sidecar.get("/v1/plugins").json()["data"]
                if each["state"] == "loaded"}  # fmt: skip

    off = sidecar.post("/v1/plugins/probe/disable")
    assert off.json() == {"id": "probe", "state": "disabled"}
    assert "probe" not in loaded()
    assert sidecar.get("/v1/points/before_quote_save").json()["plugins"] == ["straight-through"]
    assert sidecar.post("/v1/plugins/probe/enable").json()["state"] == "loaded"
    assert "probe" in loaded()
    assert sidecar.post("/v1/plugins/probe/replace").json()["version"] == "0"
    trail = [(e.action, e.actor) for e in sidecar.host.store.audit.entries(subject="probe")]
    assert sorted(trail) == [
        ("plugin.disabled", "key:crm"), ("plugin.enabled", "key:crm"),
        ("plugin.replaced", "key:crm"),
    ]  # fmt: skip


@pytest.mark.parametrize("verb", ["enable", "disable", "replace"])
def test_a_plugin_that_is_not_there_cannot_be_changed(sidecar, verb):
    assert sidecar.post(f"/v1/plugins/nobody/{verb}").status_code == 404


def test_a_new_code_that_cannot_be_loaded_leaves_the_old_one_running(sidecar):
    folder = next(p for p in sidecar.host.plugins if p.id == "probe").manifest.folder
    (folder / "plugin.py").write_text("def broken(:\n", encoding="utf-8")
    refused = sidecar.post("/v1/plugins/probe/replace")
    assert (refused.status_code, refused.json()["code"]) == (422, "plugin_not_changed")
    assert "Traceback" not in refused.text
    assert "probe" in sidecar.get("/v1/points/before_quote_save").json()["plugins"]


@pytest.mark.parametrize(
    ("schema", "record"),
    [("AccountDraft", Account), ("ContactDraft", Contact), ("OpportunityDraft", Opportunity)],
)
def test_the_document_knows_every_field_of_a_record(sidecar, schema, record):
    properties = sidecar.app.state.api.contract.document["components"]["schemas"][schema]
    assert set(properties["properties"]) == {each.name for each in attrs.fields(record)}
