"""Whether a remote system can be reached at all: name, port, TLS, HTTP."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx

from crossdock.host.diagnosis.findings import Finding, Findings, Steps

_STEP_SECONDS: Final = 5.0
_SKEW_SECONDS: Final = 30.0
_CERTIFICATE_DAYS: Final = 14
_LEFT: Final = ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining")


def examine_reach(find: Findings, url: str, setting: str, origin: str) -> Iterator[Finding]:
    """Go the way of a call step by step; the last finding is `fail` where it ends early.

    Args:
        find: makes the findings.
        url: of the system.
        setting: the setting that holds it, for advice.
        origin: where that setting comes from.
    """
    address = urlsplit(url)
    host = address.hostname or ""
    port = address.port or (443 if address.scheme == "https" else 80)
    change = f"change {setting} (it comes from {origin})"
    if _by_proxy(address, host):
        yield find.ok(f"{host} is reached by the proxy of the environment")
        yield from _http(find, url, change)
        return
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as unknown:
        reason = getattr(unknown, "strerror", None) or str(unknown)
        yield find.fail(
            f"the name {host} does not resolve: {reason}",
            "config",
            f"{change}, or see whether this host's name server works",
        )
        return
    addresses = sorted({str(each[4][0]) for each in found})
    began = time.monotonic()
    try:
        connection = socket.create_connection((host, port), timeout=_STEP_SECONDS)
    except ConnectionRefusedError:
        yield find.fail(
            f"nothing listens on {host} port {port} ({', '.join(addresses)}): connection refused",
            "remote",
            f"start the system; or, if it lives elsewhere, {change}",
        )
        return
    except TimeoutError:
        yield find.fail(
            f"{host} port {port} ({', '.join(addresses)}) does not answer within "
            f"{_STEP_SECONDS:g} s: it is down, or a firewall drops what is sent",
            "remote",
            f"see whether it is up and lets this host in; or {change}",
        )
        return
    except OSError as error:
        yield find.fail(
            f"{host} port {port} cannot be reached: {error.strerror or error}",
            "host",
            f"see to this host's network; or {change}",
        )
        return
    milliseconds = (time.monotonic() - began) * 1000
    with connection:
        yield find.ok(f"{host} port {port} takes connections ({milliseconds:.0f} ms)")
        if address.scheme == "https":
            broken = yield from _tls(find, connection, host, change)
            if broken:
                return
        elif not _is_local(addresses):
            yield find.warn(
                f"{url} is not encrypted: credentials and data can be read on the way",
                "config",
                f"write https:// where the system has it: {change}",
            )
    yield from _http(find, url, change)


def _by_proxy(address: SplitResult, host: str) -> bool:
    proxies = urllib.request.getproxies()
    wanted = proxies.get(address.scheme) or proxies.get("all")
    return bool(wanted) and not (urllib.request.proxy_bypass(host) or _is_local([host]))


def _is_local(addresses: list[str]) -> bool:
    try:
        return all(ipaddress.ip_address(each).is_loopback for each in addresses)
    except ValueError:
        return addresses == ["localhost"]


def _tls(find: Findings, connection: socket.socket, host: str, change: str) -> Steps:
    """Shake hands; gives whether that failed."""
    connection.settimeout(_STEP_SECONDS)
    try:
        with httpx.create_ssl_context().wrap_socket(connection, server_hostname=host) as secure:
            certificate = secure.getpeercert() or {}
            version = secure.version()
    except ssl.SSLCertVerificationError as wrong:
        yield find.fail(
            f"the certificate of {host} is not to be trusted: {wrong.verify_message}",
            "remote",
            "renew it, or let this host trust whoever signed it (SSL_CERT_FILE names a file of "
            "authorities)",
        )
        return True
    except ssl.SSLError as wrong:
        plain = "WRONG_VERSION_NUMBER" in str(wrong) or "HTTP_REQUEST" in str(wrong)
        yield find.fail(
            f"{host} does not speak TLS on this port"
            if plain
            else f"no TLS with {host}: {wrong.reason or wrong}",
            "config" if plain else "remote",
            f"write http:// if it is meant to be plain: {change}" if plain else "",
        )
        return True
    except TimeoutError:
        yield find.fail(
            f"{host} takes connections and does not answer the TLS handshake within "
            f"{_STEP_SECONDS:g} s",
            "remote",
            f"see whether it is the right port: {change}",
        )
        return True
    except OSError as error:
        yield find.fail(
            f"{host} breaks the TLS handshake off: {error.strerror or error}",
            "remote",
            f"see whether it is the right port: {change}",
        )
        return True
    yield from _certificate(find, certificate, version or "TLS")
    return False


def _certificate(
    find: Findings, certificate: Mapping[str, object], version: str
) -> Iterator[Finding]:
    until = certificate.get("notAfter")
    if not isinstance(until, str):
        yield find.ok(f"{version} with a certificate that is trusted")
        return
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC)
    days = (ends - datetime.now(UTC)).days
    if days < _CERTIFICATE_DAYS:
        yield find.warn(
            f"the certificate runs out in {days} days, on {ends:%Y-%m-%d}", "remote", "renew it"
        )
    else:
        yield find.ok(f"{version}; the certificate is good until {ends:%Y-%m-%d}")


def _http(find: Findings, url: str, change: str) -> Iterator[Finding]:
    """Ask for anything, and look at the answer's head only."""
    try:
        with httpx.stream(
            "GET",
            url,
            timeout=_STEP_SECONDS,
            trust_env=not _is_local([urlsplit(url).hostname or ""]),
        ) as answer:
            headers, status = answer.headers, answer.status_code
    except httpx.TimeoutException:
        yield find.fail(
            f"it takes the connection and never answers (waited {_STEP_SECONDS:g} s)",
            "remote",
            f"see whether it hangs, or is another service: {change}",
        )
        return
    except httpx.HTTPError as broken:
        said = str(broken) or type(broken).__name__
        if url.startswith("http:") and _speaks_tls(url):
            yield find.fail(
                "it speaks TLS, and is called without",
                "config",
                f"write https:// instead of http://: {change}",
            )
        elif isinstance(broken, httpx.RemoteProtocolError) and "disconnected" not in said:
            yield find.fail(
                f"what answers does not speak HTTP: {said}",
                "config",
                f"see whether it is the right port: {change}",
            )
        else:
            yield find.fail(
                f"it breaks the connection off: {said}",
                "remote",
                f"see what it says in its own log; or {change}",
            )
        return
    if 300 <= status < 400:
        yield find.warn(
            f"it sends callers on to {headers.get('location', 'nowhere')}, and connectors do not "
            "follow",
            "config",
            f"name that address: {change}",
        )
    yield from _clock(find, headers)
    for name in _LEFT:
        if headers.get(name) == "0":
            yield find.warn(
                "its rate limit is used up for now", "remote", "see who else uses the same account"
            )


def _speaks_tls(url: str) -> bool:
    """Whether a handshake succeeds; nothing is sent over it, so nobody need be trusted."""
    address = urlsplit(url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    place = (address.hostname or "", address.port or 80)
    try:
        with socket.create_connection(place, timeout=_STEP_SECONDS) as plain:
            plain.settimeout(_STEP_SECONDS)
            with context.wrap_socket(plain):
                return True
    except OSError:
        return False


def _clock(find: Findings, headers: httpx.Headers) -> Iterator[Finding]:
    try:
        told = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return
    ahead = (told - datetime.now(UTC)).total_seconds()
    if abs(ahead) > _SKEW_SECONDS:
        way = "ahead of" if ahead > 0 else "behind"
        yield find.warn(
            f"its clock is {abs(ahead):.0f} s {way} this host's",
            "host",
            "let both follow a time server: tokens and signatures run out by the clock",
        )
