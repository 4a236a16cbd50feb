"""`crossdock sync`: loaded, looked at, rehearsed and compared from a shell."""

from __future__ import annotations

import csv
import json
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock.errors import ConfigError
from crossdock.host import Host
from crossdock.host.sync_rehearsal.recorded import RecordedChanges
from crossdock.host.synchronising.policy_file import read_policy

POLICY = """
[account]
entered_in = "both"

[account.fields]
name = "{name}"
email = "{email}"
phone = "crm"
"""
CHANGES = [
    {
        "pair": ["A-1", "C-1"],
        "crm": {"name": "Acme", "email": ""},
        "erp": {"name": "Acme", "email": ""},
    },
    {"system": "main", "id": "C-1", "at": "2026-10-03", "by": "finn", "name": "=Acme Ltd"},
    {"system": "crm", "id": "A-1", "at": "2026-10-02", "by": "kim", "name": "Acme & Co"},
    {"system": "crm", "id": "A-2", "at": "2026-10-04", "name": "Harbour", "email": "a@h.example"},
    {"system": "crm", "id": "A-2", "at": "2026-10-05", "email": "b@h.example"},
]


@pytest.fixture
def changes(tmp_path):
    """Write last month's changes; gives their file."""
    file = tmp_path / "october.jsonl"
    lines = []
    for each in CHANGES:
        line = dict(each)
        if "pair" not in line:
            line["at"] += "T09:00:00Z"
            line["values"] = {n: line.pop(n) for n in ("name", "email") if n in line}
        lines.append(json.dumps(line))
    file.write_text("\n".join(lines))
    return file


def rows_in(file):
    """Read a CSV."""
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def run(scene, monkeypatch):
    """Run `crossdock sync` over both mocks."""
    host = SimpleNamespace(
        store=scene.store,
        crm=scene.crm,
        erp=scene.erp,
        synchronising=scene.synchronising,
        config=SimpleNamespace(limits={}),
        now=scene.store.clock,
    )
    monkeypatch.setattr(Host, "open", lambda *_a, **_k: nullcontext(host))

    def run_(*arguments, code=0):
        told = CliRunner().invoke(main, ["sync", *map(str, arguments)])
        assert told.exit_code == code, told.output
        return told.stdout if code == 0 else told.output

    return run_


@pytest.fixture
def policy(tmp_path):
    """Give what writes a policy; gives its file."""

    def write(file, **owners):
        path = tmp_path / file
        path.write_text(POLICY.format(**{"name": "erp", "email": "newest", **owners}))
        return path

    return write


def test_a_load_is_rehearsed_then_done_then_looked_at(run, scene, tmp_path):
    before = scene.everything()
    page, table = tmp_path / "page.html", tmp_path / "rows.csv"

    would = json.loads(run("rehearse", "--json", "--html", page, "--csv", table))

    assert scene.everything() == before
    assert scene.store.links.of_crm("crm") == ()
    assert scene.store.proposals.list("crm") == ()
    assert run("status", code=1).endswith("Begin with: crossdock sync load\n")
    html = page.read_text()
    assert html.startswith("<!doctype html>")
    assert "Nothing was written" in html
    assert 'class="cd-' in html
    rows = rows_in(table)
    assert len(rows) == len(would["rows"])

    did = json.loads(run("load", "--json"))

    erp_side, crm_side = did["systems"]
    outcomes = would["outcomes"]
    assert did["succeeded"]
    assert erp_side["created"] == outcomes["create_in_crm"] > 0
    assert crm_side["created"] == outcomes["create_in_erp"] > 0
    assert erp_side["conflict"] == outcomes["conflict"]
    told = run("status")
    assert "24 customers of main read = " in told
    waiting = json.loads(run("review", "--json"))
    assert waiting["waiting"] == len(waiting["pairs"]) == erp_side["review"]
    assert all(each["reasons"] for each in waiting["pairs"])
    assert "crossdock links confirm|reject ACCOUNT CUSTOMER" in run("review")
    assert "Nothing would be done" not in run("rehearse")


def test_policies_are_compared_on_what_both_systems_have(run, policy, tmp_path):
    page = tmp_path / "compared.html"
    mine, theirs = policy("a.toml"), policy("b.toml", name="crm")

    told = json.loads(run("compare", mine, theirs, "--json", "--html", page))

    assert told["looked_at"] == sum(told["outcomes"][str(mine)].values())
    assert {each["field"] for each in told["differences"]} == {"name"}
    (first, *_) = told["differences"]
    assert (first["first"] != first["second"]) or first["why_first"] != first["why_second"]
    assert "Where they differ" in page.read_text()
    assert json.loads(run("compare", mine, mine, "--json"))["differences"] == []


def test_a_policy_is_tried_on_recorded_changes_one_after_the_other(run, policy, changes, tmp_path):
    table = tmp_path / "rows.csv"

    told = json.loads(run("rehearse", "--policy", policy("a.toml"), "--changes", changes,
                          "--json", "--csv", table))  # fmt: skip

    assert told["looked_at"] == 4
    assert told["outcomes"]["create_in_erp"] == 1
    by_kim, by_finn, *_ = told["rows"]
    assert (by_kim["at"][:10], by_finn["at"][:10]) == ("2026-10-02", "2026-10-03")
    assert (by_kim["field"], by_finn["field"]) == ("name", "name")
    assert "to the CRM" in by_kim["does"]  # the ERP owns the name: kim's change is taken back
    assert by_finn["crm"] == "Acme"
    assert any(row["crm"] == "'=Acme Ltd" or row["erp"] == "'=Acme Ltd"
               for row in rows_in(table))  # fmt: skip

    other = run("compare", policy("a.toml"), policy("b.toml", name="crm"), "--changes", changes)
    assert "Where they differ" in other
    assert "First policy" in other


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "holds no changes"),
        (
            '{"at": "2026-10-02T09:00:00", "system": "crm", "id": "A-1", "values": {}}',
            "no time zone",
        ),
        ("{}", "line 1: expected a pair"),
        ("nonsense", "line 1: expected a pair"),
    ],
)  # fmt: skip
def test_a_file_of_changes_that_is_none_is_refused_with_its_line(tmp_path, line, says):
    file = tmp_path / "changes.jsonl"
    file.write_text(line)

    with pytest.raises(ConfigError, match=says):
        RecordedChanges.read(file)
    with pytest.raises(ConfigError, match="cannot be read"):
        RecordedChanges.read(tmp_path / "none.jsonl")


def test_what_a_policy_leaves_out_is_no_difference_but_what_it_owns_is(changes, tmp_path):
    recorded = RecordedChanges.read(changes)
    without = tmp_path / "without.toml"
    without.write_text('[account.fields]\nemail = "newest"\n')

    happened = list(recorded.try_on(read_policy(without)))

    assert {step.field for each in happened for step in each.steps} <= {"email", "name"}
