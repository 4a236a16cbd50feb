"""Answers of ERPs that are good for a moment, before anything is wired to them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import define, evolve

from crossdock import Metrics, Notice, Provenance, View
from crossdock.errors import RemoteUnavailable
from crossdock.host.deliveries.events import ITEMS, concerns
from crossdock.host.gateway.dating import dated
from crossdock.host.gateway.recent import RecentAnswers, question
from crossdock.host.store import Store
from crossdock.host.store.news import Heard
from crossdock.ports import Page
from crossdock.records import Change, RecordChanged, TradingAccount

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CUSTOMER = TradingAccount(id="C-1", system="main", name="Müller", currency="EUR")
OTHER = evolve(CUSTOMER, id="C-2")


class Erp:
    """Counts how often it is asked."""

    system = "main"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def invoices(self, customer, *, since=None, lines=False):
        self.asked.append(customer.id)
        return [f"answer {len(self.asked)}"]


@define
class Lines:
    """A record with two lines."""

    lines: tuple[str, ...] = ("a", "b")


class Moment:
    """The clock of host and store, which is moved by hand."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.passed)


@pytest.fixture
def moment() -> Moment:
    return Moment()


@pytest.fixture
def store(tmp_path, moment):
    with Store.open(f"sqlite:///{tmp_path}/store.db", clock=moment.now) as opened:
        yield opened


@pytest.fixture
def recent(store, moment) -> RecentAnswers:
    return RecentAnswers(
        20,
        news=store.news.since,
        now=moment.now,
        store_clock=moment.now,
        most_records=10,
    )


@pytest.fixture
def ask(recent):
    erp = Erp()

    def ask_(customer=CUSTOMER, profile="sales", *, anew=False, **kwargs):
        recent.catch_up()
        asked = question(profile, erp, "invoices", (customer,), kwargs)
        return recent.ask(asked, lambda: erp.invoices(customer, **kwargs), anew=anew)

    ask_.erp = erp
    return ask_


def test_an_answer_is_given_again_for_a_moment_and_says_when_it_was_read(ask, moment):
    assert ask() == (("answer 1",), None)
    moment.passed = 19
    assert ask() == (("answer 1",), NOON)
    moment.passed = 20
    assert ask() == (("answer 2",), None)
    moment.passed = 10  # a clock that was set back
    assert ask() == (("answer 3",), None)


def test_another_question_is_another_answer_however_the_customer_was_read(ask):
    first, _ = ask()
    assert first == ask(evolve(CUSTOMER, default=True))[0]
    assert first != ask(OTHER)[0]
    assert first != ask(lines=True)[0]
    assert first != ask(since=date(2026, 1, 1))[0]
    assert first != ask(evolve(CUSTOMER, currency="USD"))[0]


def test_what_was_read_with_some_rights_is_nothing_for_others(ask):
    assert ask(profile="sales") != ask(profile="accounting")
    assert len(ask.erp.asked) == 2


def test_news_of_a_customer_outdate_its_answers_and_nobody_elses(ask, store, moment):
    ask(), ask(OTHER)
    moment.passed = 5
    store.news.tell("main", "C-1")
    moment.passed = 6

    assert ask() == (("answer 3",), None)
    assert ask(OTHER) == (("answer 2",), NOON)
    assert ask()[1] == NOON + timedelta(seconds=6)  # those news are older than this answer


def test_news_of_another_system_or_of_items_are_none_of_a_customers(ask, store, moment):
    ask()
    moment.passed = 1
    store.news.tell("uk", "C-1")
    store.news.tell("main", ITEMS)

    assert ask()[1] == NOON


def test_what_is_of_every_customer_is_outdated_by_any_of_them_and_items_by_items(recent, moment):
    erp = Erp()
    heard = []
    recent._news = lambda _since: heard

    def ask(method, *args):
        recent.catch_up()
        return recent.ask(question("sales", erp, method, args, {}), lambda: method)[1]

    def all_of_them():
        return [
            ask("credit", CUSTOMER),
            ask("items"),
            ask("customer", "C-1"),
            ask("invoices", OTHER),
        ]

    all_of_them()
    moment.passed = 1
    heard.append(Heard("main", "C-1", moment.now()))
    assert all_of_them() == [None, NOON, None, NOON]
    heard[:] = [Heard("main", ITEMS, moment.now())]
    assert all_of_them()[1] is None


def test_who_asks_for_it_anew_gets_it_and_so_does_the_next(ask, moment):
    ask()
    moment.passed = 3
    assert ask(anew=True) == (("answer 2",), None)
    assert (("answer 2",), NOON + timedelta(seconds=3)) == ask()


def test_the_oldest_answers_make_room_and_one_that_is_too_large_is_not_kept(recent):
    erp = Erp()

    def ask(number, answer):
        customer = evolve(CUSTOMER, id=f"C-{number}")
        asked = question("sales", erp, "orders", (customer,), {})
        return recent.ask(asked, lambda: answer)[1]

    ask(1, ("a",) * 6)
    ask(2, ("b",) * 6)
    assert ask(2, ()) == NOON
    assert ask(1, ("a",)) is None
    ask(3, ("c",) * 10)
    assert ask(3, ()) is None


def test_records_are_counted_with_their_lines_and_as_many_are_kept_as_there_is_room_for(recent):
    erp = Erp()
    three = Page(items=(Lines(),) * 3)

    def ask(number, answer, *, anew=False):
        asked = question("sales", erp, "orders", (evolve(CUSTOMER, id=f"C-{number}"),), {})
        return recent.ask(asked, lambda: answer, anew=anew)[1]

    ask("full", three)
    assert ask("full", ()) == NOON
    ask("more", Page(items=(*three.items, ())))
    assert ask("more", "one") is None  # it is put in the place of the first, as there is no more
    assert ask("full", "one") is None
    for number in range(8):
        ask(number, "one")
    assert [ask(each, "") for each in ("more", "full", 0, 7)] == [NOON] * 4

    ask("next", "one")
    assert ask("more", "one") is None
    assert ask(0, "one") == NOON


def test_an_answer_in_the_place_of_another_is_the_youngest_and_counted_once(recent):
    erp = Erp()

    def ask(number, count, *, anew=False):
        asked = question("sales", erp, "orders", (evolve(CUSTOMER, id=f"C-{number}"),), {})
        return recent.ask(asked, lambda: ("x",) * count, anew=anew)[1]

    ask("a", 3), ask("b", 4), ask("a", 3, anew=True)
    assert [ask("a", 0), ask("b", 0)] == [NOON, NOON]
    ask("c", 1)  # there is room for one, and this is two with its list
    assert [ask("a", 3), ask("c", 1)] == [NOON, NOON]
    assert ask("b", 0) is None


def test_news_of_the_instant_in_which_it_was_asked_outdate_an_answer(ask, store):
    ask()
    store.news.tell("main", "C-1")

    assert ask() == (("answer 2",), None)


def test_an_error_is_never_kept(recent):
    asked = question("sales", Erp(), "orders", (CUSTOMER,), {})

    def away():
        raise RemoteUnavailable("the ERP is away", system="main")

    with pytest.raises(RemoteUnavailable):
        recent.ask(asked, away)
    assert recent.ask(asked, lambda: "there again") == ("there again", None)


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("stock", ("ITEM-1",)),
        ("changes", (None,)),
        ("order", ("SO-1",)),
        ("orders_by_reference", ("R-1",)),
    ],
)
def test_what_must_be_true_of_this_instant_is_never_kept(method, args):
    assert question("sales", Erp(), method, args, {}) is None


def test_a_call_that_no_erp_was_chosen_for_is_left_to_the_router():
    several = Erp()
    several.system = ""

    assert question("sales", several, "items", (), {}) is None


@pytest.mark.parametrize(
    ("entity", "told"),
    [("trading_account", ("main", "C-9")), ("item", ("main", ITEMS)), ("account", None)],
)
def test_what_an_event_of_a_record_is_about(entity, told):
    change = Change(system="main", entity=entity, id="C-9", action="updated", at=NOON, cursor="7")

    assert concerns(RecordChanged(change=change)) == told


def test_a_view_says_when_its_figures_were_really_read():
    read = NOON - timedelta(seconds=9)

    def metrics(source, as_of, note=""):
        told = Provenance(source=source, as_of=as_of, note=note)
        return Metrics(metrics=[], provenance=told)

    view = View(
        [
            metrics("main, uk", NOON),
            metrics("uk", NOON),
            metrics("main", date(2026, 1, 31), "by due date"),
            Notice(text="nothing to date"),
        ]
    )

    both, other, of_a_day, notice = dated(view, {"main": read}).components

    assert both.provenance.as_of == read
    assert other.provenance.as_of == NOON
    assert of_a_day.provenance.as_of == date(2026, 1, 31)
    assert of_a_day.provenance.note == "by due date; read at 11:59:51 UTC"
    assert notice is view.components[3]
    assert dated(view, {}) is view


@pytest.mark.parametrize(
    ("method", "args", "about"),
    [
        ("invoices", (CUSTOMER,), "C-1"),
        ("customer", ("C-7",), "C-7"),
        ("customers", (), "*"),
        ("credit", (CUSTOMER,), "*"),
        ("item", ("BRG-1",), "#items"),
    ],
)
def test_an_answer_is_about_who_has_to_have_news_for_it_to_be_out_of_date(method, args, about):
    asked = question("sales", Erp(), method, args, {})

    assert (asked.about, asked.system, asked.method, asked.profile) == (
        about, "main", method, "sales",
    )  # fmt: skip
