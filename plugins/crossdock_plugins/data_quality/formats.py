"""The form of single fields: what is wrong with a value, and how it is written.

Tax numbers are those of the European Union's VIES and of the United Kingdom; the form is checked,
not whether the number was given out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

_EMAIL: Final = re.compile(r"[^@\s,;<>]+@[^@\s.,;<>]+(\.[^@\s.,;<>]+)+").fullmatch
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ()/.\-]{4,}[0-9](\s?(x|ext\.?|-)\s?[0-9]+)?").fullmatch
_WEBSITE: Final = re.compile(r"https?://[^\s/?#.]+(\.[^\s/?#.]+)+([/?#]\S*)?").fullmatch
_COUNTRY: Final = re.compile(r"[A-Z]{2}").fullmatch
_TAX_NUMBERS: Final[Mapping[str, str]] = {
    "AT": r"ATU\d{8}",
    "BE": r"BE[01]\d{9}",
    "CZ": r"CZ\d{8,10}",
    "DE": r"DE\d{9}",
    "DK": r"DK\d{8}",
    "ES": r"ES[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"FI\d{8}",
    "FR": r"FR[A-Z0-9]{2}\d{9}",
    "GB": r"GB(\d{9}|\d{12}|(GD|HA)\d{3})",
    "IE": r"IE\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"IT\d{11}",
    "LU": r"LU\d{8}",
    "NL": r"NL\d{9}B\d{2}",
    "PL": r"PL\d{10}",
    "PT": r"PT\d{9}",
    "SE": r"SE\d{12}",
}


def wrong_email(value: str) -> str:
    """Say what is wrong with an e-mail address, or nothing."""
    return "" if _EMAIL(value) else "is not an e-mail address such as office@example.com"


def wrong_phone(value: str) -> str:
    """Say what is wrong with a telephone number, or nothing."""
    return "" if _PHONE(value) else "is not a telephone number such as +49 30 1234567"


def wrong_website(value: str) -> str:
    """Say what is wrong with an address of the web, or nothing."""
    return "" if _WEBSITE(value) else "is not an address such as https://example.com"


def wrong_country(value: str) -> str:
    """Say what is wrong with a country, or nothing."""
    return "" if _COUNTRY(value) else "is not a country's code of two letters, such as DE"


def wrong_tax_number(value: str) -> str:
    """Say what is wrong with a tax number, or nothing; of other countries nothing is known."""
    pattern = _TAX_NUMBERS.get(value[:2])
    if pattern is None or re.fullmatch(pattern, value):
        return ""
    return f"is not written as tax numbers of {value[:2]} are"


def tidy_text(value: str) -> str:
    """Write a text with single spaces, and none around it."""
    return " ".join(value.split())


def tidy_email(value: str) -> str:
    """Write an e-mail address without spaces; the part behind the @ has no capitals."""
    name, at, domain = value.strip().rpartition("@")
    return f"{name}{at}{domain.lower()}"


def tidy_website(value: str) -> str:
    """Write an address of the web with its scheme."""
    bare = value.strip()
    return f"https://{bare}" if bare and "://" not in bare else bare


def tidy_code(value: str) -> str:
    """Write a code in capitals, without spaces, dots and dashes."""
    return re.sub(r"[\s.\-]", "", value).upper()


WRONG: Final[Mapping[str, Callable[[str], str]]] = {
    "email": wrong_email,
    "phone": wrong_phone,
    "website": wrong_website,
    "address.country": wrong_country,
    "tax_number": wrong_tax_number,
}
"""What judges a field, by its name."""

TIDY: Final[Mapping[str, Callable[[str], str]]] = {
    "name": tidy_text,
    "first_name": tidy_text,
    "last_name": tidy_text,
    "job_title": tidy_text,
    "email": tidy_email,
    "phone": tidy_text,
    "website": tidy_website,
    "tax_number": tidy_code,
    "address.street": tidy_text,
    "address.city": tidy_text,
    "address.postcode": tidy_text,
    "address.country": tidy_code,
}
"""What writes a field one way, by its name."""
