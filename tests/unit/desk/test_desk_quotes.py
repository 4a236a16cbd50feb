"""Writing a quote: guard answers beside their fields, nothing typed is lost, promotion."""

import attrs
import pytest

NEW = "/accounts/A-1001/quotes/new"


def one_line(item="BRG-1001", quantity="10", discount="", **more):
    return {
        "lines__0__number": "1",
        "lines__0__item_id": item,
        "lines__0__quantity": quantity,
        "lines__0__discount_percent": discount,
        **more,
    }


@pytest.fixture
def saved(host, quote):
    """A quote of ten bearings, saved and priced."""
    return host.save_quote(quote(("BRG-1001", "10")), user=host.crm.people[0]).quote


def test_a_new_quote_is_saved_and_shows_the_erps_price_with_rule_and_source(kim, host):
    kim.open(NEW)
    kim.send(NEW, action="save", valid_until="2026-12-31", **one_line())
    assert kim.path == "/quotes/Q-2001"
    text = kim.text()
    assert "Saved" in text
    assert "€11.875 customer contract list €12.50" in text
    assert "2 by customer contract (PL-2026) = 23.75 EUR" in text
    assert "40 on hand, 5 reserved." in text
    assert "Credit limit 20,000.00 EUR, 19,000.00 EUR left with this." in text
    assert "Tax 19% of €118.75 €22.56" in text
    assert "Gross €141.31" in text
    assert "24 Nov 2026" in text
    assert str(host.crm.all_quotes["Q-2001"].valid_until) == "2026-12-31"


def test_the_enter_key_saves(kim):
    html = kim.open(NEW)
    first_button = html.split('class="editor"')[1].split("<button")[1].split(">")[0]
    assert 'value="enter"' in first_button
    kim.send(NEW, action="enter", **one_line())
    assert kim.path == "/quotes/Q-2001"


def test_the_enter_key_searches_where_a_search_was_typed(kim, host):
    kim.open(NEW)
    kim.send(NEW, action="enter", find="grease", **one_line(item="", quantity="7"))
    assert "LUB-0100 Lithium grease cartridge" in kim.text()
    assert 'name="lines.0.quantity"' in kim.html
    assert 'value="7"' in kim.html
    assert host.crm.all_quotes == {}


def test_an_item_that_was_found_takes_the_place_of_a_blank_line(kim):
    kim.open(NEW)
    kim.send(NEW, action="add:LUB-0100", **one_line(item="", quantity="1"))
    assert 'value="LUB-0100"' in kim.html
    assert 'name="lines.1.item_id"' not in kim.html


def test_lines_are_added_and_removed_without_a_script(kim):
    kim.open(NEW)
    kim.send(NEW, action="add", **one_line())
    assert 'name="lines.1.item_id"' in kim.html
    kim.send(
        NEW,
        action="remove:0",
        **one_line(),
        lines__1__item_id="SRV-0001",
        lines__1__quantity="2",
        lines__1__number="2",
    )
    assert 'value="SRV-0001"' in kim.html
    assert 'value="BRG-1001"' not in kim.html


def test_a_number_that_is_none_is_said_beside_its_field_and_nothing_is_lost(kim, host):
    kim.open(NEW)
    kim.send(
        NEW,
        action="save",
        **one_line(quantity="a few", discount="5"),
        valid_until="2026-12-31",
        contact_id="P-1",
    )
    html = kim.html
    assert 'href="#f-lines-0-quantity"' in html
    field = html.split('id="f-lines-0-quantity" ')[1].split(">")[0]
    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="f-lines-0-quantity-said"' in field
    assert 'value="a few"' in field
    assert 'id="f-lines-0-quantity-said"' in html
    assert 'value="2026-12-31"' in html
    assert '<option value="P-1" selected>' in html
    assert "<title>Error: New quote" in html
    assert host.crm.all_quotes == {}


@pytest.mark.parametrize("typed", ["", "0", "-3", "1e9", "NaN", "1,5", "9" * 40, "٣"])
def test_only_plain_numbers_above_zero_are_quantities(kim, host, typed):
    kim.open(NEW)
    kim.send(NEW, action="save", **one_line(quantity=typed))
    assert "Write a quantity above zero" in kim.text()
    assert host.crm.all_quotes == {}


@pytest.mark.parametrize("typed", ["-1", "101", "five"])
def test_only_percentages_are_discounts(kim, typed):
    kim.open(NEW)
    kim.send(NEW, action="save", **one_line(discount=typed))
    assert "Write a discount from 0 to 100" in kim.text()


def test_a_day_that_is_none_is_said(kim):
    kim.open(NEW)
    kim.send(NEW, action="save", valid_until="31.12.2026", **one_line())
    assert 'href="#f-valid_until"' in kim.html


def test_a_quote_needs_a_line(kim):
    kim.open(NEW)
    kim.send(NEW, action="save", **one_line(item="", quantity=""))
    assert "A quote needs at least one line." in kim.text()


def test_a_veto_stands_beside_the_field_it_is_about(kim, host):
    kim.open(NEW)
    kim.send(NEW, action="save", **one_line(item="BRG-9999"))
    assert (
        '<a href="#f-lines-0-item_id">Line 1, item: The ERP has no item BRG-9999.</a>' in kim.html
    )
    assert 'id="f-lines-0-item_id-said"' in kim.html
    assert 'value="BRG-9999"' in kim.html
    assert host.crm.all_quotes == {}


def test_a_veto_finds_its_line_where_blank_lines_were_left_out(kim):
    kim.open(NEW)
    kim.send(
        NEW,
        action="save",
        **one_line(item="", quantity=""),
        lines__1__number="2",
        lines__1__item_id="BRG-9999",
        lines__1__quantity="1",
    )
    assert 'href="#f-lines-0-item_id"' in kim.html
    assert kim.html.split('id="f-lines-0-item_id" ')[1].split("list=")[0].count("BRG-9999") == 1


def test_a_warning_is_shown_beside_its_field_and_stays_with_the_quote(kim):
    kim.open(NEW)
    kim.send(NEW, action="save", **one_line(quantity="60"))
    for _ in range(2):
        assert "Warning: Only 40 are in stock" in kim.text()
        assert 'id="f-lines-0-quantity-said"' in kim.html
        kim.open("/quotes/Q-2001")
    assert 'aria-invalid="true"' not in kim.html


def test_what_a_guard_changed_is_told_old_and_new(kim):
    kim.open(NEW)
    kim.send(NEW, action="save", **one_line(discount="20"))
    assert "Line 1, discount 20 → 15" in kim.text()
    assert "1 field filled in by straight-through" in kim.text()


def test_a_draft_saved_while_the_erp_is_away_is_visibly_unchecked(kim, host):
    host.erp.away = True
    kim.open(NEW)
    assert "does not answer" in kim.text()
    kim.send(NEW, action="save", **one_line())
    text = kim.text()
    assert "Saved, but not checked" in text
    assert "Unchecked draft" in text
    assert "Gross —" in text
    assert host.crm.all_quotes["Q-2001"].pricing_status == "unchecked"


def test_a_line_that_was_changed_loses_its_price_until_it_is_saved(kim, saved):
    kim.open("/quotes/Q-2001")
    assert "€118.75" in kim.text()
    kim.send("/quotes/Q-2001", action="add", version="1", **one_line(quantity="99"))
    text = kim.text()
    assert "€118.75" not in text
    assert "Save and promote" in text


def test_somebody_elses_change_is_not_overwritten_silently(kim, host, saved):
    kim.open("/quotes/Q-2001")
    host.crm.all_quotes["Q-2001"] = attrs.evolve(saved, version="2")
    kim.send("/quotes/Q-2001", action="save", version="1", **one_line(quantity="12"))
    assert "Somebody else saved this quote while you were editing it" in kim.text()
    assert 'value="12"' in kim.html
    assert host.crm.all_quotes["Q-2001"].lines[0].quantity == 10
    kim.send("/quotes/Q-2001", action="save", version="2", **one_line(quantity="12"))
    assert host.crm.all_quotes["Q-2001"].lines[0].quantity == 12


def test_a_promoted_quote_leads_to_its_order(kim, host, saved):
    kim.open("/quotes/Q-2001")
    kim.send("/quotes/Q-2001", action="promote", version="1", **one_line())
    assert kim.path == "/orders/R-3001"
    assert "The quote is an order now" in kim.text()
    assert host.crm.all_quotes["Q-2001"].version == "1"


def test_what_was_typed_is_saved_before_it_is_promoted(kim, host, saved):
    kim.open("/quotes/Q-2001")
    kim.send("/quotes/Q-2001", action="promote", version="1", **one_line(quantity="11"))
    assert kim.path == "/orders/R-3001"
    assert host.crm.all_orders["R-3001"].lines[0].quantity == 11


def test_a_quote_over_the_credit_limit_is_stopped_with_the_reason_beside_the_total(
    kim, host, quote
):
    host.save_quote(quote(("BRG-2040", "200")), user=host.crm.people[0])
    kim.open("/quotes/Q-2001")
    kim.send("/quotes/Q-2001", action="promote", version="1", **one_line("BRG-2040", "200"))
    html = kim.html
    assert "This quote was not promoted" in kim.text()
    assert '<a href="#f-totals">Gross: This would pass the customer' in html
    beside = html.split('id="f-totals"')[1].split("</section>")[0]
    assert 'id="f-totals-said"' in beside
    assert "credit limit" in beside
    assert 'aria-describedby="f-totals-said"' in beside
    assert host.crm.all_orders == {}


def test_the_news_of_a_save_never_hides_the_reasons_of_a_refusal(kim, host):
    kim.open(NEW)
    kim.send(NEW, action="save", **one_line("BRG-2040", "200"))
    address = str(kim.answer.url).removeprefix("http://testserver")
    assert "word=" in address
    kim.send(address, action="promote", version="1", **one_line("BRG-2040", "200"))
    assert "Gross: This would pass the customer" in kim.text()
    assert f'action="{kim.path}"' in kim.html


def test_an_ordered_quote_can_only_be_read(kim, host, saved):
    host.promote_quote("Q-2001", user=host.crm.people[0])
    html = kim.open("/quotes/Q-2001")
    assert 'href="/orders/R-3001"' in html
    assert 'value="save"' not in html
    assert 'name="lines.0.quantity"' not in html


def test_items_are_suggested_to_the_script(kim):
    kim.open("/items?system=main&q=grease")
    assert kim.answer.json() == [{"id": "LUB-0100", "name": "Lithium grease cartridge 400 g"}]
    kim.open("/items?system=elsewhere&q=x", status=404)
