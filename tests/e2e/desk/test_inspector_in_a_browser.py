"""The inspector of a running mock, in a real browser, with scripts and without."""

from __future__ import annotations

import httpx
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]

PAGES = (
    "/_mock/",
    "/_mock/inspect/state/customers",
    "/_mock/inspect/state/customers?key=C-10001",
    "/_mock/inspect/journal",
    "/_mock/inspect/journal?path=/nothing",
    "/_mock/inspect/faults",
    "/_mock/inspect/clock",
    "/_mock/inspect/nothing",
)
SIZES = ((1280, "light"), (360, "dark"))


@pytest.fixture
def mock(visitor_of, stack):
    """A visitor of the mock ERP, which has something to show."""
    httpx.get(f"{stack.erp}/nothing", params={"to": "be found"})
    httpx.post(f"{stack.erp}/_mock/faults", json={"kind": "status", "operation": "listContracts"})

    def sit_down(**options):
        visitor = visitor_of(**options)
        visitor.url = stack.erp
        return visitor

    yield sit_down
    httpx.delete(f"{stack.erp}/_mock/faults").raise_for_status()


@pytest.fixture(autouse=True)
def the_desk_again(browsers, stack):
    """The next test finds its visitor at the desk."""
    yield
    for scripts in (True, False):
        browsers(scripts).url = stack.url


def last_exchange(stack):
    entries = httpx.get(f"{stack.erp}/_mock/journal", params={"path": "/nothing"}).json()["entries"]
    return f"/_mock/inspect/journal/{entries[-1]['number']}"


def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(mock, stack, complaints):
    visitor = mock()
    found = {}
    for path in (*PAGES, last_exchange(stack)):
        visitor.open(path)
        for width, scheme in SIZES:
            visitor.size(width)
            visitor.scheme(scheme)
            said = complaints(visitor)
            needed = visitor.driver.execute_script("return document.documentElement.scrollWidth")
            if said or needed > width:
                found[f"{path}, {width} wide, {scheme}"] = [*said, f"{needed} wide"]
    visitor.console()  # the page that is not there is a 404, of which Chromium complains
    assert found == {}


def test_a_fault_is_added_and_removed_without_scripts(mock, stack):
    visitor = mock(scripts=False)
    visitor.open("/_mock/inspect/faults")
    visitor.type("nth", "2")
    visitor.type("status", "429")
    visitor.leave_by(visitor.see(".sheet button"))
    assert "nth 2, status 429" in visitor.text()
    visitor.leave_by(visitor.all(".rules button")[-1])
    rules = httpx.get(f"{stack.erp}/_mock/faults").json()["faults"]
    assert [rule["operation"] for rule in rules] == ["listContracts"]


def test_controls_are_large_enough_for_a_thumb(mock):
    visitor = mock()
    visitor.size(360)
    for path in PAGES[:-1]:
        visitor.open(path)
        small = [
            control.get_attribute("outerHTML")[:120]
            for control in visitor.all("main button, main input:not([type=checkbox]), main select")
            if control.is_displayed() and control.size["height"] < 40
        ]
        assert small == []
