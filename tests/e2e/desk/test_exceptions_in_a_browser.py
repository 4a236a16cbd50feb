"""An order that the ERP refused is put right at the desk, and arrives."""

from __future__ import annotations

import json

import httpx
import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def refused(visitor_of, stack):
    """Promote an order that the ERP refuses once; gives who may put it right on its page.

    Kim sells, and sees why it is stuck; accounting has the right to do something about it.
    """

    def promote(*, scripts=True, as_role="accounting"):
        visitor = visitor_of(scripts=scripts)
        visitor.sign_in("Kim")
        visitor.write_quote(stack.story["account"])
        visitor.press("save")
        rule = {"operation": "createSalesOrder", "kind": "status", "status": 422, "times": 1}
        httpx.post(f"{stack.erp}/_mock/faults", json=rule).raise_for_status()
        visitor.press("promote")
        order = visitor.path
        visitor.until(lambda: (visitor.open(order), visitor.all(".notice.tone-bad"))[1])
        visitor.follow("See why, or change it")
        if as_role:
            address = visitor.path
            visitor.sign_in(as_role)
            visitor.open(address)
        return visitor, order.rpartition("/")[2]

    yield promote
    httpx.delete(f"{stack.erp}/_mock/faults").raise_for_status()


@pytest.mark.parametrize(
    "scripts",
    [True, pytest.param(False, marks=pytest.mark.full)],
    ids=["with scripts", "without scripts"],
)
def test_an_exception_is_fixed_by_edit_and_retry_and_the_order_arrives(
    refused, stack, complaints, scripts
):
    visitor, order = refused(scripts=scripts)
    address = visitor.path
    assert "The ERP or CRM said no (main)" in visitor.text()
    assert "createSalesOrder at main: answered 422" in visitor.text()
    visitor.see(".evidence summary").click()
    evidence = visitor.text(".evidence")
    assert f'"externalReference": "{order}"' in evidence
    assert "X-Api-Key: ***" in evidence

    visitor.type("lines.0.quantity", "none")
    visitor.press("edit")
    assert "Line 1, quantity: A quantity is a number above zero" in visitor.text("#summary")
    assert visitor.field("lines.0.quantity").get_attribute("aria-invalid") == "true"
    if scripts:
        for width, scheme in ((1280, "light"), (360, "dark")):
            visitor.size(width)
            visitor.scheme(scheme)
            assert not complaints(visitor)
            wide = visitor.driver.execute_script("return document.documentElement.scrollWidth")
            assert wide <= width
        visitor.size(1280)
    visitor.type("lines.0.quantity", "3")
    visitor.type("reason", "the customer called")
    visitor.press("edit")
    assert "was changed and is tried again now" in visitor.text()

    visitor.until(lambda: (visitor.open(address), "Done" in visitor.text("h1"))[1])
    assert "The customer called. Line 1, quantity: 1 became 3." in visitor.text()
    assert "Went through" in visitor.text()
    if scripts:
        assert not complaints(visitor)
    sent = [json.loads(each["request_body"]) for each in stack.journal("createSalesOrder")]
    (placed,) = [each for each in sent if each["externalReference"] == order]
    assert [line["quantity"] for line in placed["lines"]] == ["3"]


def test_a_salesperson_sees_why_it_is_stuck_and_who_may_put_it_right(refused, complaints):
    visitor, _order = refused(as_role="")
    assert "The ERP or CRM said no (main)" in visitor.text()
    assert "may only look: this needs the right deliveries:write" in visitor.text("#may-not")
    assert "accounting" in visitor.text("#may-not")
    assert not visitor.all("form[action*='/deliveries/']")
    visitor.see(".evidence summary").click()
    assert "shown to those who may see every figure" in visitor.text(".evidence")
    assert not visitor.all(".evidence pre")
    for width, scheme in ((1280, "light"), (360, "dark")):
        visitor.size(width)
        visitor.scheme(scheme)
        assert not complaints(visitor)
    visitor.open("/deliveries")
    assert not visitor.all("form[action$='/retry']")


def test_what_cannot_be_put_right_is_handed_on_and_given_up(refused, complaints):
    visitor, _order = refused()
    address = visitor.path
    visitor.see("#assignee option[value='user:U-kim']").click()
    visitor.leave_by(visitor.see("form[action$='/assign'] button"))
    assert "is for Kim" in visitor.text()
    visitor.open("/deliveries?show=exceptions&who=user:U-kim&kind=business&system=main")
    assert len(visitor.all("tbody tr")) == 1
    assert not complaints(visitor)
    visitor.open(address)
    visitor.type("give_up", "ordered by phone")
    visitor.leave_by(visitor.see("form[action$='/give-up'] button"))
    assert "Ordered by phone." in visitor.text()
    assert "Given up" in visitor.text("h1")
