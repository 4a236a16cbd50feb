"""What a frame shows, where it may stand, and what it says where it cannot show its tab."""

import asyncio
from contextlib import asynccontextmanager
from urllib.parse import urljoin

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from crossdock.server.embed import beside, sign

ORIGIN = "https://crm.example"


@pytest.fixture
def link(settings, clock):
    def make(**changes):
        claims = {"tab": "erp-tabs/aging", "record": "A-1001", "user": "U-kim", "origin": ORIGIN}
        return sign(settings, **(claims | {"now": clock.now} | changes)).url

    return make


def policy(frame):
    parts = (each.split() for each in frame.headers["content-security-policy"].split("; "))
    return {name: values for name, *values in parts}


def test_a_tab_is_shown_for_the_user_of_the_link(show, link, host):
    frame = show(link(params={"as_of": "2026-10-31"}))

    assert frame.status == 200
    assert "As of 2026-10-31, by due_date." in frame.text
    assert "€1,234.50" in frame.text
    assert host.asked[0][:3] == ("erp-tabs/aging", "A-1001", "U-kim")
    assert "&lt;script&gt;x&lt;/script&gt;" in frame.html


def test_it_may_stand_in_the_page_of_the_link_and_in_no_other(show, link):
    frame = show(link(origin="https://other.example"))

    assert policy(frame)["frame-ancestors"] == ["https://other.example"]
    assert "x-frame-options" not in frame.headers


def test_nothing_is_loaded_from_elsewhere_and_no_cookie_is_set(show, link):
    frame = show(link())

    assert policy(frame)["default-src"] == ["'none'"]
    assert policy(frame)["script-src"] == policy(frame)["style-src"] == ["'self'"]
    assert "set-cookie" not in frame.headers
    assert frame.headers["cache-control"] == "no-store"
    assert frame.headers["referrer-policy"] == "no-referrer"


def test_the_reader_changes_a_parameter_and_the_link_expires_no_later(show, link, clock):
    url = link(params={"as_of": "2026-10-31"})
    clock.now += 500

    changed = show(url, as_of="2026-09-30", basis="posted", evil="x")

    assert changed.status == 200
    assert "As of 2026-09-30, by posted." in changed.text
    assert changed.url != url
    clock.now += 100
    assert show(changed.url).status == 410


def test_a_parameter_is_taken_back_to_its_default(show, link):
    frame = show(link(params={"basis": "posted"}), basis="", as_of="")

    assert "As of None, by due_date." in frame.text


def test_a_parameter_that_cannot_be_read_is_told_beside_the_form(show, link):
    frame = show(link(), as_of="soon")

    assert frame.status == 422
    assert "'soon' is not a day such as 2026-11-21" in frame.text
    assert 'name="as_of" value="soon" type="text"' in frame.html  # a date field would hide it


def test_a_view_leads_to_its_own_tab_and_to_no_other(show, link):
    url = link()
    frame = show(url)

    assert list(frame.links) == ["Last month"]
    assert "See the margin" not in frame.html
    again = show(urljoin(url, frame.links["Last month"]))
    assert "As of 2026-10-31" in again.text


def test_an_expired_link_says_so_in_its_frame_and_nothing_of_the_data(show, link, clock, host):
    url = link()
    clock.now += 600

    frame = show(url)

    assert frame.status == 410
    assert "This view has expired" in frame.text
    assert policy(frame)["frame-ancestors"] == [ORIGIN]
    assert "Aging" not in frame.html
    assert host.asked == []


def test_a_changed_link_says_so_and_asks_nothing(show, link, host):
    url = link()

    frame = show(url[:-5] + ("AAAAA" if not url.endswith("AAAAA") else "BBBBB"))

    assert frame.status == 403
    assert "This link is not good" in frame.text
    assert host.asked == []


def test_a_link_that_strayed_is_not_opened_in_a_window(show, link, host):
    frame = show(link(), dest="document")

    assert frame.status == 403
    assert "belongs into your CRM" in frame.text
    assert host.asked == []
    assert show(link(), dest=None).status == 200  # a browser too old to say


def test_rights_are_those_of_the_moment(show, link, host):
    url = link(tab="erp-tabs/margin", user="U-ada")
    assert "€99.00" in show(url).text

    host.people["U-ada"] = host.people["U-kim"]

    frame = show(url)
    assert frame.status == 403
    assert "€99" not in frame.html


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"user": "U-old"}, 403, "not yours to see"),
        ({"user": "U-nobody"}, 404, "not there any more"),
        ({"record": "A-9"}, 404, "not there any more"),
        ({"tab": "erp-tabs/nothing"}, 403, "not yours to see"),
        ({"tab": "erp-tabs/margin"}, 403, "not yours to see"),
    ],
)
def test_what_the_user_cannot_have_is_told_without_data(show, link, changes, status, says):
    frame = show(link(**changes))

    assert frame.status == status
    assert says in frame.text
    assert not [value for value in changes.values() if value in frame.html]


def test_a_system_that_is_away_is_told_without_its_words(show, link, host):
    host.away = True

    frame = show(link())

    assert frame.status == 503
    assert "does not answer" in frame.text
    assert "crm.internal" not in frame.html
    assert frame.links["Try again"] == ""


def test_a_mistake_of_ours_is_a_page_with_a_reference(show, link, host, caplog):
    host.broken = True

    frame = show(link())

    assert frame.status == 500
    assert "secret of the plugin" not in frame.html
    reference = frame.text.rpartition(" under ")[2].rstrip(".")
    assert f"({reference})" in caplog.text


def test_a_tab_of_a_contact_is_shown(show, link):
    frame = show(link(tab="erp-tabs/calls", record="P-1", subject="contact"))

    assert "Called." in frame.text


def test_the_stylesheets_and_the_script_come_from_the_same_place(show, ask, link, app):
    url = link()
    frame = show(url)

    for name, kind in (
        ("crossdock.css", "text/css"),
        ("embed.css", "text/css"),
        ("embed.js", "text/javascript"),
    ):
        start = frame.html.index(f"../static/{name}")
        address = frame.html[start : frame.html.index('"', start)]
        answer = ask(app, urljoin(url, address).removeprefix("/embed"))
        assert answer.headers["content-type"].startswith(kind)
        assert "immutable" in answer.headers["cache-control"]
    assert ask(app, "/static/settings.py").status_code == 404
    assert ask(app, "/static/..%2Fapp.py").status_code == 404


def test_a_desk_beside_the_frames_gives_them_neither_cookies_nor_headers(app, ask, link):
    def see(request):
        request.session["user"] = "U-kim"
        return PlainTextResponse("desk", headers={"x-frame-options": "DENY"})

    ended = []

    @asynccontextmanager
    async def lifespan(_app):
        yield
        ended.append(True)

    cookies = Middleware(SessionMiddleware, secret_key="s" * 32)
    desk = Starlette(routes=[Route("/accounts", see)], middleware=[cookies], lifespan=lifespan)
    both = beside(desk, app, hosts=("crossdock.example",))
    in_a_frame = {"sec-fetch-dest": "iframe", "cookie": "session=x"}

    assert ask(both, "/accounts").text == "desk"
    frame = ask(both, link(), headers=in_a_frame)
    assert frame.status_code == 200
    assert not {"set-cookie", "x-frame-options"} & set(frame.headers)
    assert ask(both, link(), headers=in_a_frame | {"host": "evil.example"}).status_code == 400

    async def live():
        async with both.router.lifespan_context(both):
            assert not ended

    asyncio.run(live())
    assert ended


def test_only_reading_is_answered(app, ask, link):
    answer = ask(app, link().removeprefix("/embed"), method="POST")

    assert answer.status_code == httpx.codes.METHOD_NOT_ALLOWED
