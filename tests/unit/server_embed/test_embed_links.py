"""What a signed link is good for, and what it is not."""

import base64
import hashlib
import json

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from crossdock.errors import ConfigError
from crossdock.server.embed import EmbedSettings, sign
from crossdock.server.embed.links import ExpiredLinkError, RefusedLinkError, read

SETTINGS = EmbedSettings(keys=("k" * 32,), origins=("https://crm.example",), lifetime_seconds=600)
NOW = 1_800_000_000.0


def signed(settings=SETTINGS, **changes):
    claims = {
        "tab": "erp-tabs/aging",
        "record": "A-1001",
        "user": "U-kim",
        "origin": "https://crm.example",
        "params": {"as_of": "2026-10-31"},
        "now": NOW,
    }
    return sign(settings, **(claims | changes))


def token(link):
    return link.url.rpartition("/")[2]


def test_a_link_carries_tab_record_user_origin_parameters_and_its_end():
    link = signed()

    embedding = read(SETTINGS, token(link), now=NOW)

    assert link.url.startswith("/embed/t/")
    assert (embedding.tab, embedding.record, embedding.user, embedding.origin) == (
        "erp-tabs/aging", "A-1001", "U-kim", "https://crm.example",
    )  # fmt: skip
    assert embedding.params == {"as_of": "2026-10-31"}
    assert embedding.expires == link.expires.timestamp() == NOW + 600


def test_a_link_begins_where_browsers_reach_the_frames():
    settings = EmbedSettings.from_table(
        {
            "keys": {"a": "k" * 32},
            "origins": ["https://crm.example"],
            "url": "https://x.example/embed/",
        }
    )

    assert signed(settings).url.startswith("https://x.example/embed/t/")


def test_a_link_is_good_until_its_last_second():
    link = signed()

    assert read(SETTINGS, token(link), now=NOW + 599.9)
    with pytest.raises(ExpiredLinkError) as expired:
        read(SETTINGS, token(link), now=NOW + 600)
    assert expired.value.origin == "https://crm.example"


def test_a_shorter_life_can_be_asked_for_and_a_longer_one_cannot():
    assert read(SETTINGS, token(signed(lifetime_seconds=5)), now=NOW + 4)
    with pytest.raises(ExpiredLinkError):
        read(SETTINGS, token(signed(lifetime_seconds=5)), now=NOW + 5)
    for seconds in (601, 0, -1):
        with pytest.raises(ConfigError, match="from 1 to 600 seconds"):
            signed(lifetime_seconds=seconds)


def test_no_link_is_made_for_a_page_that_may_hold_no_frame():
    with pytest.raises(ConfigError, match=r"origins are: https://crm\.example"):
        signed(origin="https://evil.example")


def test_a_link_for_a_page_that_lost_its_leave_is_refused():
    fewer = evolve(SETTINGS, origins=("https://other.example",))

    with pytest.raises(RefusedLinkError):
        read(fewer, token(signed()), now=NOW)


@given(at=st.integers(0, 10_000), to=st.sampled_from("abcXYZ019-_."))
def test_a_link_with_any_changed_letter_opens_nothing_else(at, to):
    good = token(signed())
    at %= len(good)
    changed = good[:at] + to + good[at + 1 :]

    try:
        opened = read(SETTINGS, changed, now=NOW)
    except RefusedLinkError:
        return
    # The last letter of a signature in Base64 has bits to spare; the claims are the signed ones.
    assert opened == read(SETTINGS, good, now=NOW)
    assert at == len(good) - 1 or changed == good


def test_claims_cannot_be_exchanged_under_a_signature():
    payload, _, signature = token(signed()).rpartition(".")
    forged = base64.urlsafe_b64encode(
        json.dumps({"t": "erp-tabs/margin", "r": "A-1", "u": "U-ada"}).encode()
    ).decode()

    with pytest.raises(RefusedLinkError):
        read(SETTINGS, f"{forged}.{signature}", now=NOW)
    with pytest.raises(RefusedLinkError):
        read(SETTINGS, payload, now=NOW)


@pytest.mark.parametrize("junk", ["", ".", "x", "a.b", "é.ü", "." * 4097, "e30.e30"])
def test_what_is_no_link_is_refused(junk):
    with pytest.raises(RefusedLinkError):
        read(SETTINGS, junk, now=NOW)


def test_a_signature_for_another_purpose_opens_nothing():
    other = URLSafeSerializer("k" * 32, salt="another purpose").dumps({"t": "x"})

    with pytest.raises(RefusedLinkError):
        read(SETTINGS, other, now=NOW)


def test_keys_rotate_the_newest_signs_and_the_older_ones_still_open():
    old, new = "o" * 32, "n" * 32
    before = evolve(SETTINGS, keys=(old,))
    during = evolve(SETTINGS, keys=(old, new))
    after = evolve(SETTINGS, keys=(new,))

    assert read(during, token(signed(before)), now=NOW)
    assert read(after, token(signed(during)), now=NOW)
    with pytest.raises(RefusedLinkError):
        read(after, token(signed(before)), now=NOW)


def test_parameters_that_no_address_can_carry_are_told():
    with pytest.raises(ConfigError, match="too long"):
        signed(params={str(n): hashlib.sha256(bytes([n])).hexdigest() for n in range(99)})


def test_a_short_key_is_refused_by_its_name_and_never_shown():
    with pytest.raises(ConfigError, match=r"embed\.keys\.second: write 32") as told:
        EmbedSettings.from_table(
            {"keys": {"first": "k" * 32, "second": "hunter2"}, "origins": ["https://crm.example"]}
        )
    assert "hunter2" not in str(told.value)
    assert "kkkk" not in repr(SETTINGS)
