"""Who may log in: HTTP basic, with the logons of users and a password that protects nothing."""

from __future__ import annotations

import hmac
from typing import Final

from crossdock_mocks.dialects.sage_crm.entities.columns import YES
from crossdock_mocks.engine import Call
from crossdock_mocks.sdata import KEY, refused

USER: Final = "crossdock"
PASSWORD: Final = "crossdock-secret"  # noqa: S105 - what the mock's own user has
READER: Final = "reader"
READER_PASSWORD: Final = "reader-secret"  # noqa: S105 - what somebody has who may read only
ADMINISTRATOR: Final = 1
"""Key of the user who may do everything, and whose name is `USER`."""
READER_KEY: Final = 9_001

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def authenticate(call: Call) -> int | None:
    """The key of the user whose name and password came; who left has none.

    Raises:
        Refused: 403, a user who may only read wants to write.
    """
    (given,) = call.credentials.values()
    name, _, password = given.partition(":")
    user = call.world.table("sdata_users").first({"user_logon": name.lower()})
    if user is None or user["user_disabled"] == YES:
        return None
    key = int(user[KEY])
    wanted = READER_PASSWORD if key == READER_KEY else PASSWORD
    if not hmac.compare_digest(wanted.encode(), password.encode()):
        return None
    if key == READER_KEY and call.request.method not in _READING:
        raise refused(f"User '{name}' has no rights to change anything.", status=403)
    return key
