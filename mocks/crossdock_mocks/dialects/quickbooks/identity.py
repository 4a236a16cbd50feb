"""Who the user is: discovery, keys, id tokens and user information (OpenID Connect)."""

from __future__ import annotations

import base64
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import orjson

from crossdock_mocks.engine import Call, Reply, Request

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

USER: Final = {
    "sub": "5f3a1d0e-0000-4000-8000-000000000001",
    "givenName": "Alex",
    "familyName": "Keeper",
    "email": "alex.keeper@books.example",
    "phoneNumber": "+44 20 7946 0000",
}
"""The one user of the mock, who keeps the books."""

ISSUER: Final = "https://oauth.platform.intuit.com/op/v1"
_KEY_ID: Final = "crossdock-mock"
_VENDOR: Final = {
    "authorization_endpoint": ("https://appcenter.intuit.com", "/connect/oauth2"),
    "token_endpoint": ("https://oauth.platform.intuit.com", "/oauth2/v1/tokens/bearer"),
    "userinfo_endpoint": ("https://accounts.platform.intuit.com", "/v1/openid_connect/userinfo"),
    "revocation_endpoint": ("https://developer.api.intuit.com", "/v2/oauth2/tokens/revoke"),
    "jwks_uri": ("https://oauth.platform.intuit.com", "/op/v1/jwks"),
}


def discover(call: Call) -> Reply:
    """Where the endpoints are: on the host that was asked, or on Intuit's where that is played."""
    base = _base(call.request)
    endpoints = {
        name: f"{host if base is None else base}{path}" for name, (host, path) in _VENDOR.items()
    }
    return Reply(
        200,
        {
            "issuer": ISSUER,
            **endpoints,
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile", "address", "phone"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
        },
    )


def _base(request: Request) -> str | None:
    """The address that was called; `None` for the vendor's own hosts, behind a proxy."""
    host = request.headers.get("host", "localhost")
    return None if host.partition(":")[0].endswith("intuit.com") else f"http://{host}"


def keys(_: Call) -> Reply:
    """The public key of id tokens."""
    public = _key().public_key().public_numbers()
    key = {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": _KEY_ID,
        "n": _number(public.n),
        "e": _number(public.e),
    }
    return Reply(200, {"keys": [key]})


def user(call: Call) -> Reply:
    """The user, as far as the scopes of the token go."""
    scopes = _scopes(call)
    told: dict[str, Any] = {"sub": USER["sub"]}
    if "profile" in scopes:
        told |= {"givenName": USER["givenName"], "familyName": USER["familyName"]}
    if "email" in scopes:
        told |= {"email": USER["email"], "emailVerified": True}
    if "phone" in scopes:
        told |= {"phoneNumber": USER["phoneNumber"], "phoneNumberVerified": False}
    if "address" in scopes:
        told["address"] = {"country": "GB"}
    return Reply(200, told)


def _scopes(call: Call) -> list[str]:
    from crossdock_mocks.engine.oauth2 import tokens

    row, _ = tokens.recall(call.world, call.credentials["oauth2"], "access")
    return [] if row is None else list(row["scopes"])


def id_token(call: Call, client: str, lifetime: timedelta) -> str:
    """A signed id token for a client, by the world's clock."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    issued = int(call.now.timestamp())
    head = {"kid": _KEY_ID, "typ": "JWT", "alg": "RS256"}
    claims = {
        "sub": USER["sub"],
        "aud": [client],
        "iss": ISSUER,
        "iat": issued,
        "auth_time": issued,
        "exp": issued + int(lifetime.total_seconds()),
    }
    signed = f"{_encoded(orjson.dumps(head))}.{_encoded(orjson.dumps(claims))}"
    return f"{signed}.{_encoded(_key().sign(signed.encode(), PKCS1v15(), SHA256()))}"


@cache
def _key() -> RSAPrivateKey:
    """The key of this process, made when it is first needed; it protects nothing."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    return generate_private_key(public_exponent=65537, key_size=2048)


def _number(value: int) -> str:
    return _encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
