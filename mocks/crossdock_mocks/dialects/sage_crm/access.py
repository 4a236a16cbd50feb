"""Who may log in: HTTP basic, with the names and passwords of users."""

from __future__ import annotations

import hmac
from typing import Final

from crossdock_mocks.engine import Call
from crossdock_mocks.sdata import refused

USER: Final = "crossdock"
PASSWORD: Final = "crossdock-secret"  # noqa: S105 - what the mock's own user has
READER: Final = "reader"
READER_PASSWORD: Final = "reader-secret"  # noqa: S105 - what somebody has who may read only
ADMINISTRATOR: Final = 1
"""Key of the user who may do everything, and whose name is `USER`."""
READER_KEY: Final = 9_001

_KNOWN: Final = {USER: (PASSWORD, ADMINISTRATOR), READER: (READER_PASSWORD, READER_KEY)}
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def authenticate(call: Call) -> int | None:
    """The key of the user whose name and password came.

    Raises:
        Refused: 403, a user who may only read wants to write.
    """
    (given,) = call.credentials.values()
    name, _, password = given.partition(":")
    known, key = _KNOWN.get(name.lower(), ("", 0))
    if not known or not hmac.compare_digest(known.encode(), password.encode()):
        return None
    if key == READER_KEY and call.request.method not in _READING:
        raise refused(f"User '{name}' has no rights to change anything.", status=403)
    return key
