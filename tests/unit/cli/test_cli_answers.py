"""What commands answer people and programs of what a host has, and of what it has not."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from crossdock.cli import asking, certify, links, main, plugins
from crossdock.host import Host
from crossdock.points import POINTS
from crossdock.records import Account, SyncConflict, User
from crossdock.testing.rule import Finding, Outcome, Report, Rule

KIM = User(id="U-kim", name="Kim", roles=("sales",))
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
CONFLICT = SyncConflict(
    number=7, entity="account", crm_system="crm", crm_id="A-1", erp_system="main", erp_id="C-1",
    name="Hartmann", account_id="A-1", field="name", crm_value="Hartmann GmbH", erp_value=None,
    agreed_crm="Hartmann", agreed_erp="Hartmann", crm_by="kim", crm_at=AT,
    reason="both sides changed it",
)  # fmt: skip


class _Conflicts:
    def __init__(self) -> None:
        self.asked: list[dict] = []
        self.found: list[SyncConflict] = [CONFLICT]

    def list(self, **wanted):
        self.asked.append(wanted)
        return self.found

    def decide(self, number, take, user, *, value, comment):
        from attrs import evolve

        return evolve(
            CONFLICT, state="decided", take=take, value=value, decided_by=f"user:{user.id}",
            comment=comment,
        )  # fmt: skip


@pytest.fixture
def conflicts(monkeypatch):
    kept = _Conflicts()
    host = SimpleNamespace(
        store=SimpleNamespace(sync_conflicts=kept), synchronising=kept, user=lambda _: KIM
    )
    monkeypatch.setattr(Host, "open", lambda *_, **__: nullcontext(host))
    return kept


def run(*arguments, code=0):
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code == code, done.output
    return done.output


def test_conflicts_are_listed_with_both_values_and_who_wrote_them(conflicts):
    told = run("sync", "conflicts", "--account", "A-1")
    assert told.splitlines() == [
        "7  open  name of Hartmann",
        "  crm        A-1: Hartmann GmbH, changed 2026-11-20 09:30 UTC by kim",
        "  main       there is none any more",
        "  agreed     Hartmann",
        "  why        both sides changed it",
    ]
    assert conflicts.asked == [{"states": ("open",), "account_id": "A-1", "limit": 50}]
    (plain,) = json.loads(run("sync", "conflicts", "--state", "decided", "--json"))
    assert (plain["number"], plain["crm_at"]) == (7, "2026-11-20T09:30:00+00:00")
    conflicts.found = []
    assert "There are no such conflicts." in run("sync", "conflicts")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--take", "crm"], "decided    the value of the crm, by U-kim"),
        (["--value", "Hartmann KG", "--comment", "asked"], "decided    Hartmann KG, by U-kim"),
    ],
)
def test_a_conflict_is_decided_by_a_side_or_a_value(conflicts, arguments, says):
    assert says in run("sync", "decide", "7", "--user", "kim", *arguments)
    decided = json.loads(run("sync", "decide", "7", "--user", "kim", "--json", *arguments))
    assert decided["state"] == "decided"


@pytest.mark.parametrize("arguments", [[], ["--take", "crm", "--value", "x"]])
def test_a_decision_is_one_thing(conflicts, arguments):
    assert "say which value is right" in run("sync", "decide", "7", "--user", "kim", *arguments,
                                             code=2)  # fmt: skip


PLACED = SimpleNamespace(
    reference="R-1001", erp_system="main", customer_id="C-1", state="acknowledged",
    erp_order_id="SO-1", changed_at=AT, evidence=(), intended_at=AT,
)  # fmt: skip


def test_orders_on_their_way_are_told_to_programs_and_none_is_said(monkeypatch):
    found = [PLACED]
    said = []

    def confirm(order, erp_order, *, actor):
        said.append((order, erp_order, actor))
        return PLACED

    host = SimpleNamespace(
        placements=SimpleNamespace(list=lambda **_: found),
        confirm_placement=confirm,
        user=lambda _: KIM,
    )
    monkeypatch.setattr(Host, "open", lambda *_, **__: nullcontext(host))
    monkeypatch.setattr("crossdock.cli.placements._plain", lambda each: {"id": each.reference})
    assert json.loads(run("placements", "list", "--json")) == [{"id": "R-1001"}]
    found.clear()
    assert "There are no such orders." in run("placements", "list")
    told = run("placements", "confirm", "R-1001", "--as", "SO-1", "--user", "kim")
    assert "R-1001  acknowledged  in main for C-1 as SO-1" in told
    assert said == [("R-1001", "SO-1", "user:U-kim")]


@pytest.mark.parametrize("name", sorted(POINTS))
def test_every_extension_point_is_explained_by_order_and_time(name):
    rules = dict(plugins._rules(POINTS[name], {"deadline_seconds": 2.0, "fails": "open"}))
    assert rules["order"]
    assert rules["deadline"].startswith("2 s")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "nothing"),
        ("", "nothing"),
        (Decimal("1.50"), "1.50"),
        (date(2026, 11, 20), "2026-11-20"),
        (("a",), "1 entry"),
        (["a", "b"], "2 entries"),
        (Account(id="A-1", name="Hartmann" * 9), "Account A-1"),
    ],
)
def test_a_field_is_shown_in_a_line(value, shown):
    assert asking._shown(value) == shown


def _rule(name, level="bronze"):
    return Rule(name=name, level=level, needs_mocks=False, text="It holds.\n\nSo.", judge=list)


def test_what_came_of_each_rule_is_told_with_the_level(capsys):
    good = Outcome(rule=_rule("holds"), state="passed")
    bad = Outcome(
        rule=_rule("breaks", "silver"),
        state="failed",
        findings=(Finding(what="it broke", do="mend it", place="plugin.py:3"),),
    )
    skipped = Outcome(rule=_rule("untried", "gold"), state="skipped", reason="no mock")
    for outcome in (good, bad, skipped):
        certify._tell(outcome)
    certify._sum_up(Report(id="p", version="1", outcomes=(good, bad), upto="silver"), "bronze")
    certify._sum_up(Report(id="p", version="1", outcomes=(bad,)), "bronze")
    told = capsys.readouterr().out
    assert "holds" in told
    assert "it broke" in told
    assert "mend it" in told
    assert "skipped: no mock" in told
    assert "  bronze\n" in told
    assert "not certified" in told
    assert good.rule.title == "It holds"


def test_settings_for_a_certification_come_from_a_file(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text("[mine]\nmost = 5\n")
    assert certify._settings(file) == {"mine": {"most": 5}}
    file.write_text("[mine")
    told = run("certify", "nowhere", "--config", str(file), code=1)
    assert "cannot be used" in told


def test_how_far_a_long_look_has_come_is_told_at_a_terminal():
    told = []
    status = SimpleNamespace(start=lambda: told.append("on"), stop=lambda: told.append("off"),
                             update=told.append)  # fmt: skip
    with links._Status(SimpleNamespace(status=lambda _: status)) as tell:
        tell(SimpleNamespace(count=1200, what="accounts read"))
    assert told == ["on", "1,200 accounts read", "off"]
