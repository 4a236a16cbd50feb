"""`crossdock audit`: the trail is read, and its exit code says whether it is whole."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from crossdock.cli import main
from crossdock.host.store import Store

_CONFIG = """
[crm]
system = "crm"
url = "http://127.0.0.1:1"
client_id = "crossdock"
client_secret = "secret"

[erp.main]
system = "erp"
url = "http://127.0.0.1:1"
api_key = "key"

[store]
url = "sqlite:///host.db"
"""


@pytest.fixture
def store(tmp_path):
    (tmp_path / "crossdock.toml").write_text(_CONFIG)
    with Store.open(f"sqlite:///{tmp_path / 'host.db'}") as opened:
        for day, actor, subject in ((20, "user:U-kim", "D-1"), (21, "worker:w-1", "D-2")):
            opened.audit.append(
                actor=actor,
                action="delivery.retried",
                subject=subject,
                detail={"cause": "the customer is on hold"},
                at=datetime(2026, 11, day, tzinfo=UTC),
            )
        yield opened


@pytest.fixture
def audit(tmp_path, store):
    def run(*arguments, exit_code=0):
        config = str(tmp_path / "crossdock.toml")
        done = CliRunner().invoke(main, ["audit", *arguments, "--config", config])
        assert done.exit_code == exit_code, done.output
        return done.output

    return run


def test_lines_are_listed_by_subject_actor_action_and_instant(audit):
    def listed(*arguments):
        return [each["subject"] for each in json.loads(audit("list", "--json", *arguments))]

    assert listed() == ["D-1", "D-2"]
    assert listed("--limit", "1") == ["D-2"]
    assert listed("--subject", "D-1") == ["D-1"]
    assert listed("--actor", "worker:w-1") == ["D-2"]
    assert listed("--action", "delivery.") == ["D-1", "D-2"]
    assert listed("--action", "delivery") == []
    assert listed("--since", "2026-11-21") == ["D-2"]
    assert listed("--since", "2026-11-20T00:00:01Z") == ["D-2"]
    assert listed("--since", "1s") == []
    assert "neither a day" in audit("list", "--since", "yesterday", exit_code=2)
    text = audit("list")
    assert "user:U-kim  delivery.retried  D-1  cause: the customer is on hold" in text
    assert audit("list", "--subject", "D-9") == "There are no such lines.\n"


def test_a_whole_trail_verifies_and_tells_the_head_to_be_kept(audit, store):
    head = store.audit.head().hash
    assert f"whole: 2 lines.\nHead: {head} (line 2)" in audit("verify")
    assert "whole" in audit("verify", "--head", head)
    assert "no line has the hash that you kept" in audit("verify", "--head", "0" * 63, exit_code=1)


def test_a_broken_trail_fails_and_names_the_first_wrong_line(audit, store):
    with store.writing() as connection:
        connection.execute(sa.text("DROP TRIGGER crossdock_audit_no_update"))
        connection.execute(sa.text("UPDATE crossdock_audit SET actor = 'x' WHERE sequence = 2"))
    assert "broken: line 2 was changed" in audit("verify", exit_code=1)
    document = json.loads(audit("verify", "--json", exit_code=1))
    assert document["whole"] is False
    assert document["lines"] == 1
    assert document["broken"]["kind"] == "changed"
