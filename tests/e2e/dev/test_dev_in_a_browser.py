"""`crossdock dev`: what is saved is in the page, and what is broken is told there."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import httpx
import psutil
import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from crossdock.demo.processes import Processes

MANIFEST = """
id = "mine"
name = "Mine"
sdk = ">=0.1"
points = ["account_tabs"]
"""
CODE = """
from crossdock import Notice, Tab, View, hookimpl


@hookimpl
def account_tabs():
    return [Tab(id="hello", title="Hello", render=hello)]


def hello(ctx, account, params):
    return View([Notice(text="FIRST " + account.name)])
"""
_SECONDS = 40


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "plugin.toml").write_text(MANIFEST)
    (folder / "plugin.py").write_text(CODE)
    return folder


@pytest.mark.browser
@pytest.mark.kill
def test_what_is_saved_is_shown_and_what_is_broken_is_told_in_page_and_terminal(
    processes: Processes, plugin, chromium_with, tmp_path
):
    dev = processes.start("dev", "dev", str(plugin), "--port", "0", "--json")
    url = dev.ready["url"]
    assert httpx.get(dev.ready["mocks"]["crm"] + "/_mock/health").status_code == 200

    with chromium_with() as driver:
        # A page may be loaded anew between finding what is in it and reading that.
        wait = WebDriverWait(driver, _SECONDS, ignored_exceptions=[WebDriverException])

        def shows(text: str) -> None:
            wait.until(lambda seen: text in seen.find_element(By.TAG_NAME, "body").text)

        driver.get(f"{url}sign-in")
        driver.find_element(By.CSS_SELECTOR, "main form button").click()
        driver.get(f"{url}accounts/A-1001/tabs/mine/hello")
        shows("FIRST")

        (plugin / "plugin.py").write_text(CODE.replace("FIRST", "SECOND"))
        shows("SECOND")  # nobody loaded the page

        (plugin / "plugin.py").write_text(CODE.replace("View([", "View(["[:-1]))
        shows("the code is at fault at plugin.py:11")
        driver.save_screenshot(str(tmp_path / "broken-code.png"))
        shows("SECOND")  # the old one goes on

        (plugin / "plugin.toml").write_text(MANIFEST.replace("account_tabs", "account_tab"))
        shows("the manifest is at fault")

        (plugin / "plugin.toml").write_text(MANIFEST)
        (plugin / "plugin.py").write_text(CODE.replace("FIRST", "THIRD"))
        shows("THIRD")
        assert not driver.find_elements(By.CLASS_NAME, "dev-trouble")

        children = psutil.Process(dev.pid).children(recursive=True)
        os.kill(dev.pid, signal.SIGINT)  # with the page still open, which listens for news
        wait.until(lambda _: not dev.alive())

    said = dev.log.read_text(encoding="utf-8")
    assert '"fault": "code", "place": "plugin.py:11"' in said
    assert '"event": "reloaded"' in said
    assert "Traceback" not in said
    assert children
    assert not psutil.wait_procs(children, timeout=_SECONDS)[1]
