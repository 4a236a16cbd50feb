"""Every tab of an account with three trading accounts in two currencies, one of whose ERPs is away.

The screenshots are kept beside the test's other files: wide and narrow, light and dark, printed.
"""

from __future__ import annotations

import csv
import io
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import attrs
import httpx
import pytest
import uvicorn

from crossdock.server.desk import DeskSettings, create_desk
from crossdock.testing.dock import Dock
from crossdock.testing.mock import Shelf
from crossdock.testing.setting import Setting
from crossdock_mocks.datasets import DataSet, generate
from crossdock_mocks.datasets.form import FORM
from crossdock_mocks.engine import Fault

Visitor: TypeAlias = Any  # the conftest's

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("desk"),
]


_IN_THE_DARK = ("orders", "overview", "sales")  # and all others in the full run


@attrs.frozen
class Houses:
    """A desk on one CRM and three ERPs, in this process."""

    url: str
    dock: Dock
    account: str

    @property
    def tabs(self) -> list[tuple[str, str]]:
        """The account's tabs: address and title."""
        handles = self.dock.host.account_tabs(self.account, user=self.dock.user("sales"))
        return [(each.address, each.tab.title) for each in handles]


def abroad(data: DataSet) -> DataSet:
    """Give the same company with its books in pounds."""
    header = attrs.evolve(data.header, currency="GBP", company="Albion Bearings Ltd")
    tables = {
        kind: [row | {"currency": "GBP"} if row.get("currency") else row for row in data.rows(kind)]
        for kind in FORM
        if data.count(kind)
    }
    return DataSet.of(header, tables)


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an application from a thread for as long as the block runs."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="on")
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()


@pytest.fixture(scope="module")
def houses(
    require_tool: Callable[[str], str],
    _crossdock_shelf: Shelf,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Houses]:
    require_tool("chromium")
    data = generate(seed=1, scale=0.4)
    setting = Setting.of(
        "erp-tabs",
        erps={"main": "erp", "uk": "erp", "books": "quickbooks"},
        data=data,
        companies={"uk": abroad(generate(seed=2, scale=0.2))},
    )
    with Dock(setting, _crossdock_shelf, tmp_path_factory.mktemp("houses")) as dock:
        account = dock.story["account"]
        boss = dock.user("admin")
        main = dict(dock.host.crm.account(account).external_ids)["main"]
        for ref in (f"main:{main}", "uk:C-10002", f"books:{main}"):
            dock.host.linking.link(account, ref, boss)
        # QuickBooks is away from now on.
        dock.erps["books"].faults.add(Fault("status", status=503))
        desk = create_desk(dock.host, DeskSettings())
        with served(desk) as url:
            yield Houses(url, dock, account)


def test_every_tab_tells_what_it_can_and_says_what_it_cannot(
    houses: Houses,
    seat: Callable[..., Visitor],
    complaints: Callable[[Visitor], list[str]],
    pictures: Path,
    chaos: bool,
) -> None:
    visitor = seat(houses.url)
    visitor.sign_in("Kim")
    found: dict[str, list[str]] = {}
    for address, title in houses.tabs:
        name = address.partition("/")[2]
        visitor.open(f"/accounts/{houses.account}/tabs/{address}")
        told = visitor.text("main")
        assert "of books:" in told, f"{title} does not tell that an ERP is away"
        assert "Traceback" not in told
        if name not in ("quotes", "prices"):  # the CRM's, and of one customer at a time
            assert {"main", "uk"} <= set(re.findall(r"\w+", told)), f"{title} hides the others"
        looks = [(1280, "light"), (420, "light")]
        if chaos or name in _IN_THE_DARK:
            looks.insert(1, (1280, "dark"))
        for width, scheme in looks:
            visitor.scheme(scheme)
            picture(visitor, pictures / f"{name}-{width}-{scheme}.png", width)
            if width < 500:
                wide = "return document.documentElement.scrollWidth - innerWidth"
                assert visitor.driver.execute_script(wide) <= 0, f"{title} is wider than a phone"
            elif wrong := complaints(visitor):
                found[f"{title}, {scheme}"] = wrong
    assert found == {}


def test_a_figure_leads_to_its_documents_which_are_sorted_searched_and_taken_away(
    houses: Houses, seat: Callable[..., Visitor], pictures: Path
) -> None:
    visitor = seat(houses.url, scripts=False)
    visitor.sign_in("Kim")
    visitor.open(f"/accounts/{houses.account}/tabs/erp-tabs/sales?trading_account=main%3AC-10001")

    # A month's figure, the documents that it is made of, and the lines of one.
    figure = visitor.all("tbody .cd-link")[-1]
    shown = figure.text
    visitor.leave_by(figure)
    assert visitor.path.endswith("/tabs/erp-tabs/invoices")
    assert visitor.all("tfoot td")[4].text == shown, "the documents add up to the figure"
    visitor.leave_by(visitor.see("tbody .cd-link"))
    assert visitor.path.startswith("/documents/main/invoice/")
    assert "Unit price" in visitor.text("main")

    # All invoices: sorted by a head, the other way round by the same, searched, page by page.
    visitor.open(
        f"/accounts/{houses.account}/tabs/erp-tabs/invoices?trading_account=main%3AC-10001"
    )
    whole = visitor.text(".cd-pages__extent")
    visitor.follow("Value")
    assert visitor.see("[aria-sort]").get_attribute("aria-sort") == "ascending"
    lowest = visitor.see("tbody tr td:nth-child(7)").text
    visitor.follow("Value")
    assert visitor.see("[aria-sort]").get_attribute("aria-sort") == "descending"
    assert visitor.see("tbody tr td:nth-child(7)").text != lowest
    visitor.follow("Next")
    assert "Page 2 of" in visitor.text(".cd-pages__extent")
    visitor.see(".cd-search__words").send_keys("paid 2026")
    visitor.leave_by(visitor.see(".cd-search__go"))
    assert visitor.text(".cd-pages__extent") != whole
    assert visitor.see("[aria-sort]").get_attribute("aria-sort") == "descending"
    query = httpx.URL(visitor.driver.current_url).params
    assert query["trading_account"] == "main:C-10001", "the filter of the tab is kept"

    # The same rows as a file, with everything that programs need to know about them.
    file = visitor.see(".cd-pages__file").get_attribute("href")
    cookies = {each["name"]: each["value"] for each in visitor.driver.get_cookies()}
    answer = httpx.get(file, cookies=cookies).raise_for_status()
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[:2] == ["Invoice", "Date"]
    assert "Value (EUR)" in head
    assert head[-3:] == ["Source", "Source's account", "As of"]
    values = [row[head.index("Value (EUR)")] for row in rows]
    assert values == sorted(values, key=float, reverse=True)
    assert {row[-3] for row in rows} == {"main"}
    found = visitor.text(".cd-pages__extent")
    assert f"{len(rows)} of" in found

    # On paper there is nothing to press.
    visitor.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        picture(visitor, pictures / "invoices-printed.png", 800)
        assert not visitor.see(".cd-search").is_displayed()
        assert not visitor.see(".cd-pages__file").is_displayed()
        assert visitor.see("tbody").is_displayed()
    finally:
        visitor.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def picture(visitor: Visitor, file: Path, width: int) -> None:
    """Keep a picture of the whole page in a width."""
    visitor.size(width)
    tall = visitor.driver.execute_script("return document.documentElement.scrollHeight")
    visitor.size(width, min(tall, 4000))
    visitor.driver.save_screenshot(str(file))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures are kept: a folder that is named, or one that pytest keeps."""
    named = os.environ.get("CROSSDOCK_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
