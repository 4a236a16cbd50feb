"""A quote over the limit waits for a manager, and a worker of later days makes it an order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from crossdock.demo.processes import Process, Processes
from crossdock.demo.setting import write_configuration
from crossdock.host import Host

pytestmark = pytest.mark.browser

_DAY_SECONDS = 24 * 3600
_OFFSET = "offset_seconds"


@attrs.define
class Office:
    """A CRM, an ERP and a desk, where orders over the limit need a manager; workers come later."""

    parts: Processes
    config: Path
    url: str
    erp: str
    story: dict[str, str]
    quote: str = ""

    def worker(self, *, days: float = 0) -> Process:
        """Start a worker; its clock is some days on, as if nobody had started one before."""
        later = self.config.with_name(f"later-{days}.toml")
        text = []
        for line in self.config.read_text().splitlines():
            name, _, value = line.partition(" = ")
            moved = f"{name} = {float(value) + days * _DAY_SECONDS}" if name == _OFFSET else line
            text.append(moved)
        later.write_text("\n".join(text))
        arguments = ("worker", "--config", str(later), "--json")
        return self.parts.start(f"worker {len(self.parts.running)}", *arguments)

    def placed(self, order: str) -> list[dict[str, Any]]:
        """The orders that the ERP made of one of the CRM's."""
        asked = {"operation": "createSalesOrder", "committed": "true"}
        answer = httpx.get(f"{self.erp}/_mock/journal", params=asked).raise_for_status()
        bodies = [json.loads(each["request_body"]) for each in answer.json()["entries"]]
        return [each for each in bodies if each["externalReference"] == order]


@pytest.fixture
def office(require_tool: Callable[[str], str], tmp_path: Path) -> Iterator[Office]:
    require_tool("chromium")
    folder = tmp_path / "office"
    folder.mkdir()
    with Processes(folder) as parts:
        mocks = parts.start(
            "mocks", "mock", "crm", "erp", "--json", "--seed", "1", "--scale", "0.3", seconds=120
        )
        crm, erp = mocks.ready["mocks"]["crm"], mocks.ready["mocks"]["erp"]
        now = datetime.fromisoformat(mocks.ready["now"])
        config = write_configuration(folder, crm_url=crm, erp_url=erp, now=now)
        with config.open("a") as file:
            file.write(
                '\n[plugins.config.credit-policy]\nover_limit = "approve"\n'
                'role = "manager"\n'
                '\n[approvals]\nescalate_after_hours = 24\nescalate_to = "accounting"\n'
            )
        desk = parts.start("desk", "desk", "--config", str(config), "--port", "0", "--json")
        story = mocks.ready["story"]
        with Host.open(config, role="setting") as host:  # the ERP's prices, as Kim saves it
            wanted = host.crm.quote(story["over_limit_quote"])
            saved = host.save_quote(wanted, user="kim").quote
        assert saved is not None
        yield Office(parts, config, desk.ready["url"].rstrip("/"), erp, story, saved.id)


@pytest.fixture
def waiting(office, seat):
    """Kim promotes the quote; it waits. Gives the visitor, who is Kim."""
    visitor = seat(office.url)
    visitor.sign_in("Kim")
    visitor.open(f"/quotes/{office.quote}")
    visitor.press("promote")
    assert "It waits for approval now" in visitor.text()
    assert "Waits for the agreement of manager" in visitor.text(".totals")
    return visitor


def become(visitor, role):
    """Let somebody of a role sit down."""
    visitor.driver.delete_all_cookies()
    visitor.sign_in(role)


def arrived(visitor, office):
    """Wait until the quote is an order that the ERP has; gives the order's id."""
    visitor.until(lambda: (visitor.open("/approvals/AP-1"), visitor.all("a[href^='/orders/']"))[1])
    assert "Ordered as R-" in visitor.text()
    visitor.leave_by(visitor.see("a[href^='/orders/']"))
    order = visitor.path.rpartition("/")[2]
    visitor.until(lambda: (visitor.open(f"/orders/{order}"), "SO-" in visitor.text(".facts"))[1])
    return order


def test_a_manager_agrees_and_days_later_a_worker_makes_it_one_order(office, waiting, look_at):
    visitor = waiting
    look_at(visitor)
    assert not visitor.all(".count")

    become(visitor, "manager")
    assert visitor.text(".count") == "1 waiting for you"
    visitor.leave_by(visitor.see(".rooms a[href='/approvals']"))
    look_at(visitor)
    visitor.leave_by(visitor.see("tbody a"))
    visitor.press("decline")
    assert "Say why" in visitor.text("#f-comment-said")
    assert visitor.focused().get_attribute("name") == "comment"
    look_at(visitor)
    visitor.type("comment", "they always pay")
    visitor.press("approve")
    assert "You approved AP-1" in visitor.text()
    look_at(visitor)
    assert not visitor.all(".count")

    office.worker(days=3)
    order = arrived(visitor, office)
    assert len(office.placed(order)) == 1
    visitor.open(f"/quotes/{office.quote}")
    assert "Approved by" in visitor.text(".totals")
    assert "They always pay." in visitor.text(".totals")
    look_at(visitor)


@pytest.mark.full  # workers are killed at every other place in the normal run
def test_a_worker_that_is_killed_right_after_the_decision_changes_nothing(office, waiting):
    visitor = waiting
    worker = office.worker()
    become(visitor, "manager")
    visitor.open("/approvals/AP-1")
    visitor.press("approve")
    worker.kill()
    office.worker(days=1)
    order = arrived(visitor, office)
    assert len(office.placed(order)) == 1


def test_a_manager_declines_and_the_salesperson_reads_why_without_scripts(
    office, seat, waiting, look_at
):
    visitor = seat(office.url, scripts=False)
    visitor.sign_in("manager")
    visitor.open("/approvals/AP-1")
    visitor.type("comment", "they owe us already")
    visitor.press("decline")
    assert "You declined AP-1" in visitor.text()
    waiting.open(f"/quotes/{office.quote}")
    assert "Declined by" in waiting.text(".totals")
    assert "They owe us already." in waiting.text(".totals")
    look_at(waiting)


def test_what_waits_a_day_is_for_others_too_and_lapses_in_the_end(office, waiting, look_at):
    visitor = waiting
    worker = office.worker(days=2)
    become(visitor, "accounting")
    visitor.until(lambda: (visitor.open("/approvals"), visitor.all("tbody a"))[1])
    visitor.open("/approvals/AP-1")
    assert "manager or accounting" in visitor.text()
    assert visitor.all('button[value="approve"]')
    worker.stop()

    worker = office.worker(days=15)
    become(visitor, "Kim")
    page = f"/quotes/{office.quote}"
    visitor.until(
        lambda: (visitor.open(page), "Nobody answered in time" in visitor.text(".totals"))[1]
    )
    worker.stop()
    look_at(visitor)
    visitor.press("promote")
    assert "Waits for the agreement of manager" in visitor.text(".totals")
