"""What a connector leaves out is refused in words, method by method."""

from __future__ import annotations

import inspect

import pytest

from crossdock.connectors.partial import PartialErp
from crossdock.errors import NotSupported
from crossdock.ports import ErpPort, scopes_of


class Ledgerbox(PartialErp):
    product = "Ledgerbox"
    system = "books"


# That it is not known what it is called there is an answer: no writes are recognised as its own.
@pytest.mark.parametrize("name", sorted(set(scopes_of(ErpPort)) - {"writes_as"}))
def test_every_method_of_the_port_says_that_the_system_cannot(name):
    given = {
        each.name: None
        for each in inspect.signature(getattr(ErpPort, name)).parameters.values()
        if each.default is each.empty and each.name != "self"
    }

    with pytest.raises(NotSupported, match=r"^Ledgerbox \(books\) "):
        getattr(Ledgerbox(), name)(**given)


@pytest.mark.parametrize("name", sorted(scopes_of(ErpPort)))
def test_it_is_asked_as_the_port_is(name):
    ours, port = (inspect.signature(getattr(each, name)) for each in (PartialErp, ErpPort))

    assert ours == port


def test_it_is_a_port():
    assert isinstance(Ledgerbox(), ErpPort)
