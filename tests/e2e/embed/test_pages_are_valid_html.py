"""Every page that we serve, and every component, before the Nu Html Checker (the W3C's)."""

import json
import re
import subprocess
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest

from crossdock.render.html import render_html

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("embed"),
]

_MOST_OF_A_KIND = 3
_MOST_PAGES = 60
_ID = re.compile(r"(?<=/)[A-Z]{1,3}-[\w-]+|(?<=/)[0-9a-f-]{12,}")
# What somebody else wrote is shown as it was written: it is not for us to compose its accents.
_THEIRS = "not in Unicode Normalization Form C"
SHELL = (
    "<!doctype html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n<title>A view</title>\n"
    "</head>\n<body>\n<main>\n<h1>A page</h1>\n<h2>A part</h2>\n{}\n</main>\n</body>\n</html>\n"
)


@pytest.fixture(scope="module")
def check(require_tool, packages, tmp_path_factory):
    """Judge documents by name; give what the checker says, a line for each."""
    java = require_tool("java")
    jar = packages / "vnu-jar" / "build" / "dist" / "vnu.jar"

    def judge(documents):
        folder = tmp_path_factory.mktemp("pages")
        names = {}
        for number, (name, text) in enumerate(documents.items()):
            file = folder / f"{number}.html"
            file.write_bytes(text.encode())
            names[file.as_uri().removeprefix("file://")] = name
        command = [java, "-jar", str(jar), "--format", "json", "--stdout", "--exit-zero-always"]
        done = subprocess.run(
            [*command, str(folder)], capture_output=True, text=True, timeout=300, check=True
        )
        return "\n".join(
            f"{names[urlsplit(each['url']).path]}: {each['message']} [{each.get('extract', '')}]"
            for each in json.loads(done.stdout)["messages"]
            if _THEIRS not in each["message"]
        )

    return judge


@pytest.fixture(scope="module")
def pages(stack):
    """Every kind of page of the desk, as somebody finds them who follows every link."""
    import httpx

    found = {}
    with httpx.Client(base_url=stack.url, timeout=30, follow_redirects=True) as client:
        found["/sign-in"] = client.get("/sign-in").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', found["/sign-in"]).group(1)
        client.post("/sign-in", data={"csrf_token": token, "user": "U-kim", "next": "/accounts"})
        account, quote = stack.story["account"], stack.story["quote"]
        pending = ["/accounts", f"/accounts/{account}", f"/quotes/{quote}", "/deliveries"]
        pending += [f"/accounts/{account}/quotes/new", "/nothing", "/accounts/A-none"]
        pending += [f"/accounts/{account}/tabs/erp-tabs/aging?as_of=soon", "/accounts?search=zzz"]
        kinds = {}
        while pending and len(found) < _MOST_PAGES:
            # What is of a kind not seen yet goes first: tables lead to themselves in many orders.
            pending.sort(key=lambda path: kinds.get(_ID.sub("*", path.partition("?")[0]), 0))
            path = pending.pop(0)
            kind = _ID.sub("*", path.partition("?")[0])
            if path in found or kinds.get(kind, 0) >= _MOST_OF_A_KIND:
                continue
            kinds[kind] = kinds.get(kind, 0) + 1
            answer = client.get(path)
            if not answer.headers["content-type"].startswith("text/html"):
                continue
            found[path] = answer.text
            for href in re.findall(r'<a [^>]*?href="([^"]+)"', answer.text):
                target = urljoin(str(answer.url), unescape(href))
                if target.startswith(stack.url + "/") and "#" not in target:
                    pending.append(target.removeprefix(stack.url))
        form = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', found[f"/quotes/{quote}"]))
        wrong = {unescape(k): unescape(v) for k, v in form.items()} | {
            "lines.0.item_id": "no-such-item", "do": "save",
        }  # fmt: skip
        found["a quote that was refused"] = client.post(f"/quotes/{quote}", data=wrong).text
        found["a form of somebody else"] = client.post(f"/quotes/{quote}", data={}).text
    return found


def test_every_page_of_the_desk_is_valid(pages, check):
    kinds = {_ID.sub("*", path.partition("?")[0]) for path in pages}
    assert {
        "/sign-in", "/accounts", "/accounts/*", "/accounts/*/tabs/erp-tabs/overview",
        "/accounts/*/quotes/new", "/quotes/*", "/deliveries", "/nothing",
    } <= kinds  # fmt: skip
    assert any(kind.startswith("/documents/") for kind in kinds)

    assert check(pages) == ""


def test_every_page_of_a_frame_is_valid(stack, fetch, check):
    frames = {
        tab: stack.link(tab=f"erp-tabs/{tab}")
        for tab in ("overview", "aging", "credit", "sales", "orders", "invoices")
    }
    frames["unreadable"] = stack.link(params={"as_of": "soon"})
    frames["expired"] = stack.link(now=1_000_000_000)
    frames["changed"] = stack.link()[:-6]
    frames["gone"] = stack.link(record="A-none")

    assert check({name: fetch.get(url).text for name, url in frames.items()}) == ""


def test_every_component_is_valid_whatever_stands_in_it(hostile_texts, view_of, check):
    views = {
        name: SHELL.format(render_html(view_of(text), href=lambda *_: "/somewhere"))
        for name, text in {"words": "some words", **hostile_texts}.items()
    }

    assert check(views) == ""
