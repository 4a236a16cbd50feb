"""What the doctor makes of a remote system: on the way to it, and asked by its connector."""

from __future__ import annotations

import socket
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpx
import pytest

from crossdock.errors import (
    ConfigError,
    NotFound,
    NotSupported,
    RemoteMisbehaved,
    RemoteRejectedData,
    RemoteUnauthorized,
    RemoteUnavailable,
)
from crossdock.host.diagnosis import protections, reach, systems
from crossdock.host.diagnosis.findings import Findings
from crossdock.host.settings.config import HostConfig, SystemConfig
from crossdock.ports import ErpPort, Page
from crossdock.records import Item
from crossdock.secret import Secret

find = Findings("erp main")
AT = {"system": "main"}


class _Line:
    """A connection that takes everything."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def settimeout(self, _):
        pass


class _Secure(_Line):
    def __init__(self, certificate):
        self._certificate = certificate

    def getpeercert(self):
        return self._certificate

    def version(self):
        return "TLSv1.3"


@pytest.fixture
def net(monkeypatch):
    """A network that does what the test says."""
    way = SimpleNamespace(
        resolve="192.0.2.7", connect=None, tls=None, answer=httpx.Response(200), speaks_tls=False
    )

    def done(what, good):
        if isinstance(what, BaseException):
            raise what
        return good

    class _Stream:
        def __init__(self, *_, **__):
            done(way.answer, None)

        def __enter__(self):
            return way.answer

        def __exit__(self, *_):
            pass

    def wrapped(*_, **__):
        return _Secure(done(way.tls, way.tls or {}))

    def handshake(*_, **__):
        if not way.speaks_tls:
            raise ssl.SSLError("no")
        return _Line()

    def getaddrinfo(*_, **__):
        return [(0, 0, 0, "", (done(way.resolve, way.resolve), 80))]

    monkeypatch.setattr(
        reach,
        "socket",
        SimpleNamespace(
            getaddrinfo=getaddrinfo,
            create_connection=lambda *_, **__: done(way.connect, _Line()),
            SOCK_STREAM=socket.SOCK_STREAM,
            gaierror=socket.gaierror,
            socket=socket.socket,
        ),
    )
    monkeypatch.setattr(reach.httpx, "stream", _Stream)
    monkeypatch.setattr(
        reach.httpx, "create_ssl_context", lambda: SimpleNamespace(wrap_socket=wrapped)
    )
    monkeypatch.setattr(reach.ssl, "SSLContext", lambda _: SimpleNamespace(wrap_socket=handshake))
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return way


def looked(url):
    found = list(reach.examine_reach(find, url, "erp.main.url", "crossdock.toml"))
    return [(each.status, each.fault, each.text) for each in found]


def _alert() -> ssl.SSLError:
    error = ssl.SSLError(1, "alert")
    error.reason = "ALERT"
    return error


def _untrusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "x")
    error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("url", "way", "fault", "says"),
    [
        (
            "http://erp.test",
            {"resolve": socket.gaierror(-2, "Name or service not known")},
            "config",
            "the name erp.test does not resolve: Name or service not known",
        ),
        ("http://erp.test", {"connect": ConnectionRefusedError()}, "remote", "nothing listens on"),
        ("http://erp.test", {"connect": TimeoutError()}, "remote", "a firewall drops what is sent"),
        (
            "http://erp.test",
            {"connect": OSError(101, "Network is unreachable")},
            "host",
            "cannot be reached: Network is unreachable",
        ),
        ("https://erp.test", {"tls": _untrusted()}, "remote", "is not to be trusted: self-signed"),
        (
            "https://erp.test",
            {"tls": ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]")},
            "config",
            "does not speak TLS on this port",
        ),
        ("https://erp.test", {"tls": _alert()}, "remote", "no TLS with erp.test: ALERT"),
        (
            "https://erp.test",
            {"tls": TimeoutError()},
            "remote",
            "not answer the TLS handshake",
        ),
        ("https://erp.test", {"tls": OSError(104, "Reset")}, "remote", "breaks the TLS handshake"),
        (
            "http://erp.test",
            {"answer": httpx.ReadTimeout("slow")},
            "remote",
            "it takes the connection and never answers",
        ),
        (
            "http://erp.test",
            {"answer": httpx.ReadError("gone"), "speaks_tls": True},
            "config",
            "it speaks TLS, and is called without",
        ),
        (
            "http://erp.test",
            {"answer": httpx.RemoteProtocolError("illegal status line")},
            "config",
            "what answers does not speak HTTP",
        ),
        (
            "http://erp.test",
            {"answer": httpx.RemoteProtocolError("Server disconnected")},
            "remote",
            "it breaks the connection off",
        ),
    ],
)
def test_where_the_way_ends_is_told_with_whose_fault_it_is(net, url, way, fault, says):
    vars(net).update(way)
    status, whose, text = looked(url)[-1]
    assert (status, whose) == ("fail", fault)
    assert says in text


def _until(days: int) -> dict[str, str]:
    at = datetime.now(UTC) + timedelta(days=days, hours=1)
    return {"notAfter": at.strftime("%b %d %H:%M:%S %Y GMT")}


@pytest.mark.parametrize(
    ("url", "way", "status", "says"),
    [
        ("http://erp.test", {}, "warn", "is not encrypted"),
        ("http://localhost", {"resolve": "127.0.0.1"}, "ok", "takes connections"),
        ("https://erp.test", {}, "ok", "TLSv1.3 with a certificate that is trusted"),
        ("https://erp.test", {"tls": _until(90)}, "ok", "the certificate is good until"),
        ("https://erp.test", {"tls": _until(3)}, "warn", "the certificate runs out in 3 days"),
        (
            "https://erp.test",
            {"answer": httpx.Response(301, headers={"Location": "https://new.test"})},
            "warn",
            "it sends callers on to https://new.test",
        ),
        (
            "https://erp.test",
            {"answer": httpx.Response(200, headers={"RateLimit-Remaining": "0"})},
            "warn",
            "its rate limit is used up for now",
        ),
    ],
)
def test_what_is_seen_on_a_way_that_leads_there(net, url, way, status, says):
    vars(net).update(way)
    found = looked(url)
    assert "fail" not in [each[0] for each in found]
    assert [each for each in found if each[0] == status and says in each[2]], found


def test_a_proxy_of_the_environment_is_the_way(net, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")
    net.resolve = socket.gaierror(-2, "nobody is asked")
    assert looked("https://erp.test") == [
        ("ok", "", "erp.test is reached by the proxy of the environment")
    ]
    assert reach._by_proxy(reach.urlsplit("https://localhost"), "localhost") is False


# -- asked by its connector ----------------------------------------------------------------------


class _Erp:
    """An ERP of three kinds of calls, of which one does what the test says."""

    document = "things.yaml"

    def __init__(self, does):
        self._does = does

    def items(self, search="", *, after=None, limit=50):
        return Page(items=(Item(id="I-1", name="Bearing", system="main"),))

    def item(self, item_id):
        if isinstance(self._does, BaseException):
            raise self._does
        return self._does

    def invoice(self, invoice_id):
        raise AssertionError("there is none to ask for")


def asked(does):
    found = list(systems._Asked(find, _Erp(does), ErpPort, "erp.main.api_key").all())
    return [(each.status, each.fault, each.text) for each in found]


ANSWERS = ("ok", "", "it answers as its connector expects: 1 kinds of calls (of things.yaml)")
UNTRIED = ("ok", "", "not tried, as there is nothing to try them on: invoice")


@pytest.mark.parametrize(
    ("does", "status", "fault", "says"),
    [
        (RemoteUnauthorized("no", status=401, **AT), "fail", "config", "credentials are refused"),
        (RemoteUnavailable("no", status=429, retry_after=7, **AT), "warn", "remote", "for 7 s"),
        (RemoteUnavailable("it is down", status=503, **AT), "fail", "remote", "it is down"),
    ],
)
def test_what_makes_no_sense_to_go_on_from_ends_it(does, status, fault, says):
    (found,) = asked(does)
    assert found[:2] == (status, fault)
    assert says in found[2]


@pytest.mark.parametrize(
    ("does", "told"),
    [
        (NotSupported("it cannot"), []),
        (RemoteMisbehaved("no sense", **AT), [("fail", "remote", "no sense")]),
        (NotFound("gone", **AT), [("warn", "remote", "item was refused: gone")]),
        (RemoteRejectedData("a bad id", **AT), [("fail", "remote", "a bad id")]),
        (KeyError("x"), [("fail", "code", "item of the connector raised KeyError: 'x'")]),
        (
            RemoteUnauthorized("no", status=403, **AT),
            [("fail", "config", "the credentials are right, and lack the right to item")],
        ),
    ],
)
def test_what_one_call_says_keeps_nobody_from_asking_on(does, told):
    assert asked(does) == [*told, ANSWERS, UNTRIED]


def test_a_system_that_is_slow_is_told(monkeypatch):
    monkeypatch.setattr(systems, "_SLOW_SECONDS", -1.0)
    assert [each for each in asked(None) if "it is slow: item" in each[2] or "items" in each[2]]


class _Provisioning:
    def __init__(self, lacking):
        self._lacking = lacking

    def lacking(self):
        if isinstance(self._lacking, BaseException):
            raise self._lacking
        return self._lacking


def _lack(name, problem=""):
    return SimpleNamespace(name=name, problem=problem, makeable=not problem)


@pytest.mark.parametrize(
    ("lacking", "told"),
    [
        ([], ["it has all the places that have to be given to it"]),
        ([_lack(each) for each in "abcde"], ["it lacks a, b, c and 2 more"]),
        ([_lack("a"), _lack("b", "is of type x")], ["it lacks a", "b is of type x"]),
        (RemoteUnavailable("away", **AT), ["what it lacks could not be seen: away"]),
    ],
)
def test_what_has_to_be_given_to_a_system_is_looked_for(lacking, told):
    found = systems._examine_provisions(find, _Provisioning(lacking))
    assert [each.text for each in found] == told


@pytest.mark.parametrize(
    ("raised", "fault", "says"),
    [
        (ConfigError("erp.main has no url"), "config", "erp.main has no url"),
        (RuntimeError("boom"), "code", "the connector erp cannot start: RuntimeError: boom"),
    ],
)
def test_a_connector_that_does_not_open_is_told(monkeypatch, tmp_path, raised, fault, says):
    (tmp_path / "crossdock.toml").write_text('[crm]\nsystem = "crm"\n[erp.main]\nsystem = "erp"\n')
    config = HostConfig.read(tmp_path / "crossdock.toml")

    def connect(*_):
        raise raised

    monkeypatch.setattr(systems, "connect", connect)
    (found,) = systems.examine_system(config, config.erps[0])
    assert (found.status, found.fault) == ("fail", fault)
    assert says in found.text


def test_the_settings_that_hold_credentials_are_named():
    settings = {"client_id": "x", "client_secret": Secret("y"), "url": "http://x"}
    system = SystemConfig(name="main", connector="erp", settings=settings)
    assert systems._keys(system, ("erp", "main")) == "erp.main.client_id and erp.main.client_secret"
    bare = SystemConfig(name="main", connector="erp", settings={})
    assert systems._keys(bare, ("erp", "main")) == "erp.main"


# -- protections ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kernel", "status", "fault"),
    [("auto", "warn", "host"), ("off", "warn", "config"), ("required", "fail", "host")],
)
def test_a_protection_that_is_missing_is_told_with_what_it_means(
    monkeypatch, kernel, status, fault
):
    said = b'{"names": ["limits"], "missing": {"network_namespace": "unshare: refused"}}'
    monkeypatch.setattr(
        protections.subprocess,
        "run",
        lambda command, **_: subprocess.CompletedProcess(command, 0, said, b""),
    )
    settings = SimpleNamespace(python="", memory_mb=512, kernel=kernel)
    good, missing = protections.examine_protections(SimpleNamespace(isolation=settings))
    assert good.text.endswith("limits")
    assert (missing.status, missing.fault) == (status, fault)
    assert "a plugin could reach the network past the gateway" in missing.text


def test_an_interpreter_that_cannot_start_a_plugin_is_told(monkeypatch):
    def fails(command, **_):
        raise subprocess.CalledProcessError(
            1, command, b"", b"Traceback\nNo module named crossdock\n"
        )

    monkeypatch.setattr(protections.subprocess, "run", fails)
    settings = SimpleNamespace(python="/opt/python", memory_mb=512, kernel="auto")
    (found,) = protections.examine_protections(SimpleNamespace(isolation=settings))
    assert (found.status, found.fault) == ("fail", "config")
    assert "/opt/python: ['No module named crossdock']" in found.text
