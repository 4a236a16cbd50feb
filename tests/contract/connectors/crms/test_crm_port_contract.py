"""What every `CrmPort` promises, tried on every CRM that there is.

Accounts and what hangs on them; how a new CRM joins in is said in `conftest.py`. Quotes and orders
follow in `test_crm_port_documents.py`, what goes wrong on the way in `test_crm_port_faults.py`.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.errors import Conflict, NotFound, NotSupported
from crossdock.ports import CrmPort, scopes_of
from crossdock.records import Account, Activity, Address, Contact, Money, Opportunity

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def eur(amount):
    return Money(amount, "EUR")


def test_a_connector_is_a_port_with_every_method_and_says_what_it_calls(house, port):
    assert isinstance(port, CrmPort)
    assert all(callable(getattr(port, name)) for name in scopes_of(CrmPort))
    assert (port.system, port.guards.quote) == ("crm", house.guards)
    assert port.used_operations
    assert port.used_operations <= set(house.app.operations)


def test_accounts_are_the_data_sets(house, port, dataset):
    expected = {row["customer_id"] or row["name"]: row for row in dataset.rows("accounts")}
    found, cursor = [], None
    while True:
        page = port.accounts(after=cursor, limit=7)
        assert len(page.items) <= 7
        found += page.items
        cursor = page.next
        if cursor is None:
            break
    accounts = {each.external_ids.get("main", each.name): each for each in found}
    assert len(accounts) == len(found) == len(expected)
    for number, row in expected.items():
        account = accounts[number]
        assert account == port.account(account.id)
        assert (account.name, account.kind) == (row["name"], row["kind"])
        assert account.address.city == (row["city"] or "")
        assert account.created_at == row["created_at"]
        assert account.email in (row["email"], None)  # Salesforce has no place of its own for it
        known = {"main": row["customer_id"]} if row["customer_id"] else {}
        assert dict(account.external_ids) == known


def test_accounts_are_searched_by_name_city_and_number(port, dataset):
    wanted = next(row for row in dataset.rows("accounts") if row["customer_id"])
    for search in (f"{wanted['name']} {wanted['city']}", wanted["customer_id"]):
        found = port.accounts(search)
        assert [account.name for account in found.items] == [wanted["name"]]
    assert port.accounts("nobody is called so").items == ()


@pytest.mark.parametrize("kind", ["contacts", "opportunities", "activities", "quotes"])
def test_everything_of_an_account_is_the_data_sets(house, port, dataset, kind):
    for row in dataset.rows("accounts"):
        house.later()
        account = house.accounts[row["customer_id"] or row["name"]]
        expected = [
            each
            for each in dataset.rows(kind)
            if each["account_id"] == row["id"] and house.has(kind, each)
        ]
        found = getattr(port, kind)(account.id)
        assert len(found) == len({each.id for each in found}) == len(expected)


@pytest.mark.parametrize("method", ["opportunities", "activities", "quotes", "orders"])
def test_lists_come_newest_first_in_few_calls(house, port, account, method):
    port.stages()
    before = len(house.journal())
    stamps = [each.created_at for each in getattr(port, method)(account)]
    assert len(stamps) > 1
    assert stamps == sorted(stamps, reverse=True)
    assert len(house.journal()) - before <= house.calls_for_a_list  # however many there are


def test_service_cases_are_the_data_sets_or_said_not_to_be_kept(house, port, dataset):
    rows = list(dataset.rows("cases"))
    busy = max(
        dataset.rows("accounts"), key=lambda a: sum(r["account_id"] == a["id"] for r in rows)
    )
    account = house.accounts[busy["customer_id"] or busy["name"]]
    if not house.cases:
        with pytest.raises(NotSupported, match="keeps no service cases"):
            port.cases(account.id)
        return
    house.later()
    found = port.cases(account.id)
    expected = [row for row in rows if row["account_id"] == busy["id"]]
    assert len(found) > 1
    assert [each.opened_at for each in found] == sorted(
        (row["created_at"] for row in expected), reverse=True
    )
    by_opening = {row["created_at"]: row for row in expected}
    for case in found:
        row = by_opening[case.opened_at]
        assert (case.account_id, case.subject) == (account.id, row["subject"])
        assert case.status == ("closed" if row["status"] == "closed" else "open")
        assert case.closed_at == row["closed_at"]
        assert case.priority in (row["priority"], "high")  # HubSpot and Salesforce know three
        assert case.state
        assert case.contact_id in {each.id for each in port.contacts(account.id)}


def test_opportunities_carry_the_stages_probability(port, dataset, account):
    stages = {stage.id: stage for stage in port.stages()}
    assert [stage.name for stage in stages.values()] == [
        row["name"] for row in sorted(dataset.rows("stages"), key=lambda row: row["position"])
    ]
    for opportunity in port.opportunities(account):
        assert opportunity == port.opportunity(opportunity.id)
        assert opportunity.probability == stages[opportunity.stage_id].probability


def test_users_are_found_by_id_and_by_login_name(port, dataset, kim):
    rows = {row["email"]: row for row in dataset.rows("users")}
    assert {user.email for user in port.users()} >= set(rows)
    user = port.user(kim)
    assert user == port.user("kim")
    assert (user.name, user.roles, user.team) == (
        rows[user.email]["name"],
        ("sales",),
        "Sales North",
    )
    assert port.user("mara").roles == ("manager",)
    assert not port.user("rolf").active
    for wrong in ("nobody", "%", "k_m"):
        with pytest.raises(NotFound):
            port.user(wrong)


@pytest.mark.parametrize("read", ["account", "contact", "opportunity", "quote", "order", "user"])
def test_what_does_not_exist_is_not_found(house, port, read):
    for wrong in ("X-404", "404"):
        with pytest.raises(NotFound, match=rf"The CRM at http://{house.name}\.test"):
            getattr(port, read)(wrong)


def test_an_account_is_created_and_replaced(house, port, kim):
    wanted = Account(
        id="",
        name="Kraft & Sohn",
        kind="prospect",
        industry="Machinery",
        owner_id=kim,
        email="office@kraft.example",
        phone="+49 30 1",
        website="https://kraft.example",
        tax_number="DE1",
        address=Address(street="Hafen 1", city="Kiel", postcode="24103", country="DE"),
        currency="EUR",
        external_ids={"main": "C-777"},
    )
    made = port.save_account(wanted)
    assert made == port.account(made.id)
    own = {"id": "", "created_at": None, "modified_at": None, "modified_by": "", "version": None}
    assert wanted == evolve(made, **own)
    house.later()
    emptied = evolve(made, phone=None, industry="", address=Address(), external_ids={"uk": "7"})
    saved = port.save_account(emptied)
    assert (saved.phone, saved.industry, saved.address) == (None, "", Address())
    assert saved.version != made.version
    assert saved.external_ids == {"main": "C-777", "uk": "7"}  # an id that was not named stays
    with pytest.raises(Conflict):
        port.save_account(made)


def test_a_contact_is_created_and_replaced(house, port, account):
    wanted = Contact(
        id="", account_id=account, first_name="Ada", last_name="Wolf", email="ada@wolf.example"
    )
    made = port.save_contact(wanted)
    told = {name: getattr(made, name) for name in ("id", "version", "modified_at", "modified_by")}
    assert made == port.contact(made.id) == evolve(wanted, **told)
    assert made in port.contacts(account)
    house.later()
    saved = port.save_contact(evolve(made, job_title="Buyer", email=None))
    assert (saved.job_title, saved.email) == ("Buyer", None)
    with pytest.raises(Conflict):
        port.save_contact(made)


def test_a_probability_is_an_override_only_where_it_differs(house, port, account):
    first, second = [stage for stage in port.stages() if stage.kind == "open"][:2]
    wanted = Opportunity(
        id="", account_id=account, name="Spare parts", stage_id="", amount=eur("1200.00"),
        close_on=date(2026, 12, 31),
    )  # fmt: skip
    made = port.save_opportunity(wanted)
    assert (made.stage_id, made.probability) == (first.id, first.probability)
    assert (made.close_on, made.account_id) == (date(2026, 12, 31), account)
    house.later()
    moved = port.save_opportunity(evolve(made, stage_id=second.id, amount=eur("900.00")))
    assert (moved.stage_id, moved.probability) == (second.id, second.probability)
    house.later()
    sure = port.save_opportunity(evolve(moved, probability=Decimal("0.85")))
    assert (sure.probability, sure.amount) == (Decimal("0.85"), eur("900.00"))
    operation, field = house.override
    assert [field in entry.request_body for entry in house.journal(operation)] == [False, True]
    with pytest.raises(Conflict):
        port.save_opportunity(moved)


@pytest.mark.parametrize("kind", ["call", "email", "meeting", "task", "note"])
def test_an_activity_keeps_what_it_is(port, account, kim, kind):
    wanted = Activity(
        id="", account_id=account, kind=kind, subject="About prices", text="They rise.",
        owner_id=kim, due_at=NOON,
    )  # fmt: skip
    added = port.add_activity(wanted, key=f"about:{kind}")
    times = dict.fromkeys(("created_at", "due_at", "completed_at"))
    assert evolve(added, id="", **times) == evolve(wanted, **times)
    assert NOON in (added.due_at, added.completed_at)  # HubSpot has one time for what takes place
    assert added in port.activities(account)


def test_the_change_feed_tells_what_came_after_its_cursor_once(house, port, draft, drained):
    everything, cursor = drained(port)
    if house.guards == "after":  # the reference CRM tells of changes, not of what it began with
        assert {change.entity for change in everything} == {
            "account", "contact", "opportunity", "quote", "order",
        }  # fmt: skip
    house.later(60)
    assert drained(port, cursor)[0] == []
    quote = port.save_quote(draft)
    order = port.order_from_quote(quote.id)
    house.later(10)
    news, cursor = drained(port, cursor, limit=2)
    assert {(c.entity, c.id) for c in news if c.entity != "opportunity"} == {
        ("quote", quote.id),
        ("order", order.id),
    }
    house.later(10)
    assert drained(port, cursor)[0] == []


@pytest.mark.parametrize(
    "house", ["hubspot", "salesforce", "sage-crm", "saleslogix"], indirect=True
)
def test_a_change_of_a_line_is_told_as_one_of_its_quote(house, port, draft, drained):
    quote = port.save_quote(draft)
    house.later(60)
    _, cursor = drained(port)
    house.changes_a_line(quote)
    house.later(10)
    news, cursor = drained(port, cursor)
    assert {(change.entity, change.id) for change in news} == {("quote", quote.id)}
    assert port.quote(quote.id).lines[0].quantity == Decimal(4)


@pytest.mark.parametrize(
    "house", ["hubspot", "salesforce", "sage-crm", "saleslogix"], indirect=True
)
def test_what_is_deleted_is_told(house, port, drained):
    made = port.save_account(Account(id="", name="Soon gone"))
    house.later(60)
    _, cursor = drained(port)
    house.deletes(made)
    house.later(10)
    news, cursor = drained(port, cursor)
    assert [(c.entity, c.id, c.action) for c in news] == [("account", made.id, "deleted")]
    assert drained(port, cursor)[0] == []
    house.later(timedelta(minutes=5).total_seconds())
    assert drained(port, cursor)[0] == []
