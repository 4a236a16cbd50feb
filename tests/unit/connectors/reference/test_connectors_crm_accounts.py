"""Accounts, people, opportunities: the CRM's wire and our records, both ways."""

from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest

from crossdock.errors import NotFound, RemoteMisbehaved, RemoteRejectedData
from crossdock.ports import CrmPort
from crossdock.records import (
    Account,
    Activity,
    Address,
    Contact,
    Money,
    Opportunity,
    Stage,
    User,
)

CREATED = datetime(2026, 1, 5, 8, tzinfo=UTC)
CHANGED = datetime(2026, 2, 1, 10, 30, tzinfo=UTC)


def eur(amount):
    return Money(amount, "EUR")


def test_the_connector_is_a_crm_port(crm_port):
    assert isinstance(crm_port, CrmPort)
    assert (crm_port.system, crm_port.guards.quote) == ("crm", "before")


def test_an_account_is_read(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getAccount", crm_rows.account())
    assert crm_port.account("A-1001") == Account(
        id="A-1001",
        name="Bolt & Bearing Ltd",
        kind="customer",
        owner_id="U-kim",
        email="office@bolt.example",
        website="https://bolt.example",
        address=Address(street="1 Quay", city="Hull", postcode="HU1", country="GB"),
        currency="EUR",
        external_ids={"main": "C-10001"},
        created_at=CREATED,
        modified_at=CHANGED,
        modified_by="U-kim",
        version="3",
    )


def test_an_account_without_an_address_is_read(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getAccount", crm_rows.account(address=None))
    assert crm_port.account("A-1001").address == Address()


def test_an_id_cannot_lead_to_another_path(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getAccount", crm_rows.error(404, "not_found"))
    with pytest.raises(NotFound):
        crm_port.account("../users/U-kim?x=1")
    assert crm_wire.requests("getAccount")[0].url.raw_path == (
        b"/accounts/..%2Fusers%2FU-kim%3Fx%3D1"
    )


def test_a_page_of_accounts_leads_to_the_next(crm_wire, crm_port, crm_rows):
    first = crm_rows.page(crm_rows.account(), total=3, page_size=2)
    second = crm_rows.page(crm_rows.account(id="A-2"), total=3, page_size=2, page=2)
    crm_wire.plays("listAccounts", first, second)
    page = crm_port.accounts(" bolt  hull ", limit=2)
    assert (page.next, page.total, page.items[0].id) == ("2x2", 3, "A-1001")
    assert crm_wire.query("listAccounts") == {
        "q": "bolt  hull",
        "sort": "name",
        "page": "1",
        "page_size": "2",
    }
    last = crm_port.accounts("bolt", after=page.next)
    assert (last.next, crm_wire.query("listAccounts")["page"]) == (None, "2")


@pytest.mark.parametrize(("limit", "sent"), [(0, "1"), (200, "200"), (1000, "200")])
def test_a_page_is_never_larger_than_the_crm_allows(crm_wire, crm_port, crm_rows, limit, sent):
    crm_wire.plays("listAccounts", crm_rows.page())
    assert crm_port.accounts(limit=limit).items == ()
    assert crm_wire.query("listAccounts")["page_size"] == sent


@pytest.mark.parametrize("cursor", ["x", "0x50", "2x999", "-1x5", "2", "٢x5"])
def test_a_cursor_that_is_none_is_refused_before_anything_is_sent(crm_wire, crm_port, cursor):
    with pytest.raises(RemoteRejectedData, match="is not a cursor of this list") as caught:
        crm_port.accounts(after=cursor)
    assert caught.value.fields[0].field == "after"
    assert crm_wire.asked == []


def test_all_pages_of_a_list_are_read(crm_wire, crm_port, crm_rows):
    def page(request):
        number = int(request.url.params["page"])
        rows = [crm_rows.contact(id=f"P-{number}-{index}") for index in range(200)]
        return httpx.Response(
            200, json=crm_rows.page(*rows[: 200 if number < 3 else 17], page=number, total=417)
        )

    crm_wire.plays("listContacts", page)
    assert len(crm_port.contacts("A-1001")) == 417
    assert len(crm_wire.requests("listContacts")) == 3
    assert crm_wire.query("listContacts") == {
        "account_id": "A-1001",
        "sort": "last_name",
        "page": "3",
        "page_size": "200",
    }


def test_a_record_that_moved_to_the_next_page_comes_once(crm_wire, crm_port, crm_rows):
    moved = crm_rows.contact(id="P-200")
    crm_wire.plays(
        "listContacts",
        crm_rows.page(crm_rows.contact(id="P-1"), moved, total=250),
        crm_rows.page(moved, crm_rows.contact(id="P-201"), total=251, page=2),
    )
    assert [contact.id for contact in crm_port.contacts("A-1001")] == ["P-1", "P-200", "P-201"]


def test_another_page_than_the_one_asked_for_is_misbehaviour(crm_wire, crm_port, crm_rows):
    crm_wire.plays("listContacts", crm_rows.page(page=7))
    with pytest.raises(RemoteMisbehaved, match="/page: expected 1, got 7"):
        crm_port.contacts("A-1001")


def test_contacts_users_and_activities_are_read(crm_wire, crm_port, crm_rows):
    crm_wire.plays("listContacts", crm_rows.page(crm_rows.contact()))
    crm_wire.plays("listUsers", crm_rows.page(crm_rows.user()))
    crm_wire.plays("listActivities", crm_rows.page(crm_rows.activity()))
    assert crm_port.contacts("A-1001") == (
        Contact(
            id="P-1",
            account_id="A-1001",
            last_name="Okoro",
            job_title="Buyer",
            phone="+44 1482",
            modified_at=CHANGED,
            modified_by="U-kim",
            version="3",
        ),
    )
    assert crm_port.users() == (
        User(
            id="U-kim",
            name="Kim Larsen",
            email="kim@crossdock.example",
            roles=("sales",),
            team="North",
            manager_id="U-max",
        ),
    )
    assert crm_port.activities("A-1001") == (
        Activity(
            id="T-1",
            account_id="A-1001",
            kind="call",
            subject="Ask for the drawings",
            contact_id="P-1",
            owner_id="U-kim",
            due_at=datetime(2026, 2, 3, 9, tzinfo=UTC),
            created_at=CREATED,
        ),
    )
    assert crm_wire.query("listActivities")["sort"] == "-created_at"


def test_a_user_is_found_by_id(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getUser", crm_rows.user())
    assert crm_port.user("U-kim").name == "Kim Larsen"
    assert crm_wire.requests("listUsers") == []


def test_a_user_is_found_by_login_name(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getUser", crm_rows.error(404, "not_found"))
    crm_wire.plays("listUsers", crm_rows.page(crm_rows.user()))
    assert crm_port.user("kim").id == "U-kim"
    assert crm_wire.query("listUsers")["login"] == "kim"


def test_nobody_is_found_by_a_name_that_nobody_has(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getUser", crm_rows.error(404, "not_found"))
    crm_wire.plays("listUsers", crm_rows.page())
    with pytest.raises(NotFound):
        crm_port.user("nobody")


def test_stages_and_opportunities_are_read(crm_wire, crm_port, crm_rows):
    crm_wire.plays("listStages", crm_rows.page(crm_rows.stage()))
    crm_wire.plays("getOpportunity", crm_rows.opportunity())
    crm_wire.plays("listOpportunities", crm_rows.page(crm_rows.opportunity()))
    expected = Opportunity(
        id="O-1",
        account_id="A-1001",
        name="Conveyor refit",
        stage_id="prove",
        amount=eur("2000000.00"),
        probability=Decimal("0.50"),
        forecast_category="best_case",
        close_on=date(2026, 6, 30),
        owner_id="U-kim",
        campaign_id="CA-1",
        created_at=CREATED,
        version="3",
    )
    assert crm_port.stages() == (
        Stage(
            id="prove",
            name="Prove",
            position=3,
            kind="open",
            probability=Decimal("0.50"),
            forecast_category="best_case",
        ),
    )
    assert crm_port.opportunity("O-1") == expected
    assert crm_port.opportunities("A-1001") == (expected,)
    assert crm_wire.query("listOpportunities")["sort"] == "-created_at"
