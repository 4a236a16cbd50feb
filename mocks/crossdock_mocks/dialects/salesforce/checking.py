"""What came for a field, checked against its type and put as rows hold it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final

from crossdock_mocks.dialects.salesforce.errors import Refused
from crossdock_mocks.dialects.salesforce.model import FieldType
from crossdock_mocks.dialects.salesforce.soql.values import stored

_EMAIL: Final = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\"]+\.[^@\s,;<>()\".]+\Z")
_JSON_KINDS: Final = {
    bool: "VALUE_TRUE", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", str: "VALUE_STRING",
    list: "START_ARRAY", dict: "START_OBJECT",
}  # fmt: skip


def checked(field: FieldType, value: Any) -> Any:
    """A value as rows hold it; nothing where it is empty.

    Args:
        field: The field; references are checked elsewhere.
        value: What JSON brought.

    Raises:
        Refused: It is not of the field's type, or too large for it.
    """
    if value is None or value == "":
        if field.kind == "boolean":
            raise Refused(
                "INVALID_TYPE_ON_FIELD_IN_RECORD",
                f"{field.title}: value not of required type: {value}",
                [field.name],
            )
        return None
    check: Callable[[FieldType, Any], Any] = _CHECKS.get(field.kind) or _text
    return check(field, value)


def _wrong(value: Any, kind: str) -> Refused:
    came = _JSON_KINDS[type(value)]
    if value is False:
        came = "VALUE_FALSE"
    return Refused(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {kind} from {came} value "
        f"{str(value)[:100]} or request may be missing a required field",
    )


def _text(field: FieldType, value: Any) -> str | None:
    if not isinstance(value, str):
        raise _wrong(value, "string")
    if "\x00" in value:
        raise Refused("JSON_PARSER_ERROR", f"Illegal character (NUL) in {field.name}")
    # The platform keeps no spaces around a text.
    kept = value.strip()
    if len(kept) > field.length:
        raise Refused(
            "STRING_TOO_LONG",
            f"{field.title}: data value too large: {kept[:255]} (max length={field.length})",
            [field.name],
        )
    return kept or None


def _email(field: FieldType, value: Any) -> str | None:
    kept = _text(field, value)
    if kept is not None and not _EMAIL.match(kept):
        raise Refused(
            "INVALID_EMAIL_ADDRESS",
            f"{field.title}: invalid email address: {kept}",
            [field.name],
        )
    return kept


def _picklist(field: FieldType, value: Any) -> str | None:
    kept = _text(field, value)
    if kept is None:
        return None
    known = {each.casefold(): each for each in field.values}
    found = known.get(kept.casefold())
    if found is None and (field.restricted or field.name == "StageName"):
        if field.name == "StageName" and not field.restricted and not known:
            return kept
        raise Refused(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.title}: bad value for restricted picklist field: {kept}",
            [field.name],
        )
    return found or kept


def _several(field: FieldType, value: Any) -> str | None:
    kept = _text(field, value)
    if kept is None:
        return None
    chosen = [each.strip() for each in kept.split(";") if each.strip()]
    if field.restricted:
        for each in chosen:
            if each not in field.values:
                raise Refused(
                    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                    f"{field.title}: bad value for restricted picklist field: {each}",
                    [field.name],
                )
    order = {each: place for place, each in enumerate(field.values)}
    return ";".join(sorted(dict.fromkeys(chosen), key=lambda each: order.get(each, len(order))))


def _boolean(_field: FieldType, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise _wrong(value, "boolean")


def _number(field: FieldType, value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise _wrong(value, field.kind)
    try:
        read = Decimal(str(value))
    except InvalidOperation:
        raise _wrong(value, field.kind) from None
    if not read.is_finite() or abs(read) >= Decimal(10) ** (field.digits - field.scale):
        raise Refused(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.title}: value outside of valid range on numeric field: {value}",
            [field.name],
        )
    if field.kind == "int":
        if read != int(read):
            raise _wrong(value, "int")
        return int(read)
    return float(read.quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP))


def _day(_field: FieldType, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(value, "date")
    try:
        if len(value) == 10:
            return date.fromisoformat(value).isoformat()
        return _instant_of(value).date().isoformat()
    except (ValueError, OverflowError):
        raise _wrong(value, "date") from None


def _instant(_field: FieldType, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(value, "datetime")
    try:
        if len(value) == 10:
            day = date.fromisoformat(value)
            return stored(datetime(day.year, day.month, day.day, tzinfo=UTC))
        return stored(_instant_of(value))
    except (ValueError, OverflowError):
        raise _wrong(value, "datetime") from None


def _instant_of(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)


_CHECKS: Final[dict[str, Callable[[FieldType, Any], Any]]] = {
    "email": _email, "picklist": _picklist, "multipicklist": _several, "boolean": _boolean,
    "int": _number, "double": _number, "currency": _number, "percent": _number, "date": _day,
    "datetime": _instant,
}  # fmt: skip
