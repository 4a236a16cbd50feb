# ruff: noqa: RUF001 - letters of other alphabets are what some of it is about
"""How names, numbers and addresses are written one way, and by which keys they are found again."""

from __future__ import annotations

import pytest

from crossdock.records import Account, Address, TradingAccount
from crossdock.rules.matching import Form, Party, form_of, normalizing
from crossdock.rules.matching.keys import exact_keys, loose_keys, name_key, skeleton
from crossdock.rules.matching.party import phones_of, place_words

ADDRESS = Address(street="Kaistraße 12", postcode="20457", city="Hamburg Altona", country="de")
MUELLER = Party(
    ref="crm:A-1",
    name="Müller & Söhne Maschinenbau GmbH, Hamburg",
    tax_number="DE 123456789",
    email="Info@Mueller.example; altona@mueller.example",
    phone="+49 40 1234567",
    website="https://www.mueller-bau.example/de",
    address=ADDRESS,
    names=frozenset({"main:C 1"}),
)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Nordhafen GmbH & Co. KG", ("nordhafen",)),
        ("S.A.R.L. Dupont", ("dupont",)),
        ("Jensen A/S", ("jensen",)),
        ("Spolka z o. o. Nord", ("nord",)),
        ("Huber m. b. H.", ("huber",)),
        ("O'Neill & Sons Ltd.", ("oneill", "sons")),
        ("O’Neill", ("oneill",)),
        ("Björn Ågård Øl AS", ("bjorn", "agard", "ol")),
        ("Щедрин ООД", ("shtedrin",)),
        ("AG", ("ag",)),
        ("", ()),
    ],
)
def test_a_name_is_the_words_that_tell_it_from_others(name, words):
    assert normalizing.company_words(name) == words
    assert normalizing.company_name(name) == " ".join(words)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("The Nordhafen und Maschinenbau GmbH", ("Maschinenbau", "Nordhafen")),
        ("Kai Ost Bau", ("Kai", "Ost", "Bau")),
        ("GmbH & Co", ("GmbH", "Co")),
        ("", ("",)),
    ],
)
def test_a_system_is_searched_for_the_longest_words_as_they_are_written(name, words):
    assert normalizing.search_words(name) == words
    assert normalizing.search_word(name) == words[0]


@pytest.mark.parametrize(
    ("word", "anywhere", "last"),
    [
        ("gmbh", True, True),
        ("gmhb", True, True),
        ("limitd", True, True),
        ("ltdx", True, True),
        ("zoo", True, True),
        ("gmbhxx", False, False),
        ("kx", False, True),
        ("sax", False, True),
        ("bau", False, False),
        ("x", False, False),
    ],
)
def test_a_legal_form_is_known_with_a_mistake_in_it(word, anywhere, last):
    assert normalizing.is_legal_form(word) is anywhere
    assert normalizing.is_legal_form(word, last=True) is last


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("de 123.456.789", "DE123456789"),
        ("A1234", "A1234"),
        ("1234", ""),
        ("ABCDE", ""),
        ("DE１２３４５６", ""),
    ],
)
def test_a_tax_number_is_capitals_and_digits(written, number):
    assert normalizing.tax_number(written) == number


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("+49 40 1234500", "401234500"),
        ("040/1234500", "401234500"),
        ("1234567", "1234567"),
        ("0123456", "123456"),
        ("123456", ""),
        (None, ""),
    ],
)
def test_a_telephone_number_is_the_same_however_the_country_is_dialled(written, digits):
    assert normalizing.phone(written) == digits


@pytest.mark.parametrize(
    ("domain", "address", "website"),
    [
        ("nord.example", "a@Nord.Example. ", "https://www.Nord.example./de?x#y"),
        ("nord.example", "a@b@nord.example", "nord.example:8080"),
        ("nord.example", "nord.example", "http://nord.example?x"),
        ("", "a@gmail.com", "https://gmail.com"),
        ("", "a@localhost", "nord"),
        ("", None, ""),
        (".nord.example", "a@.nord.example", ".nord.example"),
    ],
)
def test_a_domain_is_a_companys_own_or_none(domain, address, website):
    assert normalizing.mail_domain(address) == domain
    assert normalizing.web_domain(website) == domain


def test_a_postcode_has_no_spaces_hyphens_and_case():
    assert normalizing.postcode(" sw1a-1aa") == "SW1A1AA"


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("040 1234567", {"401234567"}),
        ("040 1234567, 040 7654321", {"401234567", "407654321"}),
        ("040 1234567 or 040 7654321", {"401234567", "407654321"}),
        ("040 1234567 oder 040 7654321", {"401234567", "407654321"}),
        ("040/1234567", {"401234567"}),
        ("040 1234567/040 7654321", {"401234567", "407654321"}),
        ("040 1234567-11", {"123456711", "401234567"}),
        ("040 1234567 ext. 12", {"123456712", "401234567"}),
        ("n/a", set()),
    ],
)
def test_a_field_may_hold_several_telephone_numbers_or_an_extension(written, numbers):
    assert phones_of(written) == numbers


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Kaistraße 12", {"kai", "12"}),
        ("Kai-Str. 12", {"kai", "12"}),
        ("Rue de l'Opéra 8", {"de", "lopera", "8"}),
        ("Gasse 2", {"2"}),
        ("Ortweg 1", {"ort", "1"}),
        ("Abweg 2", {"abweg", "2"}),
        ("Wegweg", {"weg"}),
        ("Weg Nord 3", {"nord", "3"}),
        ("Jaegergasse", {"jager"}),
        ("Jägergasse", {"jager"}),
        ("Koenigsallee", {"konigs"}),
        ("Königsallee", {"konigs"}),
        ("Muellerstr", {"muller"}),
        ("Müllerstr", {"muller"}),
        ("Aalborgvej", {"alborg"}),
        ("Ålborgvej", {"alborg"}),
    ],
)
def test_an_address_is_its_words_and_numbers_however_a_street_is_called_one(written, words):
    assert place_words(written) == words


def test_what_is_compared_is_all_that_a_party_tells_in_one_form():
    form = form_of(MUELLER)

    assert form == Form(
        ref="crm:A-1",
        words=("muller", "sohne", "maschinenbau"),
        place_words=("altona", "hamburg"),
        tax="DE123456789",
        emails=frozenset({"altona@mueller.example", "info@mueller.example"}),
        domains=frozenset({"mueller-bau.example", "mueller.example"}),
        phones=frozenset({"401234567"}),
        country="DE",
        places=frozenset({"kai", "12", "20457", "hamburg", "altona"}),
        town=frozenset({"20457", "hamburg", "altona"}),
        names=frozenset({"main:C 1"}),
    )
    assert Form.unpacked(form.packed()) == form


def test_a_town_of_one_letter_and_a_field_without_a_mailbox_are_taken_as_they_are():
    form = form_of(
        Party(ref="crm:1", name="Nord", email="o@nord.example", address=Address(city="Å"))
    )

    assert (form.places, form.place_words) == ({"a"}, ())
    assert "ca nrd" in set(loose_keys(form))
    assert form_of(Party(ref="crm:1", name="Nord", email="info")).emails == frozenset()


def test_a_branch_is_named_by_its_mailbox_and_not_by_its_domain():
    address = Address(city="Hamburg")
    mailbox = Party(ref="crm:1", name="Nord", email="hamburg@nord.example", address=address)
    domain = Party(ref="crm:1", name="Nord", email="info@hamburg.example", address=address)

    assert form_of(mailbox).place_words == ("hamburg",)
    assert form_of(domain).place_words == ()


def test_an_account_and_a_customer_tell_the_same_of_a_company():
    told = {
        "name": MUELLER.name,
        "tax_number": MUELLER.tax_number,
        "email": MUELLER.email,
        "phone": MUELLER.phone,
        "website": MUELLER.website,
        "address": ADDRESS,
    }
    account = Account(id="A-1", external_ids={"main": "C 1"}, **told)
    customer = TradingAccount(id="C 1", system="main", currency="EUR", **told)

    assert Party.of_account(account) == MUELLER
    assert Party.of_account(account, "suite").ref == "suite:A-1"
    assert Party.of_customer(customer) == Party(ref="main:C 1", **told)


def test_what_a_record_leaves_open_is_empty():
    account = Party.of_account(Account(id="A-1", name="Nord"))
    customer = Party.of_customer(
        TradingAccount(id="C-1", system="main", name="Nord", currency="EUR")
    )

    assert account == Party(ref="crm:A-1", name="Nord")
    assert customer == Party(ref="main:C-1", name="Nord")


def test_one_key_that_is_exactly_the_same_is_enough():
    assert set(exact_keys(form_of(MUELLER))) == {
        "rcrm:A-1", "rmain:C 1", "t123456789", "ealtona@mueller.example",
        "einfo@mueller.example", "p401234567", "dmueller-bau.example", "dmueller.example",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("123456789", "t123456789"),
        ("ATU12345678", "tU12345678"),
        ("D123456789", "tD123456789"),
    ],
)
def test_a_tax_number_is_found_with_its_country_and_without(number, key):
    assert key in set(exact_keys(form_of(Party(ref="crm:1", name="Nord", tax_number=number))))


def test_keys_of_a_name_and_an_address_outlive_mistakes_and_short_forms():
    form = form_of(
        Party(
            ref="crm:1",
            name="Nordhafen Gold",
            address=Address(street="Zum Alten Ostkai Becken 12", postcode="20457", city="Hamburg"),
        )
    )

    assert set(loose_keys(form)) == {
        "ngoldnordhafen", "jnordhafengold", "snrdfngl", "wnordhafen", "wgold", "knrdfn", "kgld",
        "2gld nrdfn", "4gold nord", "a12 nrd", "a12 gld", "a20457 nrd", "a20457 gld",
        "b12 altn", "b12 bkn", "b12 hmbrg", "b12 ostk", "b20457 altn", "b20457 bkn",
        "b20457 hmbrg", "b20457 ostk", "chmbrg nrd", "chmbrg gld",
    }  # fmt: skip
    assert name_key(form) == "ngoldnordhafen"


def test_a_long_name_is_found_by_its_first_five_words():
    keys = set(loose_keys(form_of(Party(ref="crm:1", name="Gold Silber Kupfer Eisen Blei Zink"))))

    assert {"wgold", "wblei", "nbleieisengoldkupfersilberzink"} <= keys
    assert "wzink" not in keys
    assert {key for key in keys if key[0] == "4"} >= {"4blei eise", "4gold kupf"}


@pytest.mark.parametrize(
    ("word", "left"),
    [
        ("schmidt", "smdt"),
        ("waagnerr", "wgnr"),
        ("wagner", "wgnr"),
        ("thoma", "tm"),
        ("beck", "bk"),
        ("zucker", "zkr"),
        ("alphawerk", "alfvrk"),
        ("elektronikwerke", "elktrnk"),
    ],
)
def test_a_word_is_found_by_its_consonants(word, left):
    assert skeleton(word) == left
