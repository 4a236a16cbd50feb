"""The whole stack as processes of its own, and a Chromium that walks through its desk."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from crossdock.demo.processes import Processes
from crossdock.demo.setting import write_configuration
from crossdock.host.placements.rows import Rows
from crossdock.host.store import Store

_HERE = Path(__file__).parent
_PATIENCE_SECONDS = 40.0


@attrs.frozen
class Stack:
    """Mock CRM, mock ERP, worker and desk, each a process.

    Attributes:
        url: the desk.
        story: names of what the data set wants played: user, quote, over_limit_quote.
    """

    url: str
    crm: str
    erp: str
    story: dict[str, str]
    store: str

    def journal(self, operation: str) -> list[dict[str, Any]]:
        """What the mock ERP was asked to do and did."""
        asked = {"operation": operation, "committed": "true"}
        answer = httpx.get(f"{self.erp}/_mock/journal", params=asked).raise_for_status()
        entries: list[dict[str, Any]] = answer.json()["entries"]
        return entries

    def doubt(self, order: str) -> None:
        """Let nobody know any more whether the ERP has an order."""
        with closing(Store.open(self.store)) as store:
            rows = Rows(store)
            placement = rows.find("crm", order)
            assert placement is not None
            rows.move(placement, "possibly_created", "not found; it is not looked for any longer")

    def erp_goes_away(self) -> None:
        rule = {"kind": "drop_before"}
        httpx.post(f"{self.erp}/_mock/faults", json=rule).raise_for_status()

    def erp_comes_back(self) -> None:
        httpx.delete(f"{self.erp}/_mock/faults").raise_for_status()


@pytest.fixture(scope="package")  # a worker that nobody needs any more would go on polling
def stack(
    require_tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    require_tool("chromium")  # nobody would look at it otherwise
    folder = tmp_path_factory.mktemp("stack")
    with Processes(folder) as parts:
        mocks = parts.start(
            "mocks", "mock", "crm", "erp", "--json", "--seed", "1", "--scale", "0.5", seconds=120
        )
        crm, erp = mocks.ready["mocks"]["crm"], mocks.ready["mocks"]["erp"]
        now = datetime.fromisoformat(mocks.ready["now"])
        more = ("data-quality", "opportunity-discipline", "watch-list")
        config = str(
            write_configuration(
                folder, crm_url=crm, erp_url=erp, now=now, more=more,
                # Most of the time there is nothing to do for it.
                poll_seconds=0.3, feed_seconds=0.5,
            )
        )  # fmt: skip
        parts.start("worker", "worker", "--config", config, "--json")
        desk = parts.start("desk", "desk", "--config", config, "--port", "0", "--json")
        store = f"sqlite:///{folder}/host.db"
        yield Stack(desk.ready["url"].rstrip("/"), crm, erp, mocks.ready["story"], store)


@attrs.define
class Visitor:
    """Somebody in front of a Chromium."""

    driver: webdriver.Chrome
    url: str

    def open(self, path: str) -> None:
        self.driver.get(self.url + path)

    def sign_in(self, name: str) -> None:
        self.open("/sign-in")
        self.leave_by(next(each for each in self.all(".person") if name in each.text))

    def see(self, css: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def all(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def field(self, name: str) -> WebElement:
        return self.driver.find_element(By.NAME, name)

    def type(self, name: str, text: str) -> None:
        field = self.field(name)
        field.clear()
        field.send_keys(text)

    def press(self, value: str) -> None:
        """Press the button of that value and wait for the page that it leads to."""
        while True:
            try:
                return self.leave_by(self.see(f'button[value="{value}"]:not(.enter)'))
            except StaleElementReferenceException:
                continue  # the page put a new one in its place just then, as it keeps itself fresh

    def write_quote(self, account: str, find: str = "bearing") -> None:
        """Begin a quote with the first item found; it is not saved yet."""
        self.open(f"/accounts/{account}/quotes/new")
        self.type("find", find)
        self.press("find")
        self.leave_by(self.see(".found button"))

    def follow(self, text: str) -> None:
        self.leave_by(self.driver.find_element(By.LINK_TEXT, text))

    def leave_by(self, element: WebElement) -> None:
        """Click, and wait until another document is there in full."""
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        self.leaving(element.click)

    def leaving(self, act: Callable[[], object]) -> None:
        """Do something that leads to another page, and wait for that page."""
        page = self._born()
        act()
        self.until(lambda: self._born() != page)
        self.until(lambda: self.driver.execute_script("return document.readyState") == "complete")

    def _born(self) -> float:
        """When the document came to be: no two documents share it."""
        born: float = self.driver.execute_script("return performance.timeOrigin")
        return born

    @property
    def path(self) -> str:
        return httpx.URL(self.driver.current_url).path

    def text(self, css: str = "main") -> str:
        return " ".join(self.see(css).text.split())

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds; what is being replaced meanwhile is looked at again."""
        WebDriverWait(
            self.driver,
            _PATIENCE_SECONDS,
            poll_frequency=0.1,
            ignored_exceptions=[StaleElementReferenceException],
        ).until(lambda _driver: holds())

    def size(self, width: int, height: int = 900) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def scheme(self, name: str) -> None:
        features = [{"name": "prefers-color-scheme", "value": name}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def keys(self, *keys: str) -> None:
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def focused(self) -> WebElement:
        return self.driver.switch_to.active_element

    def console(self) -> list[str]:
        """What the browser complained of since it was asked last."""
        return [
            f"{entry['level']}: {entry['message']}"
            for entry in self.driver.get_log("browser")
            if entry["level"] in ("SEVERE", "WARNING")
        ]


@pytest.fixture(scope="package")
def browsers(
    chromium_with: Callable[..., AbstractContextManager[webdriver.Chrome]],
) -> Iterator[Callable[[bool], webdriver.Chrome]]:
    """Give a browser with or without scripts; the same one when asked again."""
    with ExitStack() as opened:
        yield functools.cache(lambda scripts: opened.enter_context(chromium_with(scripts=scripts)))


_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember of a test that it failed, for those who clear up behind it."""
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


@pytest.fixture
def seat(
    browsers: Callable[[bool], webdriver.Chrome], request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[..., Visitor]]:
    """Sit a new visitor down at a desk; no complaint is allowed.

    A picture of the last page is kept where the test failed.
    """
    seen: list[Visitor] = []

    def sit_down(url: str, *, scripts: bool = True) -> Visitor:
        visitor = Visitor(browsers(scripts), url)
        visitor.driver.delete_all_cookies()
        visitor.size(1280)
        visitor.scheme("light")
        visitor.open("/sign-in")
        visitor.console()
        seen.append(visitor)
        return visitor

    yield sit_down
    if request.node.stash.get(_FAILED, True):
        for visitor in seen:
            visitor.driver.save_screenshot(str(tmp_path / "last-page.png"))
    assert [visitor.console() for visitor in seen] == [[] for _ in seen]


@pytest.fixture
def visitor_of(seat: Callable[..., Visitor], stack: Stack) -> Callable[..., Visitor]:
    """Sit a new visitor down at the desk of the stack."""

    def sit_down(*, scripts: bool = True) -> Visitor:
        return seat(stack.url, scripts=scripts)

    return sit_down


@pytest.fixture
def visitor(visitor_of: Callable[..., Visitor]) -> Visitor:
    return visitor_of()


@pytest.fixture(scope="session")
def axe(npm_packages: Callable[[Path], Path]) -> str:
    """The source of axe-core."""
    source = npm_packages(_HERE) / "node_modules" / "axe-core" / "axe.min.js"
    return source.read_text(encoding="utf-8")


@pytest.fixture
def complaints(axe: str) -> Callable[[Visitor], list[str]]:
    """Ask axe-core about the page that a visitor sees: WCAG A and AA, and best practices."""

    def ask(visitor: Visitor) -> list[str]:
        if not visitor.driver.execute_script("return Boolean(window.axe)"):
            visitor.driver.execute_script(axe)
        found = visitor.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {resultTypes: ['violations']}).then(done, e => done(String(e)));"
        )
        assert isinstance(found, dict), found
        return [
            f"{rule['id']} ({rule['impact']}): {node['html'][:160]}"
            f" {json.dumps([check['message'] for check in node['any'] + node['all']])[:300]}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    return ask


@pytest.fixture
def look_at(complaints: Callable[[Visitor], list[str]]) -> Callable[[Visitor], None]:
    """Look at a page wide and narrow, in light and in dark."""

    def look(visitor: Visitor) -> None:
        for width, scheme in ((1280, "light"), (360, "dark")):
            visitor.size(width)
            visitor.scheme(scheme)
            assert not complaints(visitor)
            wide = visitor.driver.execute_script("return document.documentElement.scrollWidth")
            assert wide <= width
        visitor.size(1280)
        visitor.scheme("light")

    return look
