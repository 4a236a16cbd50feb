"""A plugin's process, served in this one: what it answers, asks, refuses and tells of itself."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from crossdock.decisions import Proceed, Veto
from crossdock.errors import NotFound, NotSupported
from crossdock.host.isolation import child
from crossdock.host.isolation.failures import describe
from crossdock.host.isolation.link import Link
from crossdock.host.isolation.protection import Protections
from crossdock.host.isolation.protocol import Channel, Closed
from crossdock.host.isolation.wire import decode, encode
from crossdock.records import Account, Item, Order, Quote, User
from crossdock.records.plain import to_plain

LIMIT = 1 << 20
KIM = User(id="U-kim", name="Kim", roles=("sales",))
BEARING = Item(id="I-1", name="Bearing", system="main")
ACCOUNT = Account(id="A-1", name="Hartmann")
PARTS: dict[str, Any] = {"system": "crm", "account_id": "A-1", "currency": "EUR"}
ORDER = Order(id="R-1", **PARTS)
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

CODE = """
import threading
from datetime import date
from functools import partial

from crossdock import Proceed, Tab, Veto, hookimpl

kept = []

@hookimpl
def before_quote_save(ctx, quote):
    return globals()[quote.id](ctx)

def says_nothing(ctx):
    return None

def lets_it_pass(ctx):
    return Proceed()

def refuses(ctx):
    return Veto(message=f"not for {ctx.user.name}: {sorted(ctx.hidden)} {ctx.now} {ctx.config}")

def stumbles(ctx):
    raise ValueError("no such price")

def leaves(ctx):
    raise SystemExit(3)

def eats_everything(ctx):
    raise MemoryError("all gone")

def answers_a_lock(ctx):
    return threading.Lock()

def logs(ctx):
    try:
        raise KeyError("price")
    except KeyError:
        ctx.log.warning("no %s", "price", exc_info=True)

def floods(ctx):
    for number in range(1200):
        ctx.log.info("line %d", number)

def asks(ctx):
    assert 0 < ctx.deadline <= 5
    item = ctx.erp.item("I-1")
    east = ctx.erp.using("east")
    assert not hasattr(ctx.erp, "__wrapped__")
    assert "item" in dir(ctx.erp)
    return Veto(message=f"{item.name} {east.item(item_id='I-1').name} {ctx.erp.systems}")

def asks_the_crm_for_another(ctx):
    ctx.crm.using("east")

def asks_for_what_is_missing(ctx):
    ctx.erp.item("I-9")

def asks_of_the_account(ctx):
    account = ctx.crm.account("A-1")
    told = [
        ctx.trading_accounts(account), ctx.trading_account(account, "main:C-1"),
        ctx.links(account), ctx.exchange_rates("EUR", on=date(2026, 11, 20)),
        ctx.account_ids(["main:C-1"]), ctx.read_anew(),
    ]
    return Veto(message=str(told))

def asks_together(ctx):
    found, missing = ctx.together(partial(ctx.erp.item, "I-1"), ctx.crm.stages)
    return Veto(message=f"{found.value.name}, {missing.error}")

def asks_together_for_too_much(ctx):
    first, second = ctx.together(partial(ctx.erp.item, "I-1"), partial(ctx.erp.item, "I-2"))
    return Veto(message=f"{first.value.name} {second.error}")

def asks_together_for_what_is_no_question(ctx):
    ctx.together(lambda: 1)

def keeps_its_port(ctx):
    kept.append(ctx)

def uses_the_kept_port(ctx):
    kept[0].erp.item("I-1")

@hookimpl
def order_promoted(ctx, order):
    if order.id == "R-kept":
        kept.append(ctx)
    elif order.id == "R-late":
        kept[-1].step("place", dict)
    else:
        def fails():
            ctx.crm.account("A-1")
            raise TimeoutError("the ERP is away")
        try:
            ctx.step("place", dict, [("order", "SO-1")]) if order.id == "R-1" else (
                ctx.step("place", fails))
        except Exception as error:
            told = (type(error).__name__, str(error), ctx.idempotency_key)
            raise RuntimeError(repr(told)) from None

def made_for(account):
    return Tab(id="made", title="Made", render=lambda ctx, _: f"for {account.id}")

@hookimpl
def account_tabs(ctx, account):
    if account.id == "A-many":
        return [Tab(id=f"t{n}", title="T", render=lambda ctx, _: None) for n in range(70)]
    if account.id == "A-none":
        return None
    if account.id == "A-text":
        return [Tab(id="made", title="Made", render="not a function")]
    return [made_for(account)]
"""
POINTS = ("before_quote_save", "order_promoted", "account_tabs")


class Host:
    """The host's end: starts a plugin's process in a thread, and speaks to it frame by frame."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self.channel = Channel(ours, LIMIT)
        self.ended: BaseException | None = None
        self._its_end = Channel(theirs, LIMIT)
        self._link = Link(self._its_end, LIMIT)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        self._calls = 0

    def _serve(self) -> None:
        try:
            child._serve_all(self._link, self._link.receive())
        except BaseException as ended:  # noqa: BLE001 - the test looks at it
            self.ended = ended

    def start(self, code: str = CODE, points: tuple[str, ...] = POINTS) -> Any:
        files = {"plugin": ["plugin.py", code]}
        self.channel.send(
            {
                "plugin_id": "tried",
                "code": {"module": "plugin", "package": "", "files": files},
                "points": list(points),
                "config": encode({"limit": 3}),
                "memory_mb": 512,
                "host_pid": os.getpid(),
                "kernel": False,
                "level": logging.INFO,
            }
        )
        return self.heard()

    def heard(self) -> Any:
        return self.channel.receive(time.monotonic() + 20)

    def say(self, point: str, record: Any, *, key: str | None = None, function: Any = None) -> Any:
        """Call it, and give the first thing that it says."""
        self._calls += 1
        frame = {
            "call": self._calls,
            "point": point,
            "args": [encode(record)],
            "ctx": {
                "user": encode(KIM),
                "now": NOW.isoformat(),
                "hidden": ["cost"],
                "key": key,
                "level": logging.DEBUG,
                "seconds": 5.0,
            },
        }
        if function is not None:
            frame["function"] = function
        self.channel.send(frame)
        return self.heard()

    def guard(self, deed: str) -> Any:
        return self.say("before_quote_save", Quote(id=deed, account_id="A-1", currency="EUR"))

    def reply(self, value: Any) -> Any:
        self.channel.send({"reply": encode(value)})
        return self.heard()

    def refuse(self, error: Exception) -> Any:
        self.channel.send({"error": describe(error, with_traceback=False)})
        return self.heard()

    def close(self) -> None:
        self.channel.close()
        self._thread.join(20)
        self._its_end.close()
        assert not self._thread.is_alive()


@pytest.fixture
def unstarted(monkeypatch: pytest.MonkeyPatch):
    """A process whose protections, which would be this one's for good, are left out."""
    monkeypatch.setattr(child, "protect", lambda **_: Protections(names=("limits",)))
    monkeypatch.setattr(child, "watch", lambda refused: None)
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    host = Host()
    yield host
    host.close()
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture
def host(unstarted: Host):
    hello = unstarted.start()
    assert hello["in_force"] == ["limits", "audit_hook"]
    assert hello["hello"]["order_promoted"] == [["ctx", "order"], False, False]
    return unstarted


def message(said: Any) -> str:
    answer = decode(said["answer"])
    assert isinstance(answer, Veto)
    return answer.message


@pytest.mark.parametrize(
    ("code", "points", "said"),
    [
        ("raise OSError('no licence')", POINTS, "its code raised OSError while it was imported"),
        ("x = 1", ("account_tabs",), "its manifest names account_tabs"),
        (CODE, ("account_tabs",), "which its manifest does not name"),
    ],
)
def test_a_plugin_that_cannot_be_imported_says_why(unstarted, code, points, said):
    assert said in unstarted.start(code, points)["failed"]


def test_guards_answer_and_raise_through_the_channel(host):
    assert host.guard("says_nothing") == {"answer": None, "call": 1}
    assert decode(host.guard("lets_it_pass")["answer"]) == Proceed()
    assert message(host.guard("refuses")) == (
        "not for Kim: ['cost'] 2026-11-20 09:30:00+00:00 {'limit': 3}"
    )
    raised = host.guard("stumbles")["raised"]
    assert (raised["class"], raised["message"]) == ("ValueError", "no such price")
    assert raised["place"].startswith("plugin.py line ")
    assert "it raised SystemExit: 3" in host.guard("leaves")["raised"]["message"]
    lock = host.guard("answers_a_lock")["raised"]
    assert lock["class"] == "PluginFault"
    assert "before_quote_save answered what cannot leave its process" in lock["message"]


def test_a_process_without_memory_says_so_and_ends(host, monkeypatch):
    def over(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr(
        child, "os", SimpleNamespace(_exit=over, getpid=os.getpid, urandom=os.urandom)
    )
    said = host.guard("eats_everything")
    assert said["over"] is True
    host._thread.join(20)
    assert isinstance(host.ended, SystemExit)
    assert host.ended.code == child._OUT_OF_MEMORY


def test_log_records_go_to_the_host_and_a_flood_of_them_ends(host):
    level, name, text, (file, _, function) = host.guard("logs")["log"]
    assert (level, name) == (logging.WARNING, "crossdock.plugin.tried")
    assert (file, function) == ("plugin.py", "logs")
    assert text.startswith("no price\nTraceback")
    assert text.endswith("KeyError: 'price'\n")
    assert host.heard()["answer"] is None

    said = [host.guard("floods")]
    while "log" in said[-1]:
        said.append(host.heard())
    assert len(said) == 1_001
    assert said[-2]["log"][2] == "line 999"


def test_ports_are_asked_of_the_host_by_system_and_name(host):
    assert host.guard("asks") == {"ask": ["erp", None, "item", ["I-1"], {}]}
    assert host.reply(BEARING) == {"look": ["erp", "east", "system"]}
    assert host.reply("east") == {"ask": ["erp", "east", "item", [], {"item_id": "I-1"}]}
    assert host.reply(BEARING) == {"look": ["erp", None, "systems"]}
    assert message(host.reply(("main", "east"))) == "Bearing Bearing ('main', 'east')"

    assert host.guard("asks_the_crm_for_another") == {"look": ["crm", None, "using"]}
    assert "cannot reach" in host.refuse(AttributeError("cannot reach"))["raised"]["message"]

    assert "ask" in host.guard("asks_for_what_is_missing")
    raised = host.refuse(NotFound("there is no item I-9", system="main", status=404))["raised"]
    assert (raised["class"], raised["state"]["status"]) == ("NotFound", 404)


def test_what_an_account_is_in_the_erps_is_asked_of_the_host(host):
    assert host.guard("asks_of_the_account") == {"ask": ["crm", None, "account", ["A-1"], {}]}
    account = encode(ACCOUNT)
    assert host.reply(ACCOUNT) == {"accounts": account}
    assert host.reply(()) == {"account": [account, "main:C-1"]}
    assert host.reply(None) == {"links": account}
    assert host.reply(()) == {"rates": ["EUR", encode(date(2026, 11, 20))]}
    assert host.reply(()) == {"customers": ["main:C-1"]}
    assert host.reply({"main:C-1": "A-1"}) == {"anew": True}
    assert message(host.reply(None)) == "[(), None, (), (), {'main:C-1': 'A-1'}, None]"


def test_questions_side_by_side_go_in_one_message_or_one_each_where_that_is_too_large(host):
    first = ["erp", None, "item", ["I-1"], {}]
    assert host.guard("asks_together") == {"together": [first, ["crm", None, "stages", [], {}]]}
    away = describe(NotSupported("no stages here"))
    answers = [{"reply": BEARING}, {"error": away}]
    assert message(host.reply(answers)) == "Bearing, no stages here"

    assert "together" in host.guard("asks_together_for_too_much")
    assert host.refuse(NotSupported("too large")) == {"ask": first}
    assert host.reply(BEARING) == {"ask": ["erp", None, "item", ["I-2"], {}]}
    assert message(host.refuse(NotFound("no I-2", system="main"))) == "Bearing no I-2"

    raised = host.guard("asks_together_for_what_is_no_question")["raised"]
    assert raised["class"] == "TypeError"
    assert "takes methods of ctx.erp and ctx.crm" in raised["message"]


def test_what_is_kept_of_a_call_is_refused_in_the_next_one(host):
    assert host.guard("keeps_its_port")["answer"] is None
    assert host.guard("uses_the_kept_port") == {"refused": "erp.items:read"}
    raised = host.heard()["raised"]
    assert (raised["class"], raised["state"]["scope"]) == ("AccessDenied", "erp.items:read")

    order = "order_promoted"
    assert host.say(order, Order(id="R-kept", **PARTS), key="k1")["answer"] is None
    late = host.say(order, Order(id="R-late", **PARTS), key="k2")["raised"]
    assert "a step cannot be recorded any more" in late["message"]


def test_a_step_is_done_where_the_host_wants_it_done_and_else_remembered(host):
    assert host.say("order_promoted", ORDER, key="k") == {"step": "place"}
    host.channel.send({"run": True})
    assert host.heard() == {"stepped": {"order": "SO-1"}}
    host.channel.send({"plain": {"order": "SO-1"}})
    assert host.heard()["answer"] is None

    assert host.say("order_promoted", ORDER, key="k") == {"step": "place"}
    host.channel.send({"plain": to_plain(BEARING)})  # done by an earlier run
    assert host.heard()["answer"] is None


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        ({"yours": True}, ("TimeoutError", "the ERP is away", "k")),
        ({}, ("StepFailed", "tried three times", "k")),
    ],
)
def test_a_step_that_fails_raises_what_the_host_says_or_its_own(host, answer, raised):
    from crossdock.errors import StepFailed

    failing = Order(id="R-fails", **PARTS)
    assert host.say("order_promoted", failing, key="k") == {"step": "place"}
    host.channel.send({"run": True})
    assert host.heard() == {"ask": ["crm", None, "account", ["A-1"], {}]}
    failed = host.reply(ACCOUNT)["step_raised"]
    assert (failed["class"], failed["message"]) == ("TimeoutError", "the ERP is away")
    told = describe(StepFailed("tried three times", original="TimeoutError"))
    host.channel.send({"error": told, **answer})
    assert host.heard()["raised"]["message"] == repr(raised)


def test_a_tabs_function_is_the_one_that_was_given_or_asked_for_again(host):
    (tab,) = host.say("account_tabs", ACCOUNT)["answer"]
    address = tab["$Tab"]["render"]
    wanted = {"id": "made", "field": "render", "address": address}

    def drawn(record: Any, **changed: Any) -> str:
        said = host.say("account_tabs", record, function={**wanted, **changed})
        return said["answer"] if "answer" in said else said["raised"]["message"]

    other = Account(id="A-2", name="Other")
    assert drawn(other) == "for A-1"  # the very function, and what it was made for
    assert drawn(other, address="of another process") == "for A-2"
    assert drawn(other, address=None) == "for A-2"
    lost = "account_tabs did not name 'made' when it was asked again"
    assert lost in drawn(Account(id="A-none", name="None"), address="gone")

    host.say("account_tabs", Account(id="A-many", name="Many"))  # more than are kept
    assert drawn(other) == "for A-2"
    raised = host.say("account_tabs", Account(id="A-text", name="Text"))["raised"]
    assert "Tab.render must be a function" in raised["message"]


def test_the_process_ends_when_the_host_hangs_up_or_speaks_rubbish(unstarted):
    unstarted.start()
    unstarted.channel.close()
    unstarted._thread.join(20)
    assert isinstance(unstarted.ended, Closed)


def test_the_process_takes_its_channel_from_its_arguments(monkeypatch):
    """`main`, which ends the whole process, with the ends of it replaced."""
    ours, theirs = socket.socketpair()
    words, their_words = os.pipe()
    dumped: list[Any] = []
    ended: list[int] = []
    kept = SimpleNamespace(
        enable=dumped.append, register=lambda number, file: dumped.append((number, file))
    )
    monkeypatch.setattr(child, "faulthandler", kept)
    monkeypatch.setattr(child, "os", SimpleNamespace(fdopen=os.fdopen, _exit=ended.append))
    start = {"channel": theirs.detach(), "last_words": their_words, "limit": LIMIT}
    channels: list[Channel] = []
    monkeypatch.setattr(
        child, "Channel", lambda *taken: channels.append(Channel(*taken)) or channels[-1]
    )
    monkeypatch.setattr(sys, "argv", ["-c", orjson.dumps(start).decode()])
    ours.close()

    child.main()

    assert ended == [0]
    assert dumped == [dumped[0], (signal.SIGUSR2, dumped[0])]
    channels[0].close()
    dumped[0].close()
    os.close(words)
