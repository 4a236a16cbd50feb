"""Property values: every one travels and is kept as text, and has to be of its property's type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from crossdock_mocks.dialects.hubspot.catalogue import EXTERNAL
from crossdock_mocks.dialects.hubspot.errors import Refusal, invalid_values
from crossdock_mocks.dialects.hubspot.instants import read_instant, stamp
from crossdock_mocks.dialects.hubspot.kinds import Kind
from crossdock_mocks.dialects.hubspot.portal import Portal, Row

LONGEST: Final = 65_536
"""Characters that a text property takes, as the vendor documents."""

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+\Z")


class WrongValue(ValueError):  # noqa: N818 - it names what it is
    """A value that is not of its property's type.

    Args:
        code: The vendor's code, such as `INVALID_OPTION`.
        message: What is wrong.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_values(
    portal: Portal, kind: Kind, given: Mapping[str, Any], *, strict: bool = True
) -> dict[str, str | None]:
    """Check the values that came for a record's properties, and write them as they are kept.

    Args:
        portal: The portal.
        kind: The kind of record.
        given: Names and values: text, numbers, truth values; null and empty text clear.
        strict: Whether read-only properties are refused.

    Raises:
        Refusal: 400 that tells all properties that do not exist, are read-only, or do not fit.
    """
    problems: list[dict[str, str]] = []
    read: dict[str, str | None] = {}
    for name, value in given.items():
        definition = portal.definition(kind, name)
        if definition is None:
            problems.append(
                {
                    "message": f'Property "{name}" does not exist',
                    "error": "PROPERTY_DOESNT_EXIST",
                    "name": name,
                }
            )
        elif strict and definition["modificationMetadata"]["readOnlyValue"]:
            problems.append(
                {
                    "message": f'"{name}" is a read only property; its value cannot be set.',
                    "error": "READ_ONLY_VALUE",
                    "name": name,
                }
            )
        else:
            try:
                read[name] = read_value(portal, kind, definition, value)
            except WrongValue as wrong:
                problems.append({"message": str(wrong), "error": wrong.code, "name": name})
    if problems:
        raise invalid_values(problems)
    return read


def read_value(portal: Portal, kind: Kind, definition: Row, value: Any) -> str | None:
    """Check one value; `None` where it clears the property.

    Raises:
        WrongValue: It is not of the property's type.
    """
    if value is None:
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if not text.strip():
        return None
    name = definition["name"]
    where = EXTERNAL.get(name)
    if where is not None:
        return _external(portal, kind, where, text)
    if definition["type"] == "string" and name == "email" and not _EMAIL.match(text):
        raise WrongValue("INVALID_EMAIL", f"Email address {text} is invalid")
    return _READERS[definition["type"]](definition, text)


def _string(definition: Row, text: str) -> str:
    if len(text) > LONGEST:
        raise WrongValue(
            "PROPERTY_VALUE_TOO_LONG",
            f"The value of {definition['name']} exceeds {LONGEST} characters.",
        )
    return text.lower() if definition["name"] in ("email", "domain") else text


def number(text: str) -> Decimal:
    """Read a number.

    Raises:
        WrongValue: It is none.
    """
    try:
        read = Decimal(text.strip())
    except InvalidOperation:
        read = Decimal("NaN")
    if not read.is_finite() or abs(read) >= Decimal(10) ** 30 or "_" in text:
        raise WrongValue("INVALID_DOUBLE", f"{text} was not a valid number.")
    return read


def _number(definition: Row, text: str) -> str:
    del definition
    return format(number(text), "f")


def instant(text: str) -> datetime:
    """Read an instant.

    Raises:
        WrongValue: It is none.
    """
    try:
        return read_instant(text.strip())
    except ValueError as error:
        raise WrongValue("INVALID_DATE", f"{text} was not a valid date.") from error


def _instant(definition: Row, text: str) -> str:
    del definition
    return stamp(instant(text))


def _day(definition: Row, text: str) -> str:
    del definition
    at = instant(text)
    if at.time() != time():
        raise WrongValue("INVALID_DATE", f"{text} is at {at:%H:%M:%S} UTC, not midnight!")
    return at.astimezone(UTC).date().isoformat()


def _options(definition: Row, text: str) -> str:
    allowed = [each["value"] for each in definition["options"]]
    chosen = text.split(";") if definition["fieldType"] == "checkbox" else [text]
    for each in chosen:
        if each and each not in allowed:
            raise _no_option(each, allowed)
    return ";".join(each for each in chosen if each)


def _truth(definition: Row, text: str) -> str:
    del definition
    if text.lower() not in ("true", "false"):
        raise _no_option(text, ["true", "false"])
    return text.lower()


def _no_option(text: str, allowed: list[str]) -> WrongValue:
    return WrongValue(
        "INVALID_OPTION", f"{text} was not one of the allowed options: [{', '.join(allowed)}]"
    )


_READERS: Final[Mapping[str, Callable[[Row, str], str]]] = {
    "string": _string,
    "number": _number,
    "date": _day,
    "datetime": _instant,
    "enumeration": _options,
    "bool": _truth,
}


def _external(portal: Portal, kind: Kind, where: str, text: str) -> str:
    """A value whose options are owners, pipelines or stages of the portal."""
    if where == "OWNER":
        owner = portal.table("owners").get(text)
        if owner is None or owner["archived"]:
            raise WrongValue("INVALID_OWNER_ID", f"The owner with id {text} does not exist.")
        return text
    pipelines = portal.table("pipelines").find({"objectType": kind.type_id, "archived": False})
    ids = [each["id"] for each in pipelines]
    if where == "STAGE":
        ids = [stage["id"] for each in pipelines for stage in each["stages"]]
    if text not in ids:
        raise _no_option(text, ids)
    return text


def check_stage(portal: Portal, kind: Kind, properties: Mapping[str, str]) -> Row | None:
    """The stage that a record is in, once pipeline and stage are known to fit each other.

    Raises:
        Refusal: 400, the stage is not one of the pipeline.
    """
    if kind.pipeline is None:
        return None
    pipeline_name, stage_name = kind.pipeline
    pipeline_id, stage_id = properties.get(pipeline_name), properties.get(stage_name)
    if pipeline_id is None or stage_id is None:
        return None
    pipeline = portal.table("pipelines").get((kind.type_id, pipeline_id))
    stages = [] if pipeline is None else pipeline["stages"]
    for stage in stages:
        if stage["id"] == stage_id:
            found: Row = stage
            return found
    listed = ", ".join(each["id"] for each in stages)
    raise invalid_values(
        [
            {
                "message": f"{stage_id} is no stage of pipeline {pipeline_id}: [{listed}]",
                "error": "INVALID_OPTION",
                "name": stage_name,
            }
        ]
    )


def missing(kind: Kind, names: list[str]) -> Refusal:
    """A 400 for a record without properties that it has to have."""
    word = kind.name.upper()
    return Refusal(
        400,
        f"Error creating {word}. Some required properties were not set.",
        errors=[
            {
                "message": f"Error creating {word}. Some required properties were not set.",
                "code": "REQUIRED_PROPERTIES_MISSING",
                "context": {"properties": names},
            }
        ],
        context={"properties": names},
    )
