"""The pages under /_mock/, as a browser without scripts asks for them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx
import pytest

from crossdock_mocks.engine import Fault, MockTransport


class Page(HTMLParser):
    """What of a page matters here: its links, its forms, and whether anything comes from afar."""

    def __init__(self, text):
        super().__init__()
        self.links, self.forms, self.loads, self.text, self.tags = [], [], [], text, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        if tag == "a":
            self.links.append(given["href"])
        elif tag == "form":
            self.forms.append((given["method"], given["action"]))
        self.loads += [given[name] for name in ("src", "srcset", "data") if name in given]
        if tag == "link":
            self.loads.append(given["href"])


@pytest.fixture
def browser(app, world):
    transport = MockTransport(app, world)
    with httpx.Client(transport=transport, base_url="http://b", follow_redirects=True) as client:
        yield client


def send(browser, path, **fields):
    return browser.post(path, data=fields, headers={"Origin": "http://b"})


def pages(browser):
    """Every page that links lead to, and what it holds."""
    found, waiting = {}, ["/_mock/"]
    while waiting:
        path = waiting.pop()
        if path in found or path.startswith("#") or path.endswith(".yaml"):
            continue
        answer = browser.get(path)
        assert answer.status_code == 200, path
        found[path] = Page(answer.text)
        waiting += found[path].links
    return found


def test_links_lead_to_pages_that_load_nothing_from_elsewhere_and_need_no_script(browser, world):
    browser.get("/loaves/L-9")
    world.faults.add(Fault("status", operation="bake"))
    found = pages(browser)
    assert {"/_mock/inspect/journal/1", "/_mock/inspect/state/loaves"} <= found.keys()
    for path, page in found.items():
        assert page.loads == ["data:,"], path
        assert "script" not in page.tags, path
        assert page.tags.count("h1") == page.tags.count("main") == 1, path


def test_a_page_may_load_and_run_nothing(browser):
    policy = browser.get("/_mock/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy


def test_the_overview_tells_state_latest_exchanges_and_faults(browser, world):
    browser.get("/loaves/L-9")
    world.faults.add(Fault("drop_after_commit", operation="bake", nth=2))
    text = browser.get("/_mock/").text
    assert re.search(r">loaves</a> <span class=\"num\">3<", text)
    assert "/loaves/L-9" in text
    assert ">refused<" in text
    assert "drop after commit" in text


def test_a_table_shows_its_rows_whole_and_finds_one_by_its_key(browser):
    whole = browser.get("/_mock/inspect/state/loaves").text
    assert "&#34;baked_on&#34;: &#34;2026-01-02&#34;" in whole
    one = browser.get("/_mock/inspect/state/loaves?key=L-2").text
    assert ("L-2" in one, "L-3" in one) == (True, False)
    assert "There is no row L-9" in browser.get("/_mock/inspect/state/loaves?key=L-9").text


def test_a_long_table_goes_on_on_the_next_page(browser, world):
    rows = ({"id": f"X-{n:03}", "kind": "rye", "weight": 1} for n in range(60))
    world.table("loaves").insert_many(rows)
    first = Page(browser.get("/_mock/inspect/state/loaves").text)
    (more,) = [link for link in first.links if "after=" in link]
    assert "X-059" not in first.text
    assert "X-059" in browser.get(more).text


def test_what_came_from_a_client_is_text_and_never_markup(browser):
    browser.post("/loaves", json={"kind": "<script>alert(1)</script>"})
    browser.get("/<img src=x>")
    for page in pages(browser).values():
        assert not {"script", "img"} & set(page.tags)


def test_the_journal_is_filtered(browser):
    for path in ("/loaves/L-9", "/nothing", "/window"):
        browser.get(path)

    def shown(query):
        page = Page(browser.get(f"/_mock/inspect/journal?{query}").text)
        return sorted(int(link.rsplit("/", 1)[1]) for link in page.links if "/journal/" in link)

    assert shown("") == [1, 2, 3]
    assert shown("path=%2Fno") == [2]
    assert shown("operation=window&status=&verdict=") == [3]
    assert shown("status=404") == [2]
    assert shown("committed=true") == []


def test_an_exchange_shows_both_sides_with_secrets_masked(browser):
    browser.post("/loaves", json={"kind": "rye"}, headers={"Authorization": "Bearer flour"})
    text = browser.get("/_mock/inspect/journal/1").text
    assert "is required" in text
    assert "&#34;kind&#34;: &#34;rye&#34;" in text
    assert "flour" not in text


def test_a_fault_is_added_and_removed_by_form(browser, world):
    added = send(
        browser, "/_mock/inspect/faults", kind="status", operation="window", nth="2", status="429",
        retry_after="7", every="", seconds="",
    )  # fmt: skip
    assert added.url.path == "/_mock/inspect/faults"
    assert world.faults.rules == (
        Fault("status", operation="window", nth=2, status=429, retry_after=7),
    )
    send(browser, "/_mock/inspect/faults", kind="drop_before", operation="eat")
    send(browser, "/_mock/inspect/faults/remove", position="0")
    assert [rule.kind for rule in world.faults.rules] == ["drop_before"]
    send(browser, "/_mock/inspect/faults/remove")
    assert world.faults.rules == ()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "status", "nth": "two"}, "nth is a number, not two."),
        ({"kind": "latency_before"}, "needs seconds above 0"),
        ({"kind": "explode"}, "explode"),
        ({"kind": "status", "status": "200"}, "599"),
    ],
)
def test_a_fault_that_cannot_be_is_told_and_what_was_typed_stays(browser, world, fields, said):
    answer = send(browser, "/_mock/inspect/faults", times="5", **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert re.search(r'name="times" value="5"', answer.text)
    assert world.faults.rules == ()


def test_the_clock_is_set_advanced_frozen_and_started_by_form(browser, world):
    def now(**fields):
        send(browser, "/_mock/inspect/clock", **fields)
        return world.now.isoformat()

    assert now(do="day") == "2026-03-05T05:06:07+00:00"
    assert now(do="set", now="2026-12-24T18:00") == "2026-12-24T18:00:00+00:00"
    assert now(do="set", now="2026-12-24T18:00+01:00") == "2026-12-24T17:00:00+00:00"
    now(do="tick")
    assert world.clock.ticking
    now(do="freeze")
    assert not world.clock.ticking
    wrong = send(browser, "/_mock/inspect/clock", do="set", now="tea time")
    assert wrong.status_code == 422
    assert "The clock cannot be set so" in wrong.text


def test_the_world_is_reset_and_the_journal_forgotten_by_form(browser, world):
    browser.get("/window")
    world.table("loaves").delete("L-1")
    send(browser, "/_mock/inspect/journal/forget")
    assert len(world.journal) == 0
    send(browser, "/_mock/inspect/reset")
    assert len(world.table("loaves")) == 3


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://b", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_form_that_another_site_sends_is_refused(browser, world, headers):
    world.faults.add(Fault("status"))
    answer = browser.post("/_mock/inspect/faults/remove", headers=headers)
    assert answer.status_code == 403
    assert len(world.faults.rules) == 1


def test_another_world_is_looked_into_by_its_name_and_links_stay_in_it(browser, world):
    world.worlds.create("mine")
    world.worlds.get("mine").table("loaves").delete("L-1")
    page = Page(browser.get("/_mock/?world=mine").text)
    assert re.search(r">loaves</a> <span class=\"num\">2<", page.text)
    assert "/_mock/inspect/journal?world=mine" in page.links
    send(browser, "/_mock/inspect/clock?world=mine", do="day")
    assert world.worlds.get("mine").now > world.now


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/_mock/inspect/state/cakes", 404),
        ("/_mock/inspect/state/loaves?after=x", 404),
        ("/_mock/inspect/journal/77", 404),
        ("/_mock/inspect/journal/x", 404),
        ("/_mock/inspect/nothing", 404),
        ("/_mock/inspect/reset", 405),
        ("/_mock/?world=none", 404),
    ],
)
def test_what_is_not_there_is_told_on_a_page(browser, path, status):
    answer = browser.get(path)
    assert answer.status_code == status
    assert "Back to the overview" in answer.text


def test_looking_is_not_entered_in_the_journal(browser, world):
    pages(browser)
    assert len(world.journal) == 0
