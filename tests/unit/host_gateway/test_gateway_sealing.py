"""An attribute that only who holds its descriptor can read."""

from __future__ import annotations

import pytest

from crossdock.host.gateway.sealing import sealed


def test_a_sealed_slot_is_reached_with_what_was_given_for_it_and_in_no_other_way():
    class Port:
        __slots__ = ("_behind", "name")

    read, write = sealed(Port, "_behind")
    one, other = Port(), Port()
    write(one, "behind")
    write(other, "beyond")
    one.name = "crm"

    assert (read(one), read(other), one.name) == ("behind", "beyond", "crm")
    assert "_behind" not in dir(one)
    with pytest.raises(AttributeError):
        _ = one._behind
    with pytest.raises(AttributeError):
        one._behind = "elsewhere"


def test_what_is_no_slot_cannot_be_sealed():
    with pytest.raises(KeyError):
        sealed(type("Open", (), {}), "_behind")
