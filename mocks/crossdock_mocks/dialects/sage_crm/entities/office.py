"""Users, currencies and the words of lists: kept by administrators, read by everybody else."""

from __future__ import annotations

from typing import Any, Final

from crossdock_mocks.dialects.sage_crm.entities.columns import NO, Table, together
from crossdock_mocks.sdata import Resource

_user, _curr, _capt = Table("user"), Table("curr"), Table("capt")
_KEPT: Final[dict[str, Any]] = {"create": False, "update": False, "delete": False}

USERS: Final = Resource(
    name="users", kind="User", key_name="user_userid", title="{user_firstname} {user_lastname}",
    label="User", shows_key=True, key_kind="integer", stamps=_user.stamped(),
    properties=together(
        _user.text("logon", 40, indexed=True),
        _user.text("firstname", 30), _user.text("lastname", 40), _user.text("emailaddress"),
        _user.text("title", 60), _user.text("department", 60),
        _user.flag("disabled", default=NO),
        _user.stamps(),
    ),
    **_KEPT,
)  # fmt: skip

CURRENCY: Final = Resource(
    name="currency", kind="Currency", plural="Currencies", key_name="curr_currencyid",
    title="{curr_symbol}", label="Currency", shows_key=True, key_kind="integer",
    stamps=_curr.stamped(),
    properties=together(
        _curr.text("symbol", 10, indexed=True),
        _curr.number("rate", default=1),
        _curr.whole("decimalprecision", default=2),
        _curr.stamps(),
    ),
    **_KEPT,
)  # fmt: skip

CAPTIONS: Final = Resource(
    name="custom_captions", kind="Caption", key_name="capt_captionid",
    title="{capt_family}: {capt_us}", label="Caption", shows_key=True, key_kind="integer",
    stamps=_capt.stamped(),
    properties=together(
        _capt.text("family", 40, indexed=True),
        _capt.text("familytype", 20, default="Choices"),
        _capt.text("code", 60), _capt.text("us", 255), _capt.whole("order"),
        _capt.stamps(),
    ),
    **_KEPT,
)  # fmt: skip
