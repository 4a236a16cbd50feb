"""Countries as systems write them: code, calling code, the digit before national numbers, names.

Codes are ISO 3166-1; calling codes and national prefixes are those of ITU-T E.164 and its national
numbering plans. Countries that are not here are left as they were written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen


@frozen
class Country:
    """One country.

    Attributes:
        code: ISO 3166-1 alpha-2.
        long_code: alpha-3.
        calling: calling code, without `+`.
        trunk: what is dialled before a number within the country, and left out from abroad.
        names: as people and systems write it, folded.
    """

    code: str
    long_code: str
    calling: str
    trunk: str
    names: tuple[str, ...]


_TABLE: Final = """
AT AUT 43 0 austria|österreich|oesterreich|autriche
AU AUS 61 0 australia
BE BEL 32 0 belgium|belgië|belgique|belgien
BG BGR 359 0 bulgaria
BR BRA 55 0 brazil|brasil
CA CAN 1 1 canada
CH CHE 41 0 switzerland|schweiz|suisse|svizzera
CN CHN 86 0 china
CY CYP 357 - cyprus
CZ CZE 420 - czech republic|czechia|česko|tschechien
DE DEU 49 0 germany|deutschland|allemagne
DK DNK 45 - denmark|danmark
EE EST 372 - estonia|eesti
ES ESP 34 - spain|españa|espana|spanien
FI FIN 358 0 finland|suomi|finnland
FR FRA 33 0 france|frankreich
GB GBR 44 0 united kingdom|great britain|england|scotland|wales|uk
GR GRC 30 - greece|hellas
HR HRV 385 0 croatia|hrvatska
HU HUN 36 06 hungary|magyarország
IE IRL 353 0 ireland|éire|eire
IN IND 91 0 india
IS ISL 354 - iceland
IT ITA 39 - italy|italia|italien
JP JPN 81 0 japan
LT LTU 370 0 lithuania
LU LUX 352 - luxembourg|luxemburg
LV LVA 371 - latvia
MT MLT 356 - malta
MX MEX 52 - mexico|méxico
NL NLD 31 0 netherlands|the netherlands|nederland|holland|niederlande
NO NOR 47 - norway|norge
NZ NZL 64 0 new zealand
PL POL 48 - poland|polska|polen
PT PRT 351 - portugal
RO ROU 40 0 romania|românia
SE SWE 46 0 sweden|sverige|schweden
SG SGP 65 - singapore
SI SVN 386 0 slovenia|slovenija
SK SVK 421 0 slovakia|slovensko
TR TUR 90 0 turkey|türkiye
UA UKR 380 0 ukraine
US USA 1 1 united states|united states of america|usa
ZA ZAF 27 0 south africa
"""


def _country(line: str) -> Country:
    code, long_code, calling, trunk, names = line.split(" ", 4)
    return Country(code, long_code, calling, trunk.strip("-"), tuple(names.split("|")))


COUNTRIES: Final[Mapping[str, Country]] = {
    each.code: each for each in map(_country, _TABLE.strip().splitlines())
}
"""By code."""

_BY_WORD: Final[Mapping[str, Country]] = {
    word: each
    for each in COUNTRIES.values()
    for word in (each.code.casefold(), each.long_code.casefold(), *each.names)
}


def country_of(written: str) -> Country | None:
    """Give the country that is meant by a code or a name; `None` where it is not known."""
    return _BY_WORD.get(" ".join(written.replace(".", "").split()).casefold())
