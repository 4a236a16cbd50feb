# ruff: noqa: RUF001 - letters of other alphabets are what the tables are about
"""How names, tax numbers, telephone numbers and domains are written one way, to be compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

# What says only which kind of company it is, in the languages of the markets that we know.
_LEGAL_FORMS: Final = frozenset({
    "ab", "ad", "ae", "ag", "akcyjna", "aktiengesellschaft", "aktieselskab", "anonyme",
    "anpartsselskab", "aps", "as", "asa", "bv", "bvba", "co", "company", "corp", "corporation",
    "cv", "doo", "eg", "ehf", "ek", "eood", "epe", "eurl", "ev", "gbr", "ges", "gesellschaft",
    "gesmbh", "gmbh", "hf", "inc", "incorporated", "kft", "kg", "kgaa", "lda", "limited", "llc",
    "llp", "lp", "ltd", "ltda", "mbh", "nv", "nyrt", "oao", "oe", "og", "ohg", "ood", "ooo", "oy",
    "oyj", "plc", "pte", "pty", "public", "pvt", "sa", "sarl", "sas", "se", "sl", "slu", "snc",
    "societe", "spa", "spj", "spol", "spolka", "sprl", "spzoo", "srl", "sro", "ug", "vof", "zao",
    "zoo", "zrt",
})  # fmt: skip
_FILLING: Final = frozenset({
    "and", "der", "die", "e", "en", "et", "i", "la", "le", "och", "og", "the", "u", "und", "y",
})  # fmt: skip
# Letters that Unicode does not take apart into a base letter and a mark.
_PLAIN: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
# Other alphabets in the letters that most transliterations agree on; what they differ in is alike.
_CYRILLIC: Final = dict(zip(
    "абвгдезийклмнопрстуфъыьэіѓѕјљњќџґ",
    (*"abvgdeziiklmnoprstuf", "a", "y", "", "e", "i", "g", "dz", "j", "lj", "nj", "k", "dz", "g"),
    strict=True,
)) | {
    "ж": "zh", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sht", "ю": "yu", "я": "ya",
    "ё": "e", "є": "ye", "ї": "yi", "ђ": "dj", "ћ": "c", "ў": "u",
}  # fmt: skip
_GREEK: Final = dict(zip("αβγδεζηικλμνξοπρσςτυφω", "avgdeziiklmnxoprsstifo", strict=True)) | {
    "θ": "th", "χ": "ch", "ψ": "ps",
}  # fmt: skip
_LATIN: Final = str.maketrans(_CYRILLIC | _GREEK)
# Everybody may have an address there, so it says nothing about the company.
_PUBLIC_DOMAINS: Final = frozenset({
    "aol.com", "bluewin.ch", "btinternet.com", "free.fr", "freenet.de", "gmail.com", "gmx.at",
    "gmx.ch", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.co.uk", "hotmail.com",
    "hotmail.de", "hotmail.fr", "icloud.com", "laposte.net", "libero.it", "live.com", "mac.com",
    "mail.com", "mail.ru", "me.com", "msn.com", "orange.fr", "outlook.com", "outlook.de",
    "proton.me", "protonmail.com", "seznam.cz", "t-online.de", "tiscali.it", "wanadoo.fr",
    "web.de", "wp.pl", "yahoo.co.uk", "yahoo.com", "yahoo.de", "yahoo.fr", "yandex.ru", "ziggo.nl",
})  # fmt: skip
_FEWEST_DIGITS: Final = 7
_SHORTEST_TAX_NUMBER: Final = 5


def plain_letters(text: str) -> str:
    """Give a text in small letters of the Latin alphabet, without accents."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return plain.translate(_LATIN)


def company_words(name: str) -> tuple[str, ...]:
    """Give the words that tell a company from others: no case, accents, legal forms or dots.

    A name that has nothing else keeps its legal forms.
    """
    plain = plain_letters(name)
    # S.A.R.L., A/S and Sp. z o.o. are single words.
    joined = re.sub(r"\b(?:sp|spolka)\.? ?z ?\.?o\.? ?o\.?(?!\w)", "spzoo", plain)
    joined = re.sub(r"\bm\. ?b\. ?h\b", "mbh", joined)
    joined = re.sub(r"(?<=\b\w)[./](?=\w\b)", "", joined)
    words = re.findall(r"[^\W_]+", joined.replace("'", "").replace("\u2019", ""))
    telling = [word for word in words if word not in _LEGAL_FORMS and word not in _FILLING]
    return tuple(telling or words)


@lru_cache(maxsize=16_384)
def is_legal_form(word: str, *, last: bool = False) -> bool:
    """Whether a word is a legal form, or one with a mistake in it.

    Args:
        word: of a name.
        last: whether it is the name's last one: there even a short one is more likely a form.
    """
    if word in _LEGAL_FORMS:
        return True
    return len(word) >= (2 if last else 4) and any(
        len(form) >= 2 + (not last) and OSA.distance(word, form, score_cutoff=1) <= 1
        for form in _LEGAL_FORMS
    )


def company_name(name: str) -> str:
    """Give a company's name as it is compared."""
    return " ".join(company_words(name))


def search_word(name: str) -> str:
    """Give the word of a name that tells most, as it is written: systems search by parts of it."""
    return search_words(name)[0]


def search_words(name: str) -> tuple[str, ...]:
    """Give the words of a name, those that tell most first; one empty word where it has none."""
    words = re.findall(r"[^\W_]+", name)
    telling = [
        word
        for word in words
        if word.casefold() not in _LEGAL_FORMS and word.casefold() not in _FILLING
    ]
    return tuple(sorted(telling or words, key=len, reverse=True)) or ("",)


def tax_number(written: str) -> str:
    """Give a tax number as it is compared: capitals and digits; empty where it can be none."""
    plain = "".join(letter for letter in written.upper() if letter.isalnum() and letter.isascii())
    known = len(plain) >= _SHORTEST_TAX_NUMBER and any(letter.isdigit() for letter in plain)
    return plain if known else ""


def same_tax_number(one: str, other: str) -> bool | None:
    """Whether two tax numbers are the same; `None` where one of them is not known.

    Systems keep a number with the country before it or without: where only one side has the
    country, the rest decides.
    """
    return same_plain_tax_number(tax_number(one), tax_number(other))


def same_plain_tax_number(first: str, second: str) -> bool | None:
    """Say the same of two that `tax_number` gave."""
    if not first or not second:
        return None
    if first == second:
        return True
    countries = [number[:2] if number[:2].isalpha() else "" for number in (first, second)]
    if all(countries) or not any(countries):
        return False
    return first.removeprefix(countries[0]) == second.removeprefix(countries[1])


def phone(written: str | None) -> str:
    """Give the digits of a telephone number that do not depend on how the country is dialled."""
    digits = "".join(letter for letter in written or "" if letter.isascii() and letter.isdigit())
    return digits[-9:].lstrip("0") if len(digits) >= _FEWEST_DIGITS else ""


def mail_domain(address: str | None) -> str:
    """Give the domain of an e-mail address where it is a company's own; else nothing."""
    domain = (address or "").rpartition("@")[2].strip().lower().rstrip(".")
    return "" if domain in _PUBLIC_DOMAINS or "." not in domain else domain


def web_domain(address: str) -> str:
    """Give the domain of a website, without `www`; nothing where it has none."""
    host = re.sub(r"^[a-z]+://", "", address.strip().lower())
    domain = re.split(r"[/:?#]", host)[0].removeprefix("www.").rstrip(".")
    return "" if domain in _PUBLIC_DOMAINS or "." not in domain else domain


def postcode(written: str) -> str:
    """Give a postcode without spaces, hyphens and case."""
    return "".join(letter for letter in written.upper() if letter.isalnum())
