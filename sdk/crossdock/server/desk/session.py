"""Who sits at the desk: the signed session, the CSRF token, and words for the next page."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from threading import Lock
from typing import Any, Final

from starlette.requests import Request

_USER: Final = "user"
_CSRF: Final = "csrf"
CSRF_FIELD: Final = "csrf_token"


def user_id(request: Request) -> str | None:
    """Give the id of the user that was chosen, or `None`."""
    value = request.session.get(_USER)
    return value if isinstance(value, str) else None


def sign_in(request: Request, user: str) -> None:
    """Remember the user; the CSRF token is renewed with it."""
    request.session.clear()
    request.session[_USER] = user


def sign_out(request: Request) -> None:
    """Forget the user."""
    request.session.clear()


def csrf_token(request: Request) -> str:
    """Give the session's CSRF token for a form, making one where there is none."""
    token = request.session.get(_CSRF)
    if not isinstance(token, str):
        token = request.session[_CSRF] = secrets.token_urlsafe(24)
    return token


def is_own_form(request: Request, token: object) -> bool:
    """Say whether a submitted form is one that this desk gave to this session.

    The token is the synchronizer token pattern (OWASP). `Sec-Fetch-Site`, which a page cannot
    forge, is looked at besides, where the browser sends it.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    known = request.session.get(_CSRF)
    return (
        isinstance(known, str)
        and isinstance(token, str)
        and secrets.compare_digest(known.encode(), token.encode())
    )


def local_path(target: str) -> str:
    """Give `target` if it is a path on this desk, else the start page."""
    if target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable():
        return target
    return "/accounts"


class Words:
    """What a page has to say after a redirect: kept here, named by a token in its address.

    The newest `limit` are kept, so the memory is bounded; a token that is gone says nothing.
    """

    def __init__(self, limit: int = 256) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, tuple[str, Any]] = OrderedDict()
        self._lock = Lock()

    def keep(self, user: str, word: Any) -> str:
        """Keep something for the next page of `user`; returns its token."""
        token = secrets.token_urlsafe(9)
        with self._lock:
            self._kept[token] = (user, word)
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        return token

    def recall(self, user: str, token: str) -> Any | None:
        """Give what was kept for `user`, or `None`."""
        with self._lock:
            owner, word = self._kept.get(token, (None, None))
        return word if owner == user else None
