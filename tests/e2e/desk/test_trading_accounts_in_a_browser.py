"""Linking a customer and reading why a quote costs what it costs, in a real Chromium."""

import pytest
from selenium.webdriver.common.by import By

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("desk"),  # one stack for all of them
]
ACCOUNT = "A-1004"


def test_a_customer_is_unlinked_seen_side_by_side_and_linked_again(visitor, look_at):
    visitor.sign_in("accounting")
    visitor.open(f"/accounts/{ACCOUNT}")
    visitor.follow("Trading accounts")
    assert "go here" in visitor.text("table")

    visitor.see(".undo summary").click()
    visitor.type("comment", "to be looked at again")
    visitor.leave_by(visitor.see(".undo button"))
    assert "is not linked any more" in visitor.text(".notice")
    assert "No ERP customer is linked yet" in visitor.text()
    candidate = visitor.text(".candidate")
    assert "Certain" in candidate
    assert "The same tax number +90" in candidate
    assert "said that it is another company" in candidate
    look_at(visitor)

    visitor.leave_by(visitor.see(".candidate button.primary"))
    assert "is linked, and new orders go there" in visitor.text(".notice.tone-good")
    assert "confirmed by" in visitor.text("table")
    visitor.open("/trading-accounts")
    look_at(visitor)


def test_a_quote_says_beside_each_line_why_it_costs_that_and_what_is_there(visitor, stack, look_at):
    visitor.sign_in("Kim")
    visitor.write_quote(stack.story["account"])
    visitor.type("lines.0.quantity", "3")
    visitor.press("save")
    assert "on hand" in visitor.text("td[data-label=Promised]")
    assert "left with this" in visitor.text(".credit-line")
    visitor.see(".why-price summary").click()
    steps = [each.text for each in visitor.all(".why-price li")]
    assert steps[0].startswith("3 at ")
    assert steps[-1].endswith("in all.")

    visitor.type("lines.0.quantity", "4")
    visitor.press("save")
    assert "against before: quantity 4 instead of 3" in visitor.text(".moved")
    field = visitor.field("valid_until").find_element(By.XPATH, "..")
    assert field.is_displayed()
    look_at(visitor)
