"""Words without the figures in them.

What a remote system says of a refusal, or why an order is on hold, is written by people and
programs that know nothing of our roles: "the exposure would be 1,250.00 EUR over the limit of ...".
The words stay, as they say what to do; what could be a figure is taken out. There is no telling
which number is the hidden one, so every number goes but those that count something harmless (`3
days`, `line 2`), days of the calendar, and parts of a name such as SO-100001.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

HIDDEN: Final = "[hidden]"
"""Stands where something was taken out."""

FIGURES: Final = frozenset({"cost", "credit", "margin"})

_SPACES: Final = " \u00a0\u202f"  # and what stands between thousands
_COUNTED: Final = "minute|hour|day|week|month|year|line|item|order|invoice|attempt"
_MONTHS: Final = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
# What ISO 4217 lists: with a hyphen, BRG-1001 is an item and EUR-1001 is money that is owed.
_CURRENCIES: Final = (
    "AED|AFN|ALL|AMD|ANG|AOA|ARS|AUD|AWG|AZN|BAM|BBD|BDT|BGN|BHD|BIF|BMD|BND|BOB|BRL|BSD|BTN|BWP|"
    "BYN|BZD|CAD|CDF|CHF|CLP|CNY|COP|CRC|CUP|CVE|CZK|DJF|DKK|DOP|DZD|EGP|ERN|ETB|EUR|FJD|FKP|GBP|"
    "GEL|GHS|GIP|GMD|GNF|GTQ|GYD|HKD|HNL|HTG|HUF|IDR|ILS|INR|IQD|IRR|ISK|JMD|JOD|JPY|KES|KGS|KHR|"
    "KMF|KPW|KRW|KWD|KYD|KZT|LAK|LBP|LKR|LRD|LSL|LYD|MAD|MDL|MGA|MKD|MMK|MNT|MOP|MRU|MUR|MVR|MWK|"
    "MXN|MYR|MZN|NAD|NGN|NIO|NOK|NPR|NZD|OMR|PAB|PEN|PGK|PHP|PKR|PLN|PYG|QAR|RON|RSD|RUB|RWF|SAR|"
    "SBD|SCR|SDG|SEK|SGD|SHP|SLE|SOS|SRD|SSP|STN|SVC|SYP|SZL|THB|TJS|TMT|TND|TOP|TRY|TTD|TWD|TZS|"
    "UAH|UGX|USD|UYU|UZS|VED|VES|VND|VUV|WST|XAF|XCD|XOF|XPF|YER|ZAR|ZMW|ZWG"
)
_NUMBER: Final = rf"\d+(?:[.,'\u2019{_SPACES}]\d+)*"
_FIGURE: Final = re.compile(
    rf"""
    (?P<keep>
        https?://\S+
      | \d{{4}}-\d\d-\d\d(?:[T ]\d\d:\d\d[\d:.]*(?:Z|[+-]\d\d:?\d\d)?)?
      | (?:\d{{1,2}}[ ])?(?:{_MONTHS})[a-z]*\.?[ ](?:\d{{1,2}},?[ ])?\d{{4}}
      | (?:lines?|rows?|page|position)[ ]\d+
      | \brefused[ ]\w+[ ]\([45]\d\d(?=[ )])
      | \b(?!(?:{_CURRENCIES})-)[A-Z]{{3}}-\d[\w-]*
      | (?<![\w.,])\d{{1,3}}[ -](?:{_COUNTED})s?\b
    )
    | (?:[€$£¥]|\b[A-Z]{{3}})[{_SPACES}]?-?{_NUMBER}
    | (?P<name>[A-Z][A-Z0-9]{{0,5}}-\d[\w-]* | dry-run-\d+ | [A-Za-z_]\w*\d\w*)
    | [+-]?{_NUMBER}[{_SPACES}]?(?:%|[€$£¥]|[A-Z]{{3}}\b)?
    """,
    re.VERBOSE,
)
_ADDRESS: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE: Final = re.compile(r"(?<![\w-])\+?\(?\d(?:[ ()./-]{0,2}\d){6,}(?![\w-])")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TAX_NUMBER: Final = re.compile(r"\b[A-Z]{2} ?\d{8,12}\b")
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_BANK_ACCOUNT: Final = re.compile(r"(?<![\w-])\+?\d(?:[ -]?\d){7,}(?![\w-])")


def redact(text: str, hidden: Collection[str], *, keep: Iterable[str] = ()) -> str:
    """Take out of a text what could give away something hidden.

    Args:
        text: in words that somebody else chose.
        hidden: the sensitivities that are hidden.
        keep: numbers that are known to be harmless, such as a status.
    """
    if not text:
        return text
    if "bank" in hidden:
        text = _IBAN.sub(HIDDEN, text)
        text = _BANK_ACCOUNT.sub(_unless_a_day, text)
    if "personal" in hidden:
        text = _ADDRESS.sub(HIDDEN, text)
        text = _TAX_NUMBER.sub(HIDDEN, text)
    if not FIGURES.isdisjoint(hidden):
        harmless = frozenset(keep)
        text = _FIGURE.sub(lambda found: _unless_harmless(found, harmless), text)
    if "personal" in hidden:
        text = _PHONE.sub(_unless_a_day, text)
    return text


def _unless_a_day(found: re.Match[str]) -> str:
    return found[0] if _DAY.match(found[0]) else HIDDEN


def _unless_harmless(found: re.Match[str], harmless: frozenset[str]) -> str:
    if found["keep"] is not None or found["name"] is not None or found[0].strip() in harmless:
        return found[0]
    trailing = found[0][len(found[0].rstrip()) :]
    return HIDDEN + trailing
