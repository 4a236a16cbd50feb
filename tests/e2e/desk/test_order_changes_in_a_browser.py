"""An order is changed after the ERP took it, and one in doubt is settled by a person."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def ordered(visitor_of, stack):
    """Order three of something; gives the visitor on the order's page, and its id."""

    def order(*, scripts=True):
        visitor = visitor_of(scripts=scripts)
        visitor.sign_in("Kim")
        visitor.write_quote(stack.story["account"])
        visitor.type("lines.0.quantity", "3")
        visitor.press("save")
        visitor.press("promote")
        page = visitor.path
        visitor.until(lambda: (visitor.open(page), "SO-" in visitor.text(".facts"))[1])
        return visitor, page.rpartition("/")[2]

    return order


@pytest.mark.parametrize(
    "scripts",
    [pytest.param(True, marks=pytest.mark.full), False],
    ids=["with scripts", "without scripts"],
)
def test_an_order_is_changed_and_the_erp_s_answer_shows(ordered, complaints, scripts):
    visitor, order = ordered(scripts=scripts)
    visitor.follow("Change or cancel this order")
    visitor.type("lines.2.quantity", "none")
    visitor.press("change")
    assert "quantity: A quantity is a number above zero" in visitor.text("#summary")
    assert visitor.field("lines.2.quantity").get_attribute("aria-invalid") == "true"
    if scripts:
        for width, scheme in ((1280, "light"), (360, "dark")):
            visitor.size(width)
            visitor.scheme(scheme)
            assert not complaints(visitor)
            wide = visitor.driver.execute_script("return document.documentElement.scrollWidth")
            assert wide <= width
        visitor.size(1280)
        visitor.scheme("light")
    visitor.type("lines.2.quantity", "5")
    visitor.type("reason", "two for the shelf")
    visitor.press("change")
    assert "is on its way to the ERP" in visitor.text()
    page = f"/orders/{order}"
    visitor.until(lambda: (visitor.open(page), "Done" in visitor.text(".flow-lines"))[1])
    assert "5 in all. “Two for the shelf.”" in visitor.text(".flow-lines")
    if scripts:
        assert not complaints(visitor)


def test_an_order_in_doubt_is_settled_by_a_person(ordered, stack, complaints):
    visitor, order = ordered()
    erp_order = visitor.see(".facts a").text
    page = f"/orders/{order}"
    # News of the order that the ERP still has to tell would settle the doubt.
    visitor.until(lambda: (visitor.open(page), "Confirmed" in visitor.text(".flow-timeline"))[1])
    stack.doubt(order)
    visitor.open(page)
    assert "Is it in the ERP?" in visitor.text()
    assert "may only look" in visitor.text("#created")
    assert not visitor.all("#created form")
    visitor.sign_in("accounting")
    visitor.open(page)
    visitor.press("confirm")
    assert "Say as which order you found it" in visitor.text("#created")
    for width, scheme in ((1280, "light"), (360, "dark")):
        visitor.size(width)
        visitor.scheme(scheme)
        assert not complaints(visitor)
        wide = visitor.driver.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width
    visitor.type("erp_order", erp_order)
    visitor.press("confirm")
    assert "The order is linked" in visitor.text()
    assert not visitor.all("#created")
