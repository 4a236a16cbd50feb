"""Who may come in: HTTP basic, as users of the installation.

Every user that is enabled comes in with the published password, which protects nothing; `crossdock`
is an administrator, and `reader` may only read.
"""

from __future__ import annotations

from typing import Final

from crossdock_mocks.engine import Call
from crossdock_mocks.sdata import KEY, refused

USER: Final = "crossdock"
PASSWORD: Final = "crossdock-secret"  # noqa: S105 - it protects nothing: it is a mock's
READER: Final = "reader"
READER_PASSWORD: Final = "reader-secret"  # noqa: S105


def authenticate(call: Call) -> str | None:
    """The key of the user whose credentials came, or nothing where they are not good.

    Raises:
        Refused: 403, the user may only read.
    """
    name, _, password = call.credentials["basic"].partition(":")
    user = call.world.table("sdata_users").first({"UserName": name})
    if user is None or not user["Enabled"]:
        return None
    if password != (READER_PASSWORD if name == READER else PASSWORD):
        return None
    if name == READER and call.request.method not in ("GET", "HEAD"):
        raise refused("The user may read, but not change anything.", status=403)
    return str(user[KEY])
