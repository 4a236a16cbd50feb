"""A job on a schedule is run by real workers: once for each occurrence, and after one died."""

from __future__ import annotations

import textwrap
from datetime import timedelta

import pytest

from crossdock.records import JobDue

CRON = "*/30 * * * *"
CODE = """
    import os, time
    from pathlib import Path
    from crossdock import Job, hookimpl

    FOLDER = Path(__file__).parent

    def write(line):
        with (FOLDER / "ledger").open("a") as ledger:
            ledger.write(line + "\\n")
        return line

    def tidy(ctx):
        ctx.step("first", write, f"first {os.getpid()} {ctx.idempotency_key}")
        write("recorded")
        while not (FOLDER / "go").exists():
            time.sleep(0.02)
        account = ctx.step("read", lambda: ctx.crm.accounts(limit=1).items[0])
        ctx.step("second", write, f"second {account.id}")

    @hookimpl
    def scheduled_jobs(ctx):
        return [Job(id="tidy", cron="CRON", run=tidy)]
"""
MANIFEST = """
    id = "tidy-up"
    name = "Tidy up"
    sdk = ">=0.1"
    version = "3.1"
    points = ["scheduled_jobs"]
    scopes = ["crm.accounts:read"]
"""


@pytest.fixture
def plugin(tmp_path):
    """The folder of a plugin whose job waits for a file between its steps."""
    folder = tmp_path / "tidy-up"
    folder.mkdir()
    (folder / "plugin.py").write_text(textwrap.dedent(CODE).replace("CRON", CRON))
    (folder / "plugin.toml").write_text(textwrap.dedent(MANIFEST))
    return folder


@pytest.fixture
def scene(stage_with, plugin):
    """A stage whose store says that the job was last due three hours ago."""
    stage = stage_with(plugin)
    since = (stage.host.now() - timedelta(hours=3)).isoformat()
    stage.host.store.watermarks.move("scheduled jobs", f"{since} {CRON}", "tidy-up/tidy")
    return stage


def lines(plugin, word):
    ledger = plugin / "ledger"
    written = ledger.read_text().splitlines() if ledger.exists() else []
    return [line.split() for line in written if line.startswith(word)]


def test_of_six_missed_occurrences_two_workers_do_the_latest_once(scene, plugin):
    (plugin / "go").touch()
    for _ in range(2):
        scene.start_worker()
    scene.until(lambda: lines(plugin, "second"))
    scene.until(lambda: scene.host.deliveries.counts() == {"done": 1})

    (delivery,) = scene.host.deliveries.list()
    now = scene.host.now()
    due = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
    assert scene.host.deliveries.event(delivery.id) == JobDue(
        plugin_id="tidy-up", job_id="tidy", due_at=due
    )
    assert (delivery.subject, delivery.plugin_version) == ("tidy-up/tidy", "3.1")
    assert len(lines(plugin, "first")) == len(lines(plugin, "second")) == 1


def test_a_job_goes_on_where_a_dead_worker_left_it(scene, plugin):
    first = scene.start_worker()
    scene.until(lambda: lines(plugin, "recorded"))
    first.kill()
    (plugin / "go").touch()
    scene.start_worker()
    scene.until(lambda: scene.host.deliveries.counts() == {"done": 1})
    assert len(lines(plugin, "first")) == 1  # what was recorded was not done again
    assert len(lines(plugin, "second")) == 1
