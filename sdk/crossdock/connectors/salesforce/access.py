"""How Salesforce is entered: by OAuth of a connected app; and how much of the day is left."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from crossdock.connectors.credentials import ClientCredentials, Credentials, Token
from crossdock.connectors.reading import Row, text
from crossdock.connectors.salesforce import operations as use
from crossdock.connectors.settings import Settings
from crossdock.errors import ConfigError

if TYPE_CHECKING:
    from crossdock.connectors.http import Remote

KNOWN: Final = (
    "audience", "client_id", "client_secret", "private_key", "refresh_token", "session_seconds",
    "username",
)  # fmt: skip
_JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_JWT_SECONDS: Final = 180
_LOGIN: Final = "https://login.salesforce.com"
_USAGE: Final = re.compile(r"(?:^|[;,\s])api-usage=([0-9]{1,12})/([0-9]{1,12})", re.ASCII)


class _Session(ClientCredentials):
    """Sessions that a grant gives; many threads share one, and one of them asks for the next.

    Salesforce does not say how long a session is good for, as each use prolongs it; one that has
    ended is refused with 401, and then another is asked for.
    """

    def __init__(self, issue: Callable[[], Token], secrets: tuple[str, ...]) -> None:
        super().__init__(issue, client_secret=secrets[0])
        self._others = secrets[1:]

    def secrets(self) -> tuple[str, ...]:
        """Give all secrets, and the session."""
        return (*super().secrets(), *self._others)


def credentials_of(settings: Settings) -> Callable[[Remote], Credentials]:
    """Read the credentials: which of the three grants depends on what is there.

    Raises:
        ConfigError: not all of one grant is there, or parts of two are.
    """
    client_id = settings.text("client_id")
    lasts = settings.above_zero("session_seconds", "seconds", default=3600.0)
    if settings.has("private_key"):
        if settings.has("refresh_token") or settings.has("client_secret"):
            raise ConfigError(
                f"{settings.where} has both a private_key and other secrets; keep one of them"
            )
        key, username = settings.secret("private_key"), settings.text("username")
        audience = settings.address("audience", default=_LOGIN)
        # Wrong keys are told when the connector is made, and not in the middle of the night.
        _signed(settings, key, {"sub": username})

        def assertion() -> dict[str, str]:
            claims = {
                "iss": client_id,
                "sub": username,
                "aud": audience,
                "exp": int(time.time()) + _JWT_SECONDS,
            }
            return {"grant_type": _JWT_BEARER, "assertion": _signed(settings, key, claims)}

        return lambda remote: _Session(lambda: _token(remote, assertion(), lasts), (key,))
    secret = settings.secret("client_secret")
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    secrets: tuple[str, ...] = (secret,)
    if settings.has("refresh_token"):
        refresh = settings.secret("refresh_token")
        form |= {"grant_type": "refresh_token", "refresh_token": refresh}
        secrets = (secret, refresh)
    return lambda remote: _Session(lambda: _token(remote, form, lasts), secrets)


def _signed(settings: Settings, key: str, claims: dict[str, object]) -> str:
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey

    try:
        return jwt.encode({"alg": "RS256"}, claims, RSAKey.import_key(key), algorithms=["RS256"])
    except (JoseError, ValueError, TypeError) as error:
        raise ConfigError(
            f"'private_key' under {settings.where} cannot be used: it must be an RSA key in PEM "
            f"({type(error).__name__})"
        ) from None


def _token(remote: Remote, form: Mapping[str, str], lasts: float) -> Token:
    answer = remote.call(use.ISSUE_TOKEN, form=form, authorized=False)

    def token(body: Row) -> Token:
        return Token(value=text(body, "access_token"), expires_in=lasts)

    return remote.read(answer, token)


class Quota:
    """What is left of an organization's calls of the day, as its answers tell.

    A day's calls are the organization's, not ours: the feed, which asks all day, slows down when
    four of five are used, so that what people wait for can still be done.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used, self._allowed = 0, 0

    def heard(self, headers: Mapping[str, str]) -> None:
        """Read `Sforce-Limit-Info`."""
        found = _USAGE.search(headers.get("sforce-limit-info", ""))
        if found:
            with self._lock:
                self._used, self._allowed = int(found[1]), int(found[2])

    @property
    def scarce(self) -> bool:
        """Whether four of five calls of the day are used."""
        with self._lock:
            return self._allowed > 0 and self._used * 5 >= self._allowed * 4
