"""How SOQL refuses: the platform's own code, and a sentence with the place where it has one."""

from __future__ import annotations

from typing import Final

import attrs

_WIDTH: Final = 78
_APPEND: Final = "Please reference your WSDL or the describe call for the appropriate names."


@attrs.frozen
class Place:
    """Where in a statement something stands; line and column count from 1."""

    line: int
    column: int


class SoqlError(Exception):
    """A statement that is refused.

    Attributes:
        code: The platform's error code, such as `MALFORMED_QUERY`.
        message: What is wrong.
        place: Where, if that can be said.
    """

    def __init__(self, code: str, message: str, place: Place | None = None) -> None:
        super().__init__(code, message, place)
        self.code = code
        self.message = message
        self.place = place

    def shown(self, text: str) -> str:
        """The message as the platform words it: the line, a caret below it, row and column."""
        if self.place is None:
            return self.message
        lines = text.split("\n")
        line = lines[self.place.line - 1] if self.place.line <= len(lines) else ""
        at = self.place.column - 1
        start = max(0, min(at - _WIDTH // 2, len(line) - _WIDTH))
        excerpt, caret = line[start : start + _WIDTH], " " * (at - start) + "^"
        row = f"ERROR at Row:{self.place.line}:Column:{self.place.column}"
        return f"\n{excerpt}\n{caret}\n{row}\n{self.message}"


def malformed(message: str, place: Place | None = None) -> SoqlError:
    """The statement is not SOQL, or asks for what SOQL does not do."""
    return SoqlError("MALFORMED_QUERY", message, place)


def unexpected(token: str, place: Place | None = None) -> SoqlError:
    """A word stands where none of its kind is expected."""
    return malformed(f"unexpected token: '{token}'", place)


def no_such_column(name: str, entity: str, place: Place | None = None) -> SoqlError:
    """The object has no such field."""
    return SoqlError(
        "INVALID_FIELD",
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom "
        f"field, be sure to append the '__c' after the custom field name. {_APPEND}",
        place,
    )


def no_such_object(name: str, place: Place | None = None) -> SoqlError:
    """There is no such object."""
    return SoqlError(
        "INVALID_TYPE",
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, "
        f"be sure to append the '__c' after the entity name. {_APPEND}",
        place,
    )


def no_such_relationship(name: str, place: Place | None = None) -> SoqlError:
    """A path goes over a relationship that its object does not have."""
    return SoqlError(
        "INVALID_FIELD",
        f"Didn't understand relationship '{name}' in field path. If you are attempting to use a "
        "custom relationship, be sure to append the '__r' after the custom relationship name. "
        f"{_APPEND}",
        place,
    )


def no_such_children(name: str, place: Place | None = None) -> SoqlError:
    """A sub-query asks for children that its object does not have."""
    return SoqlError(
        "INVALID_TYPE",
        f"Didn't understand relationship '{name}' in FROM part of query call. If you are "
        "attempting to use a custom relationship, be sure to append the '__r' after the custom "
        f"relationship name. {_APPEND}",
        place,
    )


def wrong_value(field: str, kind: str, *, quoted: bool) -> SoqlError:
    """A field is compared with a value of another kind."""
    word = "should not be enclosed in quotes" if quoted else "should be enclosed in quotes"
    return SoqlError(
        "INVALID_FIELD",
        f"value of filter criterion for field '{field}' must be of type {kind} and {word}",
    )


def wrong_operator(message: str) -> SoqlError:
    """A field cannot be compared by this operator, or not with this value."""
    return SoqlError("INVALID_QUERY_FILTER_OPERATOR", message)
