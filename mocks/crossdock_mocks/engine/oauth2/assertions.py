"""JSON Web Tokens as assertions (RFC 7523): signed by HS256 or RS256, claims held by the clock."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime
from typing import Any

import orjson


class InvalidAssertion(Exception):  # noqa: N818 - it names what it is
    """The assertion is worth nothing; the message says why."""


def read(
    assertion: str, key: str, *, now: datetime, audience: str, instants_as_text: bool = False
) -> dict[str, Any]:
    """Verify an assertion and give its claims.

    Args:
        assertion: The compact form, three parts with full stops between.
        key: The shared secret (HS256), or the public key as PEM (RS256). The key's kind decides
            which algorithm is taken, never the token's own header alone.
        now: The instant by the world's clock.
        audience: What `aud` has to name.
        instants_as_text: Whether `exp` and `nbf` may be numbers in quotes, as some clients write
            them and some servers take them against RFC 7519.

    Raises:
        InvalidAssertion: Malformed, wrongly signed, expired, or for somebody else.
    """
    header, claims, signed, signature = _parts(assertion)
    algorithm = "RS256" if key.startswith("-----BEGIN") else "HS256"
    if header.get("alg") != algorithm:
        raise InvalidAssertion(f"alg is {algorithm} for this client, not {header.get('alg')}.")
    good = (
        _rs256(key, signed, signature) if algorithm == "RS256" else _hs256(key, signed, signature)
    )
    if not good:
        raise InvalidAssertion("The signature of the assertion is not valid.")
    for name in ("iss", "sub", "aud", "exp"):
        if name not in claims:
            raise InvalidAssertion(f"The claim {name} is missing.")
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if audience not in audiences:
        raise InvalidAssertion(f"aud has to be {audience}.")
    if instants_as_text:
        texts = {name: claims[name] for name in ("exp", "nbf") if name in claims}
        claims |= {k: int(v) for k, v in texts.items() if isinstance(v, str) and v.isdecimal()}
    at = now.timestamp()
    if not _is_number(claims["exp"]) or claims["exp"] <= at:
        raise InvalidAssertion("The assertion has expired.")
    if "nbf" in claims and (not _is_number(claims["nbf"]) or claims["nbf"] > at):
        raise InvalidAssertion("The assertion is not good yet.")
    return claims


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _parts(assertion: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    try:
        header, claims, signature = assertion.split(".")
        read_header, read_claims = (orjson.loads(_base64(each)) for each in (header, claims))
        signed = f"{header}.{claims}".encode("ascii")
        decoded = _base64(signature)
    except (ValueError, binascii.Error) as error:
        raise InvalidAssertion("The assertion is not a JSON Web Token.") from error
    if not (isinstance(read_header, dict) and isinstance(read_claims, dict)):
        raise InvalidAssertion("The assertion is not a JSON Web Token.")
    return read_header, read_claims, signed, decoded


def _base64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _hs256(key: str, signed: bytes, signature: bytes) -> bool:
    return hmac.compare_digest(hmac.digest(key.encode(), signed, hashlib.sha256), signature)


def _rs256(key: str, signed: bytes, signature: bytes) -> bool:
    # Imported here: only clients with public keys need it.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    public = serialization.load_pem_public_key(key.encode())
    if not isinstance(public, rsa.RSAPublicKey):
        raise InvalidAssertion("The key of this client is not an RSA key.")
    try:
        public.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
