"""One call of one plugin at a port: what is let through, shown, put back and told of."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.connectors.calling import seconds_left, user_agent
from crossdock.errors import AccessDenied, NotFound, RemoteRefused, RemoteUnavailable
from crossdock.host.gateway import Passage, Rights, guarded_crm, guarded_erp, guarded_sync
from crossdock.host.gateway.recent import RecentAnswers
from crossdock.host.systems import Router
from crossdock.ports import CrmPort, ErpPort, Guards, Page, scopes_of
from crossdock.records import (
    Account,
    Acknowledgement,
    Change,
    Contact,
    Contract,
    CreditOutcome,
    CreditStatus,
    DocumentChanged,
    Item,
    Money,
    Opportunity,
    Order,
    OrderEvent,
    Payment,
    PriceRequest,
    Pricing,
    Quote,
    QuoteLine,
    TradingAccount,
    User,
)
from crossdock.synchronising.port import SyncPort

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALL = frozenset({*scopes_of(ErpPort).values(), *scopes_of(CrmPort).values()})
CUSTOMER = TradingAccount(id="C-1", system="main", name="Müller", currency="EUR", phone="+49 1")
ACCOUNT = Account(id="A-1", name="Müller", phone="+49 1", version="3")
CONTACT = Contact(id="P-1", account_id="A-1", last_name="Wolf", email="w@x.example", version="1")
SECRET = f"limit {54321 + 0.09}"
COST = frozenset({"cost", "margin"})
PERSONAL = frozenset({"personal"})


def eur(amount: str) -> Money:
    return Money(amount, "EUR")


LINE = QuoteLine(number=1, item_id="BRG-1", quantity=Decimal(1), unit_cost=eur("7.10"))
QUOTE = Quote(id="Q-1", account_id="A-1", currency="EUR", lines=(LINE,), version="1")
PRICING = Pricing(
    customer_id="C-1", system="main", currency="EUR", on=NOON.date(), lines=(), taxes=(),
    net=eur("0"), tax=eur("0"), gross=eur("0"), rounding="line", residue=eur("0"),
)  # fmt: skip
ITEM = Item(id="BRG-1", name="Bearing", system="main", cost=eur("7.10"))


PAYMENT = Payment(
    id="", system="main", customer_id="C-1", received_on=NOON.date(), amount=eur("1"),
    unapplied=eur("1"),
)  # fmt: skip


class Crm:
    """A CRM that says what it was asked, and what was known of the caller meanwhile."""

    system = "crm"
    guards = Guards()

    def __init__(self):
        self.keeps = {"account": {"name": 100}}
        self.asked = []
        self.saved = []
        self.callers = []

    def _note(self, *asked):
        self.asked.append(asked)
        self.callers.append((user_agent(), seconds_left()))

    def account(self, account_id):
        self._note("account", account_id)
        if account_id == "A-0":
            raise NotFound("no such account", system="crm")
        if account_id == "A-5":
            raise ZeroDivisionError(SECRET)
        if account_id == "A-6":
            raise RemoteUnavailable("the CRM is away", system="crm")
        return evolve(ACCOUNT, id=account_id)

    def accounts(self, search="", *, after=None, limit=50):
        self._note("accounts", search, after, limit)
        if after:
            return Page(items=(), next=None)
        return Page(items=(ACCOUNT, evolve(ACCOUNT, id="A-2", name="Adler")), next="more")

    def contact(self, contact_id):
        self._note("contact", contact_id)
        return CONTACT

    def contacts(self, account_id):
        self._note("contacts", account_id)
        return [CONTACT]

    def quote(self, quote_id):
        self._note("quote", quote_id)
        return QUOTE

    def opportunity(self, opportunity_id):
        self._note("opportunity", opportunity_id)
        return Opportunity(id=opportunity_id, account_id="A-1", name="x", amount=eur("1"))

    def save_account(self, account):
        self.saved.append(account)
        return account

    save_contact = save_quote = save_order = save_account

    def add_order_event(self, order_id, event):
        self.saved.append((order_id, event))

    def secret(self):
        """Not of the port's protocol."""


class Erp:
    system = "main"

    def __init__(self):
        self.asked = []

    def item(self, item_id):
        self.asked.append(item_id)
        if item_id == "BRG-0":
            raise RemoteRefused("cost 7.10 EUR", system="main", status=422, code="")
        return evolve(ITEM, id=item_id)

    def invoices(self, customer, *, since=None, lines=False):
        self.asked.append(customer.id if since is None else (customer.id, since, lines))
        return [f"answer {len(self.asked)}"]

    def items(self, search="", *, after=None, limit=50):
        self.asked.append(f"{self.system} {search}")
        return Page(items=(ITEM,), next=None)

    def price(self, customer, request):
        self.asked.append(request.currency)
        return evolve(PRICING, credit=CreditOutcome(result="ok"))

    def place_order(self, customer, order, *, idempotency_key):
        self.asked.append((customer, order, idempotency_key))
        return Acknowledgement(order=order, reference="x")


class Told:
    """A passage of the plugin `spy`, and what was told of it."""

    def __init__(self, *, scopes=ALL, hidden=frozenset(), **more):
        self.refused = []
        self.observed = []
        self.passage = Passage(
            plugin_id="spy",
            rights=Rights(scopes=scopes, hidden=hidden),
            identity="worker w-1; plugin spy",
            ends=110.0,
            clock=lambda: 100.0,
            refuse=lambda scope, reason: self.refused.append((scope, reason)),
            observe=lambda plugin, operation, seconds, failed: self.observed.append(
                (plugin, operation, 0 <= seconds < 60, failed)
            ),
            **more,
        )
        self.behind = Crm()
        self.behind_erp = Erp()
        self.crm = guarded_crm(self.behind, self.passage)
        self.erp = guarded_erp(Router({"main": self.behind_erp}), self.passage)


def test_a_call_is_made_in_the_plugins_name_within_its_time_and_told_of():
    told = Told()

    assert told.crm.account("A-1") == ACCOUNT
    told.erp.item("BRG-1")

    ((agent, left),) = told.behind.callers
    assert "worker w-1; plugin spy" in agent
    assert 5 < left <= 10
    assert seconds_left() is None
    assert told.observed == [("spy", "crm.account", True, False), ("spy", "erp.item", True, False)]
    assert told.refused == []


def test_a_call_without_its_scope_is_refused_with_what_it_needs():
    told = Told(scopes=ALL - {"crm.accounts:read"})

    with pytest.raises(AccessDenied) as refused:
        told.crm.account("A-1")

    assert str(refused.value) == (
        "worker w-1; plugin spy may not do this: it needs the scope crm.accounts:read, "
        "in its plugin.toml and in a role of the user"
    )
    assert refused.value.scope == "crm.accounts:read"
    assert told.refused == [("crm.accounts:read", "")]
    assert told.observed == [("spy", "crm.account", True, True)]
    assert told.behind.asked == []


def test_a_port_that_was_kept_is_of_no_use():
    told = Told()
    kept = told.crm.account
    told.passage.open = False

    with pytest.raises(AccessDenied) as refused:
        kept("A-1")

    assert str(refused.value) == "this call is over; a port cannot be kept for later"
    assert told.refused == [("crm.accounts:read", "kept")]


def test_only_the_protocols_methods_are_there_and_what_says_how_a_system_is():
    told = Told()

    assert (told.crm.system, told.crm.guards, told.crm.keeps) == (
        "crm", Crm.guards, {"account": {"name": 100}},
    )  # fmt: skip
    assert told.erp.systems == ("main",)
    assert told.crm.account.__name__ == "account"
    assert repr(told.crm.account) == "<account of a port behind the gateway>"
    assert repr(told.crm) == "<a port behind the gateway>"
    for name in ("secret", "nothing", "__dict__", "_note"):
        with pytest.raises(AttributeError, match=f"a port has no '{name}' that plugins can reach"):
            getattr(told.crm, name)
    assert told.refused == [
        ("crm.secret", "plugins cannot reach it"), ("crm._note", "plugins cannot reach it"),
    ]  # fmt: skip
    with pytest.raises(AttributeError, match=r"ctx\.crm has no 'using'"):
        told.crm.using("crm")
    assert told.erp.using("main").item("BRG-1") == ITEM
    with pytest.raises(TypeError):
        told.crm.account()


def test_where_a_port_breaks_its_frames_are_logged_and_not_given_away(caplog):
    told = Told(hidden=frozenset({"credit"}))

    with caplog.at_level(logging.ERROR, logger="crossdock.gateway"):
        with pytest.raises(ZeroDivisionError) as broken:
            told.crm.account("A-5")
        with pytest.raises(NotFound):
            told.crm.account("A-0")

    (record,) = caplog.records
    assert record.getMessage().startswith("account of a port failed with ZeroDivisionError\n")
    assert "in account" in record.getMessage()
    assert SECRET not in record.getMessage()
    assert "_ask" not in [entry.name for entry in broken.traceback]


def test_an_error_is_worded_for_who_may_not_see_its_figures():
    told = Told(hidden=COST)

    with pytest.raises(RemoteRefused, match=r"cost \[hidden\]"):
        told.erp.item("BRG-0")


def test_what_is_written_back_has_what_was_hidden_of_it():
    told = Told(hidden=frozenset({*COST, *PERSONAL}))

    seen = told.crm.account("A-1")
    assert seen.phone is None
    told.crm.save_account(evolve(seen, name="Müller & Co"))
    (person,) = told.crm.contacts("A-1")
    told.crm.save_contact(evolve(person, last_name="Wolff"))

    assert told.behind.saved == [
        evolve(ACCOUNT, name="Müller & Co"), evolve(CONTACT, last_name="Wolff"),
    ]  # fmt: skip
    assert told.behind.asked == [("account", "A-1"), ("contacts", "A-1")]


def test_what_a_plugin_was_called_with_needs_not_be_read_again():
    given = Told(hidden=COST, given={"quote": QUOTE, "user": User(id="U-1", name="Kim")})
    in_a_page = Told(hidden=COST, given={"page": Page(items=(QUOTE,), next=None)})
    seen = evolve(QUOTE, lines=(evolve(LINE, unit_cost=None),))

    for told in (given, in_a_page):
        told.crm.save_quote(seen)

        assert told.behind.saved == [QUOTE]
        assert told.behind.asked == []


def test_another_kind_of_record_with_its_number_is_another_record():
    told = Told(hidden=PERSONAL, given={"contact": evolve(CONTACT, id="A-1")})

    told.crm.save_account(evolve(ACCOUNT, phone=None))

    assert told.behind.saved == [ACCOUNT]


def test_the_document_of_an_event_is_known_and_another_record_of_its_number_is_not():
    order = Order(id="A-1", system="crm", currency="EUR", hold_reason="over by 7.10 EUR")
    event = DocumentChanged(
        change=Change(
            cursor="1", system="crm", entity="order", id="A-1", action="updated", at=NOON
        ),
        document=order,
    )  # fmt: skip
    told = Told(hidden=frozenset({"credit", "personal"}), given={"event": event})

    told.crm.save_order(evolve(order, hold_reason="over by [hidden]"))
    told.crm.save_account(evolve(ACCOUNT, phone=None))

    assert told.behind.saved == [order, ACCOUNT]
    assert told.behind.asked == [("account", "A-1")]


def test_what_has_no_id_is_written_as_it_is():
    told = Told(hidden=frozenset({"credit"}))
    event = OrderEvent(key="k", at=NOON, kind="shipped", title="x", text="7.10 EUR")

    told.crm.add_order_event("R-1", event)

    assert told.behind.saved == [("R-1", event)]


def test_a_record_is_read_where_it_lives():
    one, two = Erp(), Erp()
    one.system, two.system = "one", "two"
    told = Told(hidden=COST)
    router = Router({"one": one, "two": two})

    whole = told.passage.whole("save_item", evolve(ITEM, system="two", cost=None), router)

    assert whole == evolve(ITEM, system="two")
    assert (one.asked, two.asked) == ([], ["BRG-1"])
    # One that names no system is read where the port is; and a CRM's is read there alone.
    alone = Router({"one": one})
    assert told.passage.whole("save_item", evolve(ITEM, system="", cost=None), alone) == evolve(
        ITEM, system=""
    )
    assert one.asked == ["BRG-1"]


def test_what_was_not_read_in_this_call_is_read_as_it_stands():
    told = Told(hidden=frozenset({*COST, *PERSONAL}))

    told.crm.save_account(evolve(ACCOUNT, id="A-7", phone=None))
    told.crm.save_account(evolve(ACCOUNT, id="A-0", phone=None))
    told.crm.save_account(evolve(ACCOUNT, id="", phone=None))

    assert [each.phone for each in told.behind.saved] == ["+49 1", None, None]
    assert told.behind.asked == [("account", "A-7"), ("account", "A-0")]
    told.crm.save_contact(evolve(CONTACT, email=None))
    assert told.behind.saved[-1] == CONTACT
    with pytest.raises(RemoteUnavailable):
        told.crm.save_account(evolve(ACCOUNT, id="A-6", phone=None))


def test_a_record_that_may_be_seen_whole_is_written_without_asking():
    told = Told(hidden=frozenset({"credit"}))

    told.crm.save_account(ACCOUNT)

    assert told.behind.saved == [ACCOUNT]
    assert told.behind.asked == []


def test_a_hidden_field_that_is_set_is_refused_and_written_down():
    told = Told(hidden=PERSONAL)

    with pytest.raises(AccessDenied) as refused:
        told.crm.save_account(evolve(ACCOUNT, phone="+49 2"))

    assert str(refused.value) == (
        "spy sets phone (personal), which it or the user may not see; hand the record back with "
        "that field as it came"
    )
    assert refused.value.scope == "field:personal"
    assert refused.value.__cause__ is None
    assert told.refused == [("field:personal", "save_account: phone")]
    assert told.behind.saved == []


def test_what_cannot_be_read_again_cannot_be_written_blind():
    told = Told(hidden=PERSONAL)

    with pytest.raises(AccessDenied) as refused:
        told.passage.whole("save_user", User(id="U-1", name="Kim"), told.behind)

    assert str(refused.value) == (
        "spy cannot write User U-1: parts of it are hidden, and what stands in them now is not "
        "known; read it in the same call first"
    )
    credit = CreditStatus(customer_id="C-1", system="main", currency="EUR", on_hold=False)
    identified = evolve(PAYMENT, id="PY-1")
    blind = Told(hidden=frozenset({"bank"}))
    with pytest.raises(AccessDenied, match="cannot write Payment PY-1"):
        blind.passage.whole("save_payment", identified, blind.behind)
    contract = Contract(
        id="CT-1", system="main", customer_id="C-1", kind="sla", name="x",
        starts_on=NOON.date(), ends_on=None, annual_value=eur("1"),
    )  # fmt: skip
    dear = Told(hidden=COST)
    with pytest.raises(AccessDenied, match="cannot write Contract CT-1") as refused:
        dear.passage.whole("save_contract", contract, dear.behind)
    assert refused.value.scope == "field:cost"
    assert told.passage.whole("save_credit", credit, told.behind) == credit
    assert told.refused == [("field:personal", "what is hidden is not known")]


def test_what_is_made_new_is_not_looked_for():
    told = Told(hidden=frozenset({"credit", "personal"}))
    order = Order(id="R-1", system="crm", currency="EUR")

    told.erp.place_order(CUSTOMER, order, idempotency_key="k")

    # The customer only says for whom: it is not written, and goes as it was given.
    assert told.behind_erp.asked == [(CUSTOMER, order, "k")]


def test_a_search_of_who_may_not_see_persons_finds_by_what_he_sees():
    told, open_ = Told(hidden=PERSONAL), Told()

    assert [each.id for each in told.crm.accounts("adler").items] == ["A-2"]
    assert told.crm.accounts("adler").next is None
    assert told.crm.accounts("49").items == ()
    assert told.behind.asked[0] == ("accounts", "adler", None, 200)
    # Without words nothing is looked for, and who may see everything may look for everything.
    assert told.crm.accounts("", limit=7).next == "more"
    assert told.behind.asked[-1] == ("accounts", "", None, 7)
    assert len(open_.crm.accounts("adler").items) == 2


def test_the_outcome_of_credit_is_told_of_three_drafts_and_no_more():
    told, open_ = Told(hidden=frozenset({"credit"})), Told()
    request = PriceRequest(currency="EUR", lines=())

    answers = [told.erp.price(CUSTOMER, request).credit is not None for _ in range(5)]

    assert answers == [True, True, True, False, False]
    assert told.passage.credit_answers == 5
    assert all(open_.erp.price(CUSTOMER, request).credit is not None for _ in range(5))
    assert open_.passage.credit_answers == 0


@pytest.fixture
def recent():
    return RecentAnswers(
        20, news=lambda since: (), now=lambda: NOON, store_clock=lambda: NOON
    )  # fmt: skip


def test_a_view_is_given_what_was_answered_a_moment_ago_and_when(recent):
    first, second = Told(recent=recent), Told(recent=recent)

    answer = first.erp.invoices(CUSTOMER)
    assert (answer, first.passage.read_when) == (("answer 1",), {})

    assert second.erp.invoices(CUSTOMER) == answer
    assert second.behind_erp.asked == []
    assert second.passage.read_when == {"main": NOON}
    anew = Told(recent=recent, anew=True)
    anew.erp.invoices(CUSTOMER)
    assert anew.behind_erp.asked == ["C-1"]


def test_what_the_host_remembers_of_pairs_has_rights_of_its_own():
    class Memory:
        system = "crm"
        policy = {"account": {}}  # noqa: RUF012

        def pairs(self, entity, system, record_id):
            return (entity, system, record_id)

    scopes = frozenset(scopes_of(SyncPort).values())
    told, closed = Told(scopes=scopes), Told()

    sync = guarded_sync(Memory(), told.passage)

    assert (sync.system, sync.policy) == ("crm", {"account": {}})
    assert sync.pairs("account", "main", "A-1") == ("account", "main", "A-1")
    assert told.observed == [("spy", "sync.pairs", True, False)]
    with pytest.raises(AccessDenied, match=r"sync\.state:read"):
        guarded_sync(Memory(), closed.passage).pairs("account", "main", "A-1")


def test_of_two_answers_the_older_says_when(recent):
    told = Told(recent=recent, read_when={"main": NOON - timedelta(seconds=9)})
    told.erp.invoices(CUSTOMER)
    told.erp.invoices(CUSTOMER)
    assert told.passage.read_when == {"main": NOON - timedelta(seconds=9)}

    told = Told(recent=recent, read_when={"main": NOON + timedelta(seconds=9)})
    told.erp.invoices(CUSTOMER)
    assert told.passage.read_when == {"main": NOON}


def test_another_question_other_rights_and_another_erp_get_answers_of_their_own(recent):
    told = Told(recent=recent)
    other = evolve(CUSTOMER, id="C-2")

    for customer in (CUSTOMER, other, other):
        told.erp.invoices(customer)
    for _ in range(2):
        told.erp.invoices(CUSTOMER, since=NOON.date(), lines=True)
        told.erp.items("bearing")
        told.erp.items("bolt")

    assert told.behind_erp.asked == [
        "C-1", "C-2", ("C-1", NOON.date(), True), "main bearing", "main bolt",
    ]  # fmt: skip
    blind = Told(recent=recent, hidden=COST)
    blind.erp.invoices(CUSTOMER)
    assert blind.behind_erp.asked == ["C-1"]
    uk = Told(recent=recent)
    uk.behind_erp.system = "uk"
    guarded_erp(Router({"uk": uk.behind_erp}), uk.passage).items("bolt")
    assert uk.behind_erp.asked == ["uk bolt"]


def test_nothing_else_is_given_again(recent):
    told = Told(recent=recent)

    for _ in range(2):
        told.crm.account("A-1")
        told.erp.price(CUSTOMER, PriceRequest(currency="EUR", lines=()))

    assert len(told.behind.asked) == 2
    assert told.behind_erp.asked == ["EUR", "EUR"]


def test_an_answer_that_holds_nothing_hidden_is_the_very_same():
    told = Told(hidden=COST)
    answer = (PRICING,)

    assert told.passage.show(answer) is answer
    assert told.passage.show((PRICING, ITEM)) == (PRICING, evolve(ITEM, cost=None))


def test_the_order_inside_an_acknowledgement_is_remembered_whole():
    told = Told(hidden=frozenset({"credit"}))
    order = Order(id="SO-1", system="main", currency="EUR", hold_reason="over by 7.10 EUR")
    seen = told.passage.show(Acknowledgement(order=order, reference="R-1")).order
    assert seen.hold_reason == "over by [hidden]"

    assert told.passage.whole("change_order", seen, None) == order
    elsewhere = evolve(seen, system="other")
    with pytest.raises(AccessDenied):
        told.passage.whole("change_order", elsewhere, None)
