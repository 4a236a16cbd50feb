"""Whether two addresses are one, in one town or elsewhere, wherever their parts stand."""

from __future__ import annotations

import pytest

from crossdock.records import Address
from crossdock.rules.matching import Party, form_of
from crossdock.rules.matching.places import nearness

HARBOUR = ("Kaistraße 12", "20457", "Hamburg")


def at(street, postcode, city):
    address = Address(street=street, postcode=postcode, city=city)
    return form_of(Party(ref="crm:1", name="Nordhafen", address=address))


def near(one, other):
    found = {nearness(at(*one), at(*other)), nearness(at(*other), at(*one))}
    assert len(found) == 1  # whichever is compared with which
    return found.pop()


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (("Kaistr. 12", "", "20457 Hamburg"), "same"),
        (("Kaistrasse 12, 20457 Hamburg", "", ""), "same"),
        (("Kaistrase 12", "20457", "Hamburg"), "same"),
        (("Kaistraße 12", "20457", "Hambrug"), "same"),
        (("Kaistraße 12, Haus Gold, Tor Nord", "20457", "Hambrug"), "same"),
        (("Kaistraße 12", "", ""), "same"),
        (("Kaistraße 14", "20457", "Hamburg"), "town"),
        (("Kaistraße 12", "20459", "Hamburg"), "town"),
        (("", "20457", "Hamburg"), "town"),
        (("Am Wall 3", "20457", "Hamburg"), "town"),
        (("Am Wall 3", "20457", "Bremen"), "town"),
        (("Am Wall 3", "20459", "Hamburg"), "town"),
        (("Am Wall 3", "", "Hamburk"), "town"),
        (("Am Wall 3, 20457 Hamburg", "", ""), "town"),
        (("Am Wall 3", "20459", "Hamburk"), "elsewhere"),
        (("Am Wall 3", "", "Bremen"), "elsewhere"),
        (("Am Wall 3, Bremen", "", ""), "elsewhere"),
        (("Kaistraße", "", ""), "elsewhere"),
        (("Postfach 12", "", ""), "elsewhere"),
        (("", "", ""), "unknown"),
    ],
)
def test_an_address_is_known_again_in_other_fields_and_with_mistakes(other, expected):
    assert near(HARBOUR, other) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("Goldring 1", "", ""), ("Goldring 1", "", ""), "same"),
        (("Goldring", "", "Linz"), ("Goldring", "", "Linz"), "town"),
        (("Goldring Mitte", "", "Linz"), ("Goldring Mitte", "", "Linz"), "same"),
        (("Goldring 1", "", ""), ("Silberring 2", "", ""), "unknown"),
    ],
)
def test_a_street_without_its_house_is_an_address_only_with_more_than_its_town(
    one, other, expected
):
    assert near(one, other) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("", "Bad Homburg"), ("", "Bad Kissingen"), "elsewhere"),
        (("", "St. Gallen"), ("", "Gallen"), "town"),
        (("", "Bad"), ("", "Bad"), "town"),
        (("60311", "Frankfurt Main"), ("15230", "Frankfurt Oder"), "elsewhere"),
        (("60311", "Frankfurt am Main"), ("60318", "Frankfurt"), "town"),
        (("", "Frankfurt Main"), ("", "Frankfurt Oder"), "town"),
        (
            ("TW9 3AB", "Richmond upon Thames, Kew Gardens West"),
            ("TW10 7RS", "Richmond upon Thames, Ham Gardens East"),
            "town",
        ),
        (("", "Lauda"), ("", "Lauba"), "elsewhere"),
        (("4020", ""), ("4030", ""), "elsewhere"),
        (("4020", "Linz"), ("", "Lienz"), "elsewhere"),
        (("20457", "Hamburg"), ("", "Hambrug"), "town"),
        (("SW1A 1AA", "London"), ("SW1A 1AA", "Bromley"), "town"),
        (("SW1A 1AA", "London"), ("SW1A 2BB", "Bromley"), "elsewhere"),
    ],
)
def test_towns_are_told_by_their_postcode_or_by_more_than_what_many_are_called(
    one, other, expected
):
    assert near(("Goldring 1", *one), ("Silberring 2", *other)) == expected
