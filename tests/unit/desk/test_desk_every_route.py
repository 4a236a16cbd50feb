"""Every route of the desk, walked: no form without its token, no answer without protection."""

from __future__ import annotations

import re

import pytest
from starlette.routing import Mount, Route

from crossdock.server.desk.protection import CONTENT_SECURITY_POLICY, MOST_BYTES


def _routes(desk, method):
    return [
        re.sub(r"\{(\w+)\}", lambda found: f"x-{found[1]}", route.path)
        for route in desk.routes
        if isinstance(route, Route) and method in (route.methods or ())
    ]


def test_every_form_without_its_token_is_refused(kim):
    forms = _routes(kim.desk, "POST")
    assert {"/sign-in", "/sign-out", "/quotes/x-quote"} <= set(forms)
    for path in forms:
        for data in ({}, {"csrf_token": "guessed"}, {"csrf_token": ""}):
            answer = kim.request("POST", path, data=data, follow=False)
            assert answer.status_code == 403, path
        asked = {"content-type": "application/json"}
        answer = kim.request("POST", path, content=b"{}", headers=asked, follow=False)
        assert answer.status_code == 403, path


def test_a_stranger_s_forms_are_refused_too(stranger):
    for path in _routes(stranger.desk, "POST"):
        assert stranger.request("POST", path, follow=False).status_code == 403, path


def test_every_answer_is_protected(kim):
    known = (*_routes(kim.desk, "GET"), "/nowhere", "/static/desk.css", "/static/views/nothing.css")
    for path in known:
        headers = kim.request("GET", path, follow=False).headers
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY, path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY", path
        assert headers["referrer-policy"], path
        assert headers["cache-control"], path
        if "/static" not in path:
            assert headers["cache-control"] == "no-store", path
    assert all(isinstance(each, Route | Mount) for each in kim.desk.routes)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_without_end_is_refused(kim, kind):
    body = b"lines.0.item_id=" + b"x" * (MOST_BYTES + 1)
    headers = {"content-type": f"{kind}; boundary=x"}
    answer = kim.request("POST", "/sign-out", content=body, headers=headers, follow=False)
    assert answer.status_code in (400, 413)
