"""OAuth 1.0a signatures (RFC 5849), as NetSuite and others still ask for them.

HMAC-SHA1 and HMAC-SHA256 are verified; the timestamp is held against the world's clock, and a
nonce is taken once. Signing is here too, for tests and for clients written against a mock.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import attrs

from crossdock_mocks.engine.dialect import Call
from crossdock_mocks.engine.messages import Request
from crossdock_mocks.engine.problem import Problem
from crossdock_mocks.engine.tables import TableSpec

NONCES: Final = TableSpec("oauth1_nonces")
"""Table that a dialect has to declare, for nonces that were used."""

_METHODS: Final = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}
_NEEDED: Final = (
    "oauth_consumer_key", "oauth_nonce", "oauth_signature", "oauth_signature_method",
    "oauth_timestamp",
)  # fmt: skip
_PART = re.compile(r'\s*([A-Za-z0-9_%.~-]+)="([^"]*)"\s*')


@attrs.frozen
class Secrets:
    """Both secrets of a caller.

    Attributes:
        consumer: Secret of the consumer (the application).
        token: Secret of the token (the user); empty where there is none.
    """

    consumer: str
    token: str = ""


def percent(text: str) -> str:
    """Percent-encode as RFC 5849, section 3.6 does."""
    return quote(text, safe="-._~")


def base_string(method: str, url: str, parameters: Iterable[tuple[str, str]]) -> str:
    """The signature base string (section 3.4.1).

    Args:
        method: HTTP method.
        url: URL of the request; its query is not looked at.
        parameters: Of query, form and header, decoded, without `realm` and `oauth_signature`.
    """
    parts = urlsplit(url)
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if parts.port and (scheme, parts.port) not in (("http", 80), ("https", 443)):
        host = f"{host}:{parts.port}"
    pairs = sorted((percent(name), percent(value)) for name, value in parameters)
    joined = "&".join(f"{name}={value}" for name, value in pairs)
    place = f"{scheme}://{host}{parts.path or '/'}"
    return "&".join(percent(each) for each in (method.upper(), place, joined))


def signature(method: str, text: str, secrets: Secrets) -> str:
    """The signature of a base string (section 3.4.2).

    Raises:
        KeyError: The signature method is not known.
    """
    key = f"{percent(secrets.consumer)}&{percent(secrets.token)}".encode()
    return base64.b64encode(hmac.digest(key, text.encode(), _METHODS[method])).decode()


def read_header(header: str) -> dict[str, str] | None:
    """The parameters of an `Authorization: OAuth ...` header, or `None` if it is none."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "oauth":
        return None
    found: dict[str, str] = {}
    for part in rest.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            return None
        name = unquote(match[1])
        if name in found:
            return None
        found[name] = unquote(match[2])
    return found


def verify(
    call: Call,
    secrets: Callable[[str, str], Secrets | None],
    *,
    base: str,
    window: timedelta = timedelta(minutes=5),
) -> tuple[str, str]:
    """Verify the signature of a call.

    Args:
        call: The call; its world has the table `NONCES`.
        secrets: Gives the secrets of a consumer key and token, or `None` for unknown ones.
        base: Scheme and host under which clients call, such as `https://erp.example`: that is what
            they sign.
        window: How far a timestamp may be from the world's clock.

    Returns:
        Consumer key and token (empty if none).

    Raises:
        Problem: 401 with the reason; 400 where the protocol says so (section 3.2).
    """
    request = call.request
    given = read_header(request.headers.get("authorization", ""))
    if given is None:
        raise _no("malformed_authorization", "The header Authorization is not OAuth key=value.")
    missing = [name for name in _NEEDED if not given.get(name)]
    if missing:
        raise _no("parameter_absent", f"Missing: {', '.join(missing)}.", status=400)
    if given.get("oauth_version", "1.0") != "1.0":
        raise _no("version_rejected", "oauth_version is 1.0.", status=400)
    method = given["oauth_signature_method"]
    if method not in _METHODS:
        raise _no(
            "signature_method_rejected", f"Known are {', '.join(_METHODS)}, not {method}.",
            status=400,
        )  # fmt: skip
    consumer, token = given["oauth_consumer_key"], given.get("oauth_token", "")
    known = secrets(consumer, token)
    if known is None:
        raise _no("consumer_key_or_token_unknown", "The consumer key or the token is not known.")
    text = base_string(request.method, base + request.path, _parameters(request, given))
    if not hmac.compare_digest(
        signature(method, text, known).encode(), given["oauth_signature"].encode()
    ):
        raise _no("signature_invalid", f"The signature is not that of: {text}")
    _once(call, given, consumer, token, window)
    return consumer, token


def _once(
    call: Call, given: Mapping[str, str], consumer: str, token: str, window: timedelta
) -> None:
    stamp = given["oauth_timestamp"]
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        raise _no("timestamp_refused", "oauth_timestamp is seconds since 1970.", status=400)
    now = int(call.now.timestamp())
    if abs(now - int(stamp)) > window.total_seconds():
        raise _no("timestamp_refused", f"oauth_timestamp is {stamp}, the clock says {now}.")
    key = hashlib.sha256(
        "\n".join((consumer, token, stamp, given["oauth_nonce"])).encode()
    ).hexdigest()
    nonces = call.world.table(NONCES.name)
    if nonces.get(key) is not None:
        raise _no("nonce_used", "This nonce was used before with this timestamp.")
    nonces.insert({"id": key, "timestamp": int(stamp)})


def _parameters(request: Request, given: Mapping[str, str]) -> list[tuple[str, str]]:
    """All that is signed (section 3.4.1.3)."""
    found = [
        (name, value) for name, value in given.items() if name not in ("realm", "oauth_signature")
    ]
    found += parse_qsl(request.query, keep_blank_values=True)
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == "application/x-www-form-urlencoded":
        found += parse_qsl(request.body.decode("latin-1"), keep_blank_values=True)
    return found


def sign(
    method: str,
    url: str,
    *,
    consumer: str,
    token: str,
    secrets: Secrets,
    nonce: str,
    timestamp: int,
    form: Iterable[tuple[str, str]] = (),
    algorithm: str = "HMAC-SHA256",
    realm: str = "",
) -> str:
    """The header `Authorization` of a signed request (section 3.5.1).

    Args:
        method: HTTP method.
        url: URL with its query.
        consumer: Consumer key.
        token: Token, or nothing.
        secrets: Both secrets.
        nonce: Not used before with this timestamp.
        timestamp: Seconds since 1970.
        form: Members of a form body.
        algorithm: `HMAC-SHA256` or `HMAC-SHA1`.
        realm: Account, where the system wants one; it is not signed.
    """
    named = {
        "oauth_consumer_key": consumer,
        "oauth_token": token,
        "oauth_signature_method": algorithm,
        "oauth_timestamp": str(timestamp),
        "oauth_nonce": nonce,
        "oauth_version": "1.0",
    }
    named = {name: value for name, value in named.items() if value}
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    text = base_string(method, url, [*named.items(), *query, *form])
    named["oauth_signature"] = signature(algorithm, text, secrets)
    shown = {"realm": realm, **named} if realm else named
    return "OAuth " + ", ".join(f'{name}="{percent(value)}"' for name, value in shown.items())


def _no(code: str, detail: str, status: int = 401) -> Problem:
    headers = {"www-authenticate": 'OAuth realm="mock"'} if status == 401 else None
    return Problem(status, code, "The request is not signed as it has to be", detail, (), headers)
