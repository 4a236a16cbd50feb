"""Who should be looked after: lists, cards, and tasks that open by themselves."""

from datetime import UTC, datetime, timedelta

import pytest

from crossdock.records import JobDue, RecordChanged
from crossdock.rules import assess, days_overdue, days_quiet
from crossdock.testing import a_change
from crossdock.views import Action, Metrics

PLUGIN = "watch-list"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
JOB = JobDue(plugin_id=PLUGIN, job_id="overdue", due_at=NOW)


@pytest.fixture
def scene(open_scene):
    return open_scene(PLUGIN)


@pytest.fixture
def one_by_one(scene, company):
    """Give everybody's standing as the ERP tells it of each customer alone, by account."""
    erp, found = scene.host.erp.using("main"), {}
    accounts = {row["customer_id"]: row["id"] for row in company.rows("accounts")}
    for row in company.rows("customers"):
        if row["id"] in accounts:
            found[accounts[row["id"]]] = erp.credit(erp.customer(row["id"]))
    return found


TESTS = {
    "over-limit": lambda status: (
        assess(status).headroom is not None and assess(status).headroom.amount < 0
    ),
    "overdue": lambda status: days_overdue(status, TODAY) >= 30,
    "on-hold": lambda status: status.on_hold,
    "dormant": lambda status: (days_quiet(status, TODAY) or 0) >= 60,
}


@pytest.mark.parametrize("name", TESTS)
def test_a_list_holds_whom_the_erp_says(open_scene, one_by_one, name):
    scene = open_scene(PLUGIN, watch_list={"dormant_days": 60})
    opened = scene.host.segment_accounts(f"watch-list/{name}", user="kim")
    assert opened.fault is None
    expected = {account for account, status in one_by_one.items() if TESTS[name](status)}
    assert set(opened.account_ids) == expected
    assert name == "over-limit" or expected


def test_a_list_does_not_ask_for_each_account(scene):
    scene.host.segments(user="kim")
    scene.forget_calls()
    assert scene.host.segment_accounts("watch-list/overdue", user="kim").account_ids
    assert scene.erp.calls() == ["listCreditStatus"]
    assert scene.crm.calls() == ["listAccounts"]


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_who_may_not_see_credit_has_no_list_that_comes_from_it(scene):
    service = scene.user("service")
    names = [each.segment.id for each in scene.host.segments(user=service).segments]
    assert names == ["on-hold", "dormant"]
    assert [each.card.id for each in scene.host.dashboard_cards(user=service)] == ["attention"]


def figures(view):
    return {
        metric.label: metric.value
        for component in view.components
        if isinstance(component, Metrics)
        for metric in component.metrics
    }


def test_the_cards_count_what_the_lists_hold(scene):
    cards = scene.host.dashboard_cards(user="kim")
    assert [each.address for each in cards] == ["watch-list/attention", "watch-list/receivables"]
    shown = scene.host.render_card("watch-list/attention", user="kim")
    assert shown.fault is None
    counts = figures(shown.view)
    lists = {each.segment.title: each.address for each in scene.host.segments(user="kim").segments}
    held = {
        title: len(scene.host.segment_accounts(address, user="kim").account_ids)
        for title, address in lists.items()
    }
    assert counts == held
    links = [each.target for each in shown.view.components if isinstance(each, Action)]
    assert links == [f"segment/{address}" for title, address in lists.items() if held[title]]


def test_what_is_owed_is_added_up_once_for_each_payer(scene, company, one_by_one):
    shown = scene.host.render_card("watch-list/receivables", user="kim")
    erp = scene.host.erp.using("main")
    customers = [row["id"] for row in company.rows("customers")]
    payers = [
        status
        for status in (erp.credit(erp.customer(each)) for each in customers)
        if status.bill_to_id == status.customer_id
    ]
    for component in shown.view.components:
        mine = [status for status in payers if status.currency == component.title]
        owed, late, count = (metric.value for metric in component.metrics)
        assert owed.amount == sum(status.balance.amount for status in mine)
        assert late.amount == sum(status.past_due.amount for status in mine)
        assert count == sum(bool(status.balance.amount) for status in mine)
        assert component.provenance.source == "main"


def tasks(scene, account_id):
    return [
        each
        for each in scene.host.crm.activities(account_id)
        if each.kind == "task" and each.subject.startswith(("Ask for what", "main:"))
    ]


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_the_night_opens_one_task_for_each_account_that_owes_too_long(scene, one_by_one):
    (handle,) = scene.host.jobs().jobs
    assert (handle.address, handle.job.cron) == ("watch-list/overdue", "0 5 * * *")
    for _ in range(2):
        scene.deliver(JOB)
    for account_id, status in one_by_one.items():
        wanted = days_overdue(status, TODAY) >= 30 and status.bill_to_id == status.customer_id
        found = tasks(scene, account_id)
        assert len(found) == wanted, account_id
        if wanted:
            account = scene.host.crm.account(account_id)
            assert found[0].owner_id == account.owner_id
            assert found[0].due_at == datetime(2026, 11, 21, 8, tzinfo=UTC)
            assert f"{status.past_due_since:%d %b %Y}" in found[0].text
            assert str(status.past_due.amount) not in found[0].text


def hold(scene, customer_id, **change):
    with scene.erp.client(headers={"X-Api-Key": "erp-demo-key"}) as office:
        version = office.get(f"/customers/{customer_id}").headers["etag"]
        answer = office.patch(
            f"/customers/{customer_id}", json=change, headers={"If-Match": version}
        )
    assert answer.is_success, answer.text


def changed(customer_id, at=NOW, entity="trading_account", system="main"):
    return RecordChanged(change=a_change(entity, customer_id, system=system, at=at))


def test_a_customer_that_is_put_on_hold_is_told_once_a_month_for_a_reason(scene):
    account, customer = scene.story["account"], "C-10001"
    scene.deliver(changed(customer))
    assert tasks(scene, account) == []
    hold(scene, customer, onHold=True, holdReason="Returned debit")
    for _ in range(3):
        scene.deliver(changed(customer))
    (task,) = tasks(scene, account)
    assert task.subject == "main:C-10001 is on hold"
    assert task.text == "New orders wait until it is released: Returned debit"
    scene.deliver(changed(customer, at=NOW + timedelta(days=31)))
    hold(scene, customer, holdReason="Insolvent")
    scene.deliver(changed(customer))
    assert len(tasks(scene, account)) == 3


def test_other_changes_are_none_of_its_business(scene):
    scene.forget_calls()
    scene.deliver(changed("A-1001", entity="account", system="crm"))
    scene.deliver(changed("C-1", system="elsewhere"))
    assert scene.erp.calls() == scene.crm.calls() == []
