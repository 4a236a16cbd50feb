"""The CRM's wire and our records, both ways."""

from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest
from attrs import evolve

from crossdock.connectors.crm.orders import line_status
from crossdock.errors import Conflict, NotFound, RemoteMisbehaved, RemoteRejectedData
from crossdock.ports import CrmPort
from crossdock.records import (
    Account,
    Activity,
    Address,
    Check,
    Contact,
    Money,
    Opportunity,
    Order,
    OrderEvent,
    OrderLine,
    Quote,
    QuoteLine,
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


def test_a_quote_is_read_with_its_lines(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getQuote", crm_rows.quote())
    assert crm_port.quote("Q-1") == Quote(
        id="Q-1",
        account_id="A-1001",
        currency="EUR",
        opportunity_id="O-1",
        owner_id="U-kim",
        valid_until=date(2026, 3, 1),
        lines=(
            QuoteLine(
                number=1,
                item_id="BRG-1001",
                quantity=Decimal(3),
                unit="pcs",
                description="Ball bearing",
                list_price=eur("12.5000"),
                unit_price=eur("11.0000"),
                discount_percent=Decimal(5),
                net=eur("31.35"),
                tax_rate=Decimal("0.20"),
                tax=eur("6.27"),
                price_rule="customer contract",
                price_source="Contract 2026",
                promised_on=date(2026, 2, 10),
            ),
        ),
        net=eur("31.35"),
        tax=eur("6.27"),
        gross=eur("37.62"),
        pricing_status="priced",
        priced_at=CHANGED,
        price_source="main",
        checks=(Check(level="warning", code="stock.short", message="Short"),),
        created_at=CREATED,
        modified_at=CHANGED,
        version="3",
    )


def test_amounts_that_are_not_known_stay_unknown(crm_wire, crm_port, crm_rows):
    line = crm_rows.quote_line(unit_price=None, net_amount=None, tax_amount=None, tax_rate=None)
    unknown = {"net_total": None, "tax_total": None, "gross_total": None}
    crm_wire.plays("getQuote", crm_rows.quote(lines=[line], **unknown))
    quote = crm_port.quote("Q-1")
    assert (quote.net, quote.tax, quote.gross) == (None, None, None)
    assert (quote.lines[0].unit_price, quote.lines[0].tax_rate) == (None, None)


def test_a_new_quote_is_created(crm_wire, crm_port, crm_rows, quote):
    crm_wire.plays("createQuote", httpx.Response(201, json=crm_rows.quote()))
    saved = crm_port.save_quote(evolve(quote, id="", version=None))
    assert saved.id == "Q-1"
    assert crm_wire.body("createQuote") == {
        "account_id": "A-1001",
        "opportunity_id": None,
        "contact_id": None,
        "owner_id": "U-kim",
        "status": "draft",
        "currency": "EUR",
        "valid_until": None,
        "trading_account": None,
        "lines": [
            {
                "line": 1,
                "item_code": "BRG-1001",
                "description": None,
                "unit": "pcs",
                "quantity": "3",
                "list_price": None,
                "unit_price": "11.0000",
                "discount_percent": "5",
                "net_amount": "31.35",
                "tax_rate": "0.2",
                "tax_amount": "6.27",
                "price_rule": None,
                "price_source": None,
                "promised_on": None,
            }
        ],
        "net_total": "31.35",
        "tax_total": "6.27",
        "gross_total": "37.62",
        "pricing_status": "priced",
        "priced_at": None,
        "price_source": None,
        "checks": [],
    }


def test_a_quote_that_was_read_is_written_back_as_it_was(crm_wire, crm_port, crm_rows):
    row = crm_rows.quote(trading_account="main:C-10001", contact_id="P-1")
    crm_wire.plays("getQuote", row)
    crm_wire.plays("changeQuote", row)
    crm_port.save_quote(crm_port.quote("Q-1"))
    sent = crm_wire.body("changeQuote")
    sent["lines"][0]["tax_rate"] = row["lines"][0]["tax_rate"]
    assert sent == {name: row[name] for name in sent}
    untouched = set(row) - set(sent)
    assert untouched == {
        "id",
        "requested_on",
        "customer_reference",
        "ship_to",
        "notes",
        "external_ids",
        "order_id",
        "created_at",
        "created_by",
        "updated_at",
        "updated_by",
    }


def test_totals_are_sent_all_or_none(crm_wire, crm_port, crm_rows, quote):
    crm_wire.plays("changeQuote", crm_rows.quote())
    crm_port.save_quote(evolve(quote, tax=None))
    sent = crm_wire.body("changeQuote")
    assert (sent["net_total"], sent["tax_total"], sent["gross_total"]) == (None, None, None)


def test_a_check_without_a_code_gets_one(crm_wire, crm_port, crm_rows, quote):
    crm_wire.plays("changeQuote", crm_rows.quote())
    crm_port.save_quote(evolve(quote, checks=(Check(level="info", message="Told"),)))
    assert crm_wire.body("changeQuote")["checks"] == [
        {"level": "info", "code": "check", "message": "Told", "field": None}
    ]


def test_ordered_is_never_written_as_a_status(crm_wire, crm_port, crm_rows, quote):
    crm_wire.plays("changeQuote", crm_rows.error(409, "quote_ordered"))
    with pytest.raises(Conflict):
        crm_port.save_quote(evolve(quote, status="ordered"))
    assert "status" not in crm_wire.body("changeQuote")


def test_a_quote_without_a_version_is_not_written_over_somebody_elses(crm_wire, crm_port, quote):
    with pytest.raises(RemoteRejectedData, match="Q-1 carries no version"):
        crm_port.save_quote(evolve(quote, version=None))
    assert crm_wire.asked == []


def test_a_line_in_another_currency_is_refused_before_anything_is_sent(crm_wire, crm_port, quote):
    line = evolve(quote.lines[0], unit_price=Money(9, "USD"))
    with pytest.raises(RemoteRejectedData, match=r"lines\.0\.unit_price: is in USD") as caught:
        crm_port.save_quote(evolve(quote, lines=(line,)))
    assert caught.value.fields[0].field == "lines.0.unit_price"
    assert crm_wire.asked == []


def test_a_stale_quote_is_a_conflict(crm_wire, crm_port, crm_rows, quote):
    crm_wire.plays("changeQuote", crm_rows.error(409, "stale_version", "Version 3 is stale."))
    with pytest.raises(Conflict, match="Version 3 is stale"):
        crm_port.save_quote(quote)


def test_an_order_is_read_with_its_lines(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order())
    assert crm_port.order("R-1") == Order(
        id="R-1",
        system="crm",
        currency="EUR",
        account_id="A-1001",
        trading_account="main:C-10001",
        reference="Q-1",
        lines=(
            OrderLine(
                number=1,
                item_id="BRG-1001",
                quantity=Decimal(3),
                unit="pcs",
                description="Ball bearing",
                unit_price=eur("11.0000"),
                discount_percent=Decimal(5),
                net=eur("31.35"),
                quote_line=1,
            ),
        ),
        ordered_on=date(2026, 2, 2),
        requested_on=date(2026, 2, 20),
        ship_to=Address(street="1 Quay", city="Hull"),
        net=eur("31.35"),
        tax=eur("6.27"),
        gross=eur("37.62"),
        pricing_status="priced",
        quote_id="Q-1",
        opportunity_id="O-1",
        owner_id="U-kim",
        created_at=CREATED,
        version="3",
    )


def test_an_acknowledged_order_has_its_customer(crm_wire, crm_port, crm_rows):
    row = crm_rows.order(erp_system="main", erp_order_id="SO-100001")
    crm_wire.plays("listOrders", crm_rows.page(row))
    (order,) = crm_port.orders("A-1001")
    assert (order.customer_id, order.erp_system, order.erp_order_id) == (
        "C-10001",
        "main",
        "SO-100001",
    )
    assert crm_wire.query("listOrders")["sort"] == "-placed_at"


def test_an_unknown_order_status_is_misbehaviour(crm_wire, crm_port, crm_rows):
    crm_wire.checked = False
    crm_wire.plays("getOrder", crm_rows.order(status="lost"))
    with pytest.raises(RemoteMisbehaved, match="/status: expected one of accepted"):
        crm_port.order("R-1")


def test_an_order_is_told_only_what_is_new(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order())
    crm_wire.plays("changeOrder", crm_rows.order(version=4))
    order = crm_port.order("R-1")
    line = evolve(
        order.lines[0],
        shipped=Decimal(1),
        reserved=Decimal(1),
        back_ordered=Decimal(1),
        promised_on=date(2026, 2, 10),
    )
    crm_port.update_order(
        evolve(
            order,
            status="partly_shipped",
            erp_system="main",
            erp_order_id="SO-100001",
            promised_on=date(2026, 2, 10),
            lines=(line,),
        )
    )
    assert crm_wire.body("changeOrder") == {
        "version": 3,
        "status": "partly_shipped",
        "erp_system": "main",
        "erp_order_id": "SO-100001",
        "promised_on": "2026-02-10",
        "lines": [
            {
                "line": 1,
                "status": "partly_shipped",
                "reserved_quantity": "1",
                "shipped_quantity": "1",
                "backordered_quantity": "1",
                "promised_on": "2026-02-10",
            }
        ],
        "net_total": "31.35",
        "tax_total": "6.27",
        "gross_total": "37.62",
    }


def test_an_order_that_is_so_already_is_not_written(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order())
    order = crm_port.order("R-1")
    assert crm_port.update_order(order) == order
    assert crm_wire.requests("changeOrder") == []


def test_the_same_amount_with_other_zeros_is_no_change(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order())
    order = crm_port.order("R-1")
    crm_port.update_order(evolve(order, net=eur("31.350"), gross=eur("37.6200")))
    assert crm_wire.requests("changeOrder") == []


def test_an_amount_that_is_not_known_is_left_alone(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order())
    order = crm_port.order("R-1")
    lines = (evolve(order.lines[0], net=None, unit_price=None),)
    crm_port.update_order(evolve(order, net=None, tax=None, gross=None, lines=lines))
    assert crm_wire.requests("changeOrder") == []


def test_a_promise_that_was_taken_back_is_cleared(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order(promised_on="2026-02-10", status_reason="Credit"))
    crm_wire.plays("changeOrder", crm_rows.order())
    order = crm_port.order("R-1")
    crm_port.update_order(evolve(order, promised_on=None, hold_reason=""))
    assert crm_wire.body("changeOrder") == {
        "version": 3,
        "promised_on": None,
        "status_reason": None,
    }


def test_new_external_ids_and_trading_account_are_written(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order(external_ids={"old": "1"}))
    crm_wire.plays("changeOrder", crm_rows.order())
    order = crm_port.order("R-1")
    crm_port.update_order(
        evolve(order, external_ids={"old": "1", "main": "SO-1"}, trading_account="uk:C-2")
    )
    assert crm_wire.body("changeOrder") == {
        "version": 3,
        "external_ids": {"main": "SO-1"},
        "trading_account": "uk:C-2",
    }


def test_a_line_that_the_crm_does_not_have_is_left_for_it_to_refuse(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order())
    unknown = [{"field": "lines.0.line", "message": "There is no line 9."}]
    crm_wire.plays("changeOrder", crm_rows.error(422, "invalid", "No.", unknown))
    order = crm_port.order("R-1")
    with pytest.raises(RemoteRejectedData, match="There is no line 9"):
        crm_port.update_order(evolve(order, lines=(evolve(order.lines[0], number=9),)))


def test_an_order_changed_in_between_is_read_again(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order(), crm_rows.order(), crm_rows.order(version=4))
    crm_wire.plays("changeOrder", crm_rows.error(409, "stale_version"), crm_rows.order(version=5))
    order = crm_port.order("R-1")
    assert crm_port.update_order(evolve(order, status="confirmed")).version == "5"
    versions = [crm_wire.body("changeOrder", index)["version"] for index in range(2)]
    assert versions == [3, 4]


@pytest.mark.usefixtures("no_waiting")
def test_a_change_whose_answer_was_lost_is_found_done(crm_wire, crm_port, crm_rows):
    done = crm_rows.order(status="confirmed", version=4)
    crm_wire.plays("getOrder", crm_rows.order(), crm_rows.order(), done)
    lost = httpx.ReadTimeout("timed out")
    crm_wire.plays("changeOrder", lost, crm_rows.error(409, "stale_version"))
    order = crm_port.order("R-1")
    updated = crm_port.update_order(evolve(order, status="confirmed"))
    assert (updated.status, updated.version) == ("confirmed", "4")


def test_an_order_that_never_stands_still_is_given_up(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order())
    crm_wire.plays("changeOrder", crm_rows.error(409, "stale_version"))
    order = crm_port.order("R-1")
    with pytest.raises(Conflict):
        crm_port.update_order(evolve(order, status="confirmed"))
    assert len(crm_wire.requests("changeOrder")) == 5


def test_a_conflict_of_another_kind_is_not_tried_again(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order())
    crm_wire.plays("changeOrder", crm_rows.error(409, "erp_order_taken", "R-7 has SO-1."))
    order = crm_port.order("R-1")
    with pytest.raises(Conflict, match="R-7 has SO-1"):
        crm_port.update_order(evolve(order, erp_system="main", erp_order_id="SO-1"))
    assert len(crm_wire.requests("changeOrder")) == 1


@pytest.mark.parametrize(
    ("quantities", "status"),
    [
        ({}, "open"),
        ({"reserved": 3}, "reserved"),
        ({"reserved": 1, "back_ordered": 2}, "backordered"),
        ({"shipped": 1, "reserved": 2}, "partly_shipped"),
        ({"shipped": 3}, "shipped"),
        ({"shipped": 2, "cancelled": 1}, "shipped"),
        ({"shipped": 3, "invoiced": 1}, "partly_invoiced"),
        ({"shipped": 3, "invoiced": 3}, "invoiced"),
        ({"shipped": 3, "invoiced": 3, "returned": 1}, "invoiced"),
        ({"shipped": 3, "invoiced": 3, "returned": 3}, "returned"),
        ({"cancelled": 3}, "cancelled"),
    ],
)
def test_a_lines_status_follows_its_quantities(quantities, status):
    line = OrderLine(
        number=1,
        item_id="I",
        quantity=Decimal(3),
        **{name: Decimal(value) for name, value in quantities.items()},
    )
    assert line_status(line) == status


def test_a_timeline_is_read_and_added_to(crm_wire, crm_port, crm_rows, now):
    event = OrderEvent(
        key="acknowledged:main:SO-100001",
        at=datetime(2026, 2, 3, 8, tzinfo=UTC),
        kind="acknowledged",
        title="Acknowledged by main",
        document_id="SO-100001",
        actor="straight-through",
    )
    crm_wire.plays("listOrderTimeline", crm_rows.page(crm_rows.timeline_entry()))
    crm_wire.plays("addTimelineEntry", httpx.Response(201, json=crm_rows.timeline_entry()))
    assert crm_port.order_events("R-1") == (event,)
    crm_port.add_order_event("R-1", event)
    assert crm_wire.body("addTimelineEntry") == {
        "key": "acknowledged:main:SO-100001",
        "kind": "acknowledged",
        "at": "2026-02-03T08:00:00Z",
        "title": "Acknowledged by main",
        "text": None,
        "actor": "straight-through",
        "document_id": "SO-100001",
    }


def feed(*sequences, after):
    return {
        "items": [
            {
                "sequence": number,
                "entity": "quote",
                "id": f"Q-{number}",
                "action": "updated",
                "at": "2026-02-03T08:00:00Z",
                "version": 2,
                "user_id": None,
            }
            for number in sequences
        ],
        "next": after,
    }


def test_changes_are_read_from_the_beginning_and_from_a_cursor(crm_wire, crm_port):
    crm_wire.plays("listChanges", feed(1, 2, after="2"), feed(after="2"))
    first = crm_port.changes(None, limit=2)
    assert crm_wire.query("listChanges") == {"limit": "2"}
    assert (first.cursor, first.more) == ("2", True)
    assert [(change.entity, change.id, change.version) for change in first.changes] == [
        ("quote", "Q-1", "2"),
        ("quote", "Q-2", "2"),
    ]
    second = crm_port.changes(first.cursor, limit=5000)
    assert crm_wire.query("listChanges") == {"since": "2", "limit": "1000"}
    assert (second.changes, second.cursor, second.more) == ((), "2", False)


def test_going_on_from_any_change_misses_none(crm_wire, crm_port):
    crm_wire.plays("listChanges", feed(8, 9, after="9"))
    changes = crm_port.changes("7").changes
    assert [change.cursor for change in changes] == ["7", "9"]
