"""A desk that serves frames, foreign pages that hold them, and a Chromium that looks at both."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from crossdock.demo.processes import Processes
from crossdock.demo.setting import write_configuration
from crossdock.server.embed import EmbedSettings, sign

_HERE = Path(__file__).parent
_PATIENCE_SECONDS = 40.0
_KEY = "a key of the tests, long enough to sign"


class Site:
    """A web site of somebody else, on an origin of its own; keeps count of what it was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, str]] = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                kind, body = site.pages.get(self.path.partition("?")[0], ("", ""))
                content = body.encode()
                self.send_response(200 if kind else 404)
                self.send_header("content-type", f"{kind or 'text/plain'}; charset=utf-8")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    def put(self, path: str, body: str, kind: str = "text/html") -> str:
        self.pages[path] = (kind, body)
        return self.origin + path

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="package")
def crm() -> Iterator[Site]:
    """The CRM's own site, which may hold tabs in frames."""
    site = Site()
    site.put("/favicon.ico", "", "image/x-icon")
    yield site
    site.close()


@pytest.fixture(scope="package")
def stranger() -> Iterator[Site]:
    """A third site, which may not."""
    site = Site()
    site.put("/favicon.ico", "", "image/x-icon")
    yield site
    site.close()


@attrs.frozen
class Stack:
    """Mock CRM, mock ERP and a desk, each a process.

    Attributes:
        config: the host's configuration.
        story: names of what the data set wants played.
    """

    url: str
    config: Path
    story: dict[str, str]
    settings: EmbedSettings

    def link(self, **changes: Any) -> str:
        """Sign a link as the CRM would have it signed."""
        claims = {"tab": "erp-tabs/aging", "record": self.story["account"], "user": "U-kim"}
        claims["origin"] = self.settings.origins[0]
        return self.url + sign(self.settings, **(claims | changes)).url


@pytest.fixture(scope="package")
def stack(
    require_tool: Callable[[str], str], crm: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    require_tool("chromium")  # nobody would look at it otherwise
    folder = tmp_path_factory.mktemp("embedding")
    table = {"keys": {"tests": _KEY}, "origins": [crm.origin]}
    with Processes(folder) as parts:
        mocks = parts.start(
            "mocks", "mock", "crm", "erp", "--json", "--seed", "1", "--scale", "0.2", seconds=120
        )
        systems = mocks.ready["mocks"]
        now = datetime.fromisoformat(mocks.ready["now"])
        config = write_configuration(
            folder, crm_url=systems["crm"], erp_url=systems["erp"], now=now
        )
        with config.open("a", encoding="utf-8") as file:
            file.write(f"\n[embed]\norigins = {json.dumps([crm.origin])}\n")
            file.write(f"[embed.keys]\ntests = {json.dumps(_KEY)}\n")
        desk = parts.start("desk", "desk", "--config", str(config), "--port", "0", "--json")
        url = desk.ready["url"].rstrip("/")
        yield Stack(url, config, mocks.ready["story"], EmbedSettings.from_table(table))


@pytest.fixture(scope="session")
def packages(npm_packages: Callable[[Path], Path]) -> Path:
    """The folder of the npm packages."""
    return npm_packages(_HERE) / "node_modules"


@attrs.define
class Browser:
    """A Chromium."""

    driver: webdriver.Chrome
    axe: str

    def open(self, url: str) -> None:
        self.driver.get(url)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def text(self, css: str = "body") -> str:
        return " ".join(self.driver.find_element(By.CSS_SELECTOR, css).text.split())

    def until(self, holds: Callable[[], object]) -> None:
        WebDriverWait(self.driver, _PATIENCE_SECONDS, poll_frequency=0.1).until(lambda _: holds())

    def into(self, css: str = "iframe") -> None:
        self.driver.switch_to.frame(self.driver.find_element(By.CSS_SELECTOR, css))
        self.until(lambda: self.run("return document.readyState") == "complete")

    def out(self) -> None:
        self.driver.switch_to.default_content()

    def size(self, width: int, height: int = 900) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def scheme(self, name: str) -> None:
        features = [{"name": "prefers-color-scheme", "value": name}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def console(self) -> list[str]:
        """What the browser told since it was asked last."""
        return [
            f"{entry['level']}: {entry['message']}"
            for entry in self.driver.get_log("browser")
            if entry["level"] in ("SEVERE", "WARNING")
        ]

    def complaints(self) -> list[str]:
        """What axe-core finds on the page or in the frame: WCAG A and AA, and best practices."""
        if not self.run("return Boolean(window.axe)"):
            self.run(self.axe)
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {resultTypes: ['violations'], iframes: false})"
            ".then(done, e => done(String(e)));"
        )
        assert isinstance(found, dict), found
        return [
            f"{rule['id']} ({rule['impact']}): {node['html'][:160]}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]


@pytest.fixture(scope="package")
def chromium(
    chromium_with: Callable[..., AbstractContextManager[webdriver.Chrome]], packages: Path
) -> Iterator[Browser]:
    axe = (packages / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    with chromium_with() as driver:
        yield Browser(driver, axe)


@pytest.fixture
def browser(chromium: Browser, tmp_path: Path) -> Iterator[Browser]:
    """A browser as it comes; a picture of the last page is kept."""
    chromium.out()
    chromium.open("about:blank")
    chromium.size(1280)
    chromium.scheme("light")
    chromium.console()
    yield chromium
    chromium.out()
    chromium.driver.save_screenshot(str(tmp_path / "last-page.png"))


@pytest.fixture
def fetch() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30, follow_redirects=True) as client:
        yield client
