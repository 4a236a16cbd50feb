"""How webhooks are signed: Standard Webhooks, and plain HMAC as many vendors do it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, Protocol, TypeAlias, runtime_checkable

import attrs

Headers: TypeAlias = dict[str, str]
Sign: TypeAlias = "Callable[[str, str, datetime, bytes], Headers]"
"""Secret, message id, instant and body to the headers that prove where the message comes from."""


@runtime_checkable
class Addressed(Protocol):
    """A scheme whose signature also covers where a message is sent."""

    def to(self, url: str) -> Sign:
        """The scheme for messages to one URL."""


def signing_to(scheme: Sign | Addressed, url: str) -> Sign:
    """How messages to a URL are signed by a scheme."""
    return scheme.to(url) if isinstance(scheme, Addressed) else scheme


_PREFIX: Final = "whsec_"
TOLERANCE: Final = timedelta(minutes=5)
"""How old a message may be, as Standard Webhooks recommends."""


class SignatureError(ValueError):
    """A message is not signed as it should be; do not believe it."""


def standard(secret: str, message_id: str, at: datetime, body: bytes) -> Headers:
    """Standard Webhooks 1.0.0: `v1,` and base64 of HMAC-SHA256 over id, time and body.

    The secret is `whsec_` and base64, as the specification has it
    (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
    """
    stamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), stamp.encode(), body))
    digest = hmac.digest(_standard_key(secret), signed, "sha256")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


@attrs.frozen
class PlainHmac:
    """HMAC over the body alone, in one header, as many vendors do it.

    Attributes:
        header: Name of the header, in lower case.
        encoding: How the digest is written.
        prefix: Text before it, such as `sha256=`.
        digest: Name of the hash.
    """

    header: str = "x-signature"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    digest: str = "sha256"

    def __call__(
        self,
        secret: str,
        message_id: str,  # noqa: ARG002 - what every scheme is given
        at: datetime,  # noqa: ARG002
        body: bytes,
    ) -> Headers:
        """Sign a message; neither its id nor its time is part of the signature."""
        made = hmac.digest(secret.encode(), body, self.digest)
        text = made.hex() if self.encoding == "hex" else base64.b64encode(made).decode()
        return {self.header: f"{self.prefix}{text}"}


def unsigned(secret: str, message_id: str, at: datetime, body: bytes) -> Headers:  # noqa: ARG001
    """No signature at all."""
    return {}


SCHEMES: Final[dict[str, Sign]] = {
    "standard": standard,
    "hmac-sha256-hex": PlainHmac(),
    "hmac-sha256-base64": PlainHmac(encoding="base64"),
    "github": PlainHmac("x-hub-signature-256", prefix="sha256="),
    "none": unsigned,
}
"""The schemes by name; a dialect adds its vendor's own to `Dialect.signing`."""


def check_secret(scheme: str, secret: str) -> None:
    """Check that a scheme can use a secret.

    Raises:
        ValueError: It cannot.
    """
    if scheme == "standard":
        _standard_key(secret)


def verify(
    sign: Sign, secret: str, headers: Mapping[str, str], body: bytes, now: datetime | None = None
) -> None:
    """Check the signature of a message that came.

    Args:
        sign: The scheme.
        secret: The secret of the subscription.
        headers: Headers as they came, by lower-case name.
        body: The body as it came.
        now: Where given, a signed time that lies further than `TOLERANCE` from it is refused.

    Raises:
        SignatureError: It is missing, wrong, or too old.
    """
    try:
        at = datetime.fromtimestamp(int(headers.get("webhook-timestamp", "0")), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise SignatureError("webhook-timestamp is not a number of seconds") from error
    for name, expected in sign(secret, headers.get("webhook-id", ""), at, body).items():
        came = headers.get(name)
        if came is None:
            raise SignatureError(f"the header {name} is missing")
        # Standard Webhooks allows several signatures, while a secret is being changed.
        given = came.split(" ")
        if not any(hmac.compare_digest(each.encode(), expected.encode()) for each in given):
            raise SignatureError(f"the header {name} is not that of this body and secret")
    if now is not None and sign is standard and abs(now - at) > TOLERANCE:
        raise SignatureError(f"the message was signed at {at:%Y-%m-%d %H:%M:%SZ}: too far from now")


def new_secret(seed: str) -> str:
    """A secret of the standard form that is the same in each run; it protects nothing."""
    return _PREFIX + base64.b64encode(hashlib.sha256(seed.encode()).digest()[:24]).decode()


def _standard_key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("a secret of this scheme is whsec_ and base64") from error
