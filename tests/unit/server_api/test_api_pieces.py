"""Pieces of the side-car by themselves: words for errors, settings, forms of answers, threads."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace

import httpx
import pytest

from crossdock import errors
from crossdock.errors import ConfigError
from crossdock.server.api import events
from crossdock.server.api.operations import check_complete
from crossdock.server.api.pool import ClientGone, Pool
from crossdock.server.api.problems import Problem, Wrong, problem_of
from crossdock.server.api.rates import Buckets
from crossdock.server.api.settings import ApiSettings, Rate, TokenSettings
from crossdock.server.api.shield import Shield
from crossdock.server.api.tokens import BadToken, KeysAway, Tokens

FIELD = errors.FieldError("lines.0.item_id", "is not sold any more")
REMOTE = {"system": "main", "status": 400}


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.NotFound("no order SO-1", **REMOTE), 404, "not_found"),
        (errors.UnknownApproval("no approval 7"), 404, "not_found"),
        (errors.ApprovalRefused("not yours"), 409, "approval_refused"),
        (errors.LinkConflict("it is A-2's"), 409, "link_conflict"),
        (errors.PlacementConflict("it is placed"), 409, "placement_conflict"),
        (errors.DeliveryChanged("it moved"), 412, "stale"),
        (errors.EditRefused([FIELD]), 422, "edit_refused"),
        (errors.NotEditable("it is done"), 409, "not_editable"),
        (errors.NotAway("it answers"), 409, "not_away"),
        (errors.NotRetriable("it is done"), 409, "not_retriable"),
        (errors.Stale("read it again", **REMOTE), 409, "conflict"),
        (errors.AccessDenied("not yours", scope="x"), 403, "access_denied"),
        (errors.NotSupported("no returns"), 501, "not_supported"),
        (errors.RemoteUnavailable("no", **REMOTE), 503, "system_away"),
        (errors.RemoteRejectedData("no", fields=[FIELD], **REMOTE), 422, "refused_by_system"),
        (errors.RemoteUnauthorized("no", **REMOTE), 502, "system_unauthorized"),
        (errors.RemoteMisbehaved("no", **REMOTE), 502, "system_misbehaved"),
        (errors.ConfigError("no"), 422, "unprocessable"),
        (errors.PluginFault("no", plugin_id="p", point="x"), 500, "plugin_fault"),
        (errors.StepFailed("no", original="X"), 500, "host_failed"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else None,
)
def test_every_error_of_the_host_has_its_status_and_code(error, status, code):
    problem = problem_of(error, "/quote")
    assert (problem.status, problem.code) == (status, code)
    assert problem.detail == str(error)


def test_what_a_system_says_of_a_field_points_into_the_body():
    refused = errors.RemoteRejectedData("no", fields=[FIELD], **REMOTE)
    (wrong,) = problem_of(refused, "/quote").errors
    assert wrong == Wrong(pointer="/quote/lines/0/item_id", message=FIELD.message)


def test_who_is_away_says_when_to_come_back():
    def wait(seconds: float | None) -> str:
        away = errors.RemoteUnavailable("away", retry_after=seconds, **REMOTE)
        return problem_of(away).headers["retry-after"]

    assert [wait(None), wait(0.2), wait(40.4)] == ["2", "1", "40"]


_KEY = {"scopes": ["tabs:read"]}
_LONG = "s" * 40


@pytest.mark.parametrize(
    ("server", "says"),
    [
        ({"keys": {"crm": _KEY}}, "needs either sha256 or secret"),
        ({"keys": {"crm": {**_KEY, "secret": "short"}}}, "has fewer than"),
        (
            {"keys": {"a": {**_KEY, "secret": _LONG}, "b": {**_KEY, "secret": _LONG}}},
            "are the same key",
        ),
        ({"senders": {"crm": {"secret": "whsec_!", "events": ["x"]}}}, "is not of the form whsec_"),
        ({"jwt": {"jwks_url": "https://x", "jwks_file": "y"}}, "needs either jwks_url or"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_with_the_place(server, says):
    with pytest.raises(ConfigError, match=says):
        ApiSettings.of(server)


def test_a_key_may_stand_as_its_secret():
    (key,) = ApiSettings.of({"keys": {"crm": {**_KEY, "secret": _LONG}}}).keys
    assert (key.name, len(key.digest)) == ("crm", 64)


def _token_settings(**given) -> TokenSettings:
    return TokenSettings(issuer="https://i", audience="a", algorithms=("RS256",), **given)


def test_a_file_without_keys_is_told_when_it_is_opened(tmp_path):
    file = tmp_path / "keys.json"
    file.write_text('{"keys": "none"}')
    with pytest.raises(ConfigError, match="holds no keys"):
        Tokens(_token_settings(jwks_file=file))


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (httpx.Response(302, headers={"Location": "https://x"}), "302"),
        (httpx.Response(200, content=b"[]"), "no JSON Web Key Set"),
        (httpx.Response(200, content=b" " * 2_000_000), "too long"),
    ],
)
def test_an_issuer_that_gives_no_keys_is_away(answer, says):
    settings = _token_settings(jwks_url="https://issuer.test/keys")
    tokens = Tokens(settings, transport=httpx.MockTransport(lambda _: answer))
    with pytest.raises(KeysAway, match=says):
        tokens.claims("a.b.c")
    with pytest.raises(KeysAway, match="did not answer just now"):
        tokens.claims("a.b.c")
    with pytest.raises(BadToken, match="too long"):
        tokens.claims("x" * 100_000)


class _Port:
    """An ERP that says which document it was asked for."""

    def __getattr__(self, name):
        return lambda number: (name, number)


@pytest.mark.parametrize(
    ("entity", "method"),
    [
        ("order", "order"),
        ("shipment", "shipment"),
        ("invoice", "invoice"),
        ("credit_note", "credit_note"),
        ("payment", "payment"),
        ("return", "goods_return"),
    ],
)
def test_a_changed_document_is_read_where_it_lives(entity, method):
    assert events._document(_Port(), SimpleNamespace(entity=entity, id="X-1")) == (method, "X-1")


def test_what_is_no_document_is_not_read():
    assert events._document(_Port(), SimpleNamespace(entity="customer", id="X-1")) is None


def test_document_and_code_have_the_same_operations():
    contract = SimpleNamespace(operations={"isLive": None, "makeCoffee": None})
    with pytest.raises(LookupError, match=r"not in both: \[.*'makeCoffee'"):
        check_complete(contract)


def test_buckets_of_callers_who_are_gone_are_given_up(monkeypatch):
    monkeypatch.setattr("crossdock.server.api.rates._MOST_BUCKETS", 2)
    buckets = Buckets(clock=lambda: 0.0)
    rate = Rate(per_second=1.0, burst=1)
    assert buckets.take("a", rate).granted
    assert not buckets.take("a", rate).granted
    for other in ("b", "c"):
        buckets.take(other, rate)
    assert buckets.take("a", rate).granted  # forgotten, so it begins anew


def test_a_pool_that_is_closed_says_that_it_stops():
    pool = Pool("p", threads=1, queue=1)
    pool.close()

    async def never() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Problem, match="stopping"):
        asyncio.run(pool.run(int, never))
    assert pool.inside == 0


def test_nobody_is_told_what_nobody_waits_for():
    pool, over = Pool("p", threads=1, queue=1), threading.Event()

    async def at_once() -> None:
        return None

    try:
        with pytest.raises(ClientGone):
            asyncio.run(pool.run(over.wait, at_once))
    finally:
        over.set()
        pool.close()


def _through_the_shield(app, kind="http"):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": kind, "method": "GET", "path": "/x", "headers": []}
    asyncio.run(Shield(app)(scope, receive, send))
    return sent


def test_what_falls_over_is_a_problem_and_half_an_answer_is_hung_up_on(caplog):
    async def at_once(scope, receive, send):
        raise RuntimeError("secret")

    async def half_way(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("secret")

    start, body = _through_the_shield(at_once)
    assert start["status"] == 500
    assert b"secret" not in body["body"]
    with pytest.raises(RuntimeError):
        _through_the_shield(half_way)
    assert caplog.text.count("GET /x failed") == 2


def test_what_is_no_request_goes_past_the_shield():
    async def started(scope, receive, send):
        await send({"type": "lifespan.startup.complete"})

    assert _through_the_shield(started, "lifespan") == [{"type": "lifespan.startup.complete"}]
