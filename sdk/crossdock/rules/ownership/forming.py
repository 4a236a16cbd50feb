"""How values are written for the other system, and compared: codes, numbers, case, length."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from attrs import frozen

from crossdock.rules.ownership.countries import country_of
from crossdock.rules.ownership.policy import FieldPolicy, Form, Limit

_EXTENSION: Final = re.compile(r"(?:ext\.?|x|#)\s*\d+\s*$", re.IGNORECASE)
_FEWEST_DIGITS: Final = 6
_MOST_DIGITS: Final = 15  # ITU-T E.164, 6.1


@frozen(kw_only=True)
class Formed:
    """A value on its way to a system.

    Attributes:
        value: as it is written there.
        notes: what was done to it.
        refusal: why it cannot be written there; empty where it can.
    """

    value: str
    notes: tuple[str, ...] = ()
    refusal: str = ""


def normal(form: Form, value: str, country: str = "") -> str:
    """Give a value as it is compared: two that are alike say the same.

    Args:
        form: of the field.
        value: as a system has it.
        country: of the record's address, by which a national telephone number is read.
    """
    return _NORMAL[form](value, country)


def formed(policy: FieldPolicy, limit: Limit, value: str, country: str, system: str) -> Formed:
    """Write a value for the other system.

    Args:
        policy: of the field.
        limit: what the other system takes.
        value: as its own system has it.
        country: of the record's address.
        system: what the other system is called in a note (`ERP`).
    """
    written = _WRITTEN[policy.form](value, country)
    notes: tuple[str, ...] = ()
    if limit.longest is not None and len(written) > limit.longest:
        if limit.cut == "refuse":
            return Formed(
                value=written,
                refusal=f"{policy.name} has {len(written)} characters, and the {system} takes "
                f"{limit.longest}: shorten {written!r}, or let the policy truncate it",
            )
        cut = written[: limit.longest].rstrip()
        notes = (f"{policy.name} was cut to {len(cut)} characters for the {system}: {cut!r}",)
        written = cut
    return Formed(value=written, notes=notes)


def e164(written: str, country: str) -> str:
    """Write a telephone number as E.164 has it, or leave it where its country is not known.

    Args:
        written: as somebody entered it.
        country: code or name of the country in which it was entered.
    """
    if _EXTENSION.search(written):
        return _spaced(written)  # E.164 has no word for an extension
    digits = re.sub(r"\D", "", written.replace("(0)", ""))
    if written.lstrip().startswith("+"):
        international = digits
    elif digits.startswith("00"):
        international = digits[2:]
    else:
        home = country_of(country)
        if home is None or len(digits) < _FEWEST_DIGITS:
            return _spaced(written)
        international = home.calling + digits.removeprefix(home.trunk)
    if not _FEWEST_DIGITS <= len(international) <= _MOST_DIGITS:
        return _spaced(written)
    return f"+{international}"


def _spaced(value: str) -> str:
    return " ".join(value.split())


def _email(value: str, _country: str) -> str:
    name, at, domain = value.strip().rpartition("@")
    return f"{name}{at}{domain.lower()}"


def _website(value: str, _country: str) -> str:
    bare = re.sub(r"^[a-z]+://", "", value.strip(), flags=re.IGNORECASE)
    return bare.rstrip("/").casefold().removeprefix("www.")


def _code(value: str, _country: str) -> str:
    return re.sub(r"[\s.\-/]", "", value).upper()


def _amount(value: str, _country: str) -> str:
    """Give a number without zeros after its last digit, and what it is counted in."""
    written, _, unit = value.strip().partition(" ")
    try:
        number = Decimal(written).normalize()
    except InvalidOperation:
        return _spaced(value)
    return f"{number:f} {unit.strip()}".rstrip()


def _country_code(value: str, _country: str) -> str:
    known = country_of(value)
    return known.code if known else _spaced(value)


_NORMAL: Final[Mapping[Form, Callable[[str, str], str]]] = {
    "text": lambda value, _: _spaced(value),
    "exact": lambda value, _: value,
    "upper": lambda value, _: _spaced(value).upper(),
    "lower": lambda value, _: _spaced(value).lower(),
    "title": lambda value, _: _spaced(value).casefold(),
    "email": lambda value, country: _email(value, country).casefold(),
    "phone": e164,
    "website": _website,
    "country": _country_code,
    "currency": _code,
    "tax_number": _code,
    "amount": _amount,
}

_WRITTEN: Final[Mapping[Form, Callable[[str, str], str]]] = {
    **_NORMAL,
    "text": lambda value, _: _spaced(value),
    "title": lambda value, _: _titled(value),
    "email": _email,
    "website": lambda value, _: value.strip(),
    "amount": lambda value, _: _spaced(value),
}


def _titled(value: str) -> str:
    """Write capitals at the beginnings of words that have none or nothing else."""
    return " ".join(
        word.capitalize() if word.isupper() or word.islower() else word for word in value.split()
    )
