"""Who sits at the desk, and what a stranger or a foreign page cannot do."""

import pytest


def test_a_stranger_is_asked_who_he_is_and_comes_back_to_where_he_wanted(stranger):
    stranger.open("/accounts/A-1002")
    assert stranger.path == "/sign-in"
    stranger.send("/sign-in", user="U-kim", next="/accounts/A-1002")
    assert stranger.path == "/accounts/A-1002"
    assert "Signed in as Kim Aalto" in stranger.text()


def test_only_active_users_can_be_chosen(stranger):
    assert "Olaf Gone" not in stranger.open("/sign-in")
    stranger.send("/sign-in", status=422, user="U-old")
    assert "Choose one of the users." in stranger.text()


def test_switching_the_user_leaves_the_seat(kim):
    kim.open("/accounts")
    kim.send("/sign-out")
    assert kim.path == "/sign-in"
    kim.open("/accounts")
    assert kim.path == "/sign-in"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(stranger, target):
    stranger.open("/sign-in")
    stranger.send("/sign-in", user="U-kim", next=target)
    assert stranger.path == "/accounts"


@pytest.mark.parametrize("token", ["", "guessed"])
def test_a_form_without_the_sessions_token_changes_nothing(kim, host, token):
    kim.open("/accounts/A-1001/quotes/new")
    answer = kim.send(
        "/accounts/A-1001/quotes/new", status=403, csrf_token=token, lines__0__item_id="BRG-1001"
    )
    assert "This form is out of date" in answer
    assert host.crm.all_quotes == {}


def test_a_form_sent_by_a_foreign_page_is_refused_even_with_the_token(kim):
    kim.open("/accounts")
    answer = kim.request(
        "POST",
        "/sign-out",
        data={"csrf_token": kim.token()},
        headers={"sec-fetch-site": "cross-site"},
    )
    assert answer.status_code == 403


def test_the_token_changes_with_the_user(stranger):
    stranger.open("/sign-in")
    before = stranger.token()
    stranger.send("/sign-in", user="U-kim", next="/accounts")
    assert stranger.token() != before


def test_a_cookie_that_was_tampered_with_is_nobody(kim):
    name, value = next(iter(kim.cookies.items()))
    kim.cookies.clear()
    kim.cookies.set(name, "x" + value[1:])
    kim.open("/accounts")
    assert kim.path == "/sign-in"


def test_every_answer_carries_the_security_headers(kim):
    kim.open("/accounts")
    css = kim.html.split('href="/static/desk.css')[1].split('"')[0]
    for path in ("/accounts", "/nothing", f"/static/desk.css{css}"):
        headers = kim.request("GET", path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_pages_are_not_kept_by_browsers_but_named_assets_are(kim):
    kim.open("/accounts")
    assert kim.answer.headers["cache-control"] == "no-store"
    address = kim.html.split('href="/static/desk.css')[1].split('"')[0]
    kim.open(f"/static/desk.css{address}")
    assert "immutable" in kim.answer.headers["cache-control"]


def test_the_desk_answers_to_no_other_host_name(kim):
    answer = kim.request("GET", "/accounts", headers={"host": "rebound.example"})
    assert answer.status_code == 400


def test_no_page_holds_inline_script_or_style(kim):
    for path in ("/accounts", "/accounts/A-1001", "/accounts/A-1001/tabs/erp-tabs/sales"):
        html = kim.open(path)
        assert "<style" not in html
        assert " style=" not in html
        assert "javascript:" not in html
        assert html.count("<script") == html.count("<script src=")
