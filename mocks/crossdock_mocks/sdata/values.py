"""Values: as they come over the wire, as rows hold them, and as they go out.

Instants come and go as `/Date(ms)/`; the older form with an offset, `/Date(ms+0300)/`, means the
same instant, as the milliseconds count from 1970 in UTC either way. ISO 8601 is taken, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.diagnoses import Refused, refused
from crossdock_mocks.sdata.model import Field

_DATE: Final = re.compile(r"/Date\((-?\d{1,15})([+-]\d{4})?\)/\Z")
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:?\d\d)?)?\Z")
_ORIGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WIDE: Final = Context(prec=60)
_LARGEST: Final = 10**15


def stored(at: date | datetime) -> str:
    """A day or an instant as rows hold it: UTC with milliseconds, so that text sorts by time."""
    if not isinstance(at, datetime):
        at = datetime(at.year, at.month, at.day, tzinfo=UTC)
    elif at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def instant_of(text: str) -> datetime:
    """The instant that a row holds."""
    return datetime.fromisoformat(text)


def rounded(value: Decimal | float, scale: int = 2) -> float:
    """An amount as rows hold it, rounded half up.

    Args:
        value: The amount.
        scale: Digits behind the point.
    """
    exact_value = value if isinstance(value, Decimal) else Decimal(str(value))
    return float(exact_value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, _WIDE))


def exact(value: Any) -> Decimal:
    """A number that a row holds, to be reckoned with; nothing is zero."""
    return Decimal(0) if value is None else Decimal(str(value))


def read_instant(text: str) -> str | None:
    """What rows hold for an instant in one of its forms; nothing where it is none."""
    try:
        found = _DATE.match(text)
        if found is not None:
            return stored(_ORIGIN + timedelta(milliseconds=int(found[1])))
        if _ISO.match(text):
            return stored(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None  # no day of the calendar
    return None


def written(contract: Contract, field: Field, value: Any) -> Any:
    """A value as it goes out in JSON."""
    if value is None or field.kind != "datetime":
        return value
    if contract.dates == "iso":
        return value
    return f"/Date({milliseconds(value)})/"


def milliseconds(text: str) -> int:
    """Milliseconds since 1970 of an instant that a row holds."""
    return (instant_of(text) - _ORIGIN) // timedelta(milliseconds=1)


def checked(field: Field, value: Any) -> Any:
    """A value that came, as rows hold it.

    Raises:
        Refused: It is not of the field's kind, too long, or none of its values.
    """
    if value is None or value == "":
        return None
    kept = _CHECKS[field.kind](field, value)
    if field.values and kept is not None and kept not in field.values:
        listed = ", ".join(field.values)
        raise _wrong(field, f"'{kept}' is none of its values ({listed})")
    return kept


def _wrong(field: Field, message: str) -> Refused:
    return refused(f"{field.title}: {message}.", path=field.name)


def _text(field: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        raise _wrong(field, f"text is expected, not {_kind(value)}")
    if field.length is not None and len(value) > field.length:
        raise _wrong(field, f"it may have {field.length} characters, not {len(value)}")
    return value


def _integer(field: Field, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise _wrong(field, f"a whole number is expected, not {_kind(value)}")
    if abs(value) >= 2**31:
        raise _wrong(field, "the number is too large")
    return int(value)


def _decimal(field: Field, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(field, f"a number is expected, not {_kind(value)}")
    if not -_LARGEST < value < _LARGEST:
        raise _wrong(field, "the number is too large")
    return rounded(value, field.scale)


def _boolean(field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(field, f"true or false is expected, not {_kind(value)}")
    return value


def _instant(field: Field, value: Any) -> str:
    found = read_instant(value) if isinstance(value, str) else None
    if found is None:
        raise _wrong(field, "a date is expected, as /Date(ms)/ or in ISO 8601")
    return found


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, (int, float)):
        return "a number"
    return "an object" if isinstance(value, dict) else "a list"


_CHECKS: Final[dict[str, Callable[[Field, Any], Any]]] = {
    "string": _text,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "datetime": _instant,
}
