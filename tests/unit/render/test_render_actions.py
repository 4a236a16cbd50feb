"""Actions in the cells of a table: to be pressed where they lead somewhere, else not there."""

import pytest

from crossdock import Action, Column, Table, Unknown, View
from crossdock.host.gateway.views import visible
from crossdock.records import User
from crossdock.render.card import card_document
from crossdock.render.csv import table_csv
from crossdock.render.html import render_html
from crossdock.render.json import view_document
from crossdock.render.text import render_text


def leads(target, params):
    return f"/{target}?{params['system']}" if target.startswith("invoice_copy/") else None


@pytest.fixture
def view():
    where = {"system": "uk"}
    copy = Action(label="Download", target="invoice_copy/IN-1", params=where)
    send = Action(label="Send again", target="invoice_sending/IN-1", params=where, roles=("boss",))
    columns = [
        Column(key="id", label="Invoice"),
        Column(key="copy", label="Copy"),
        Column(key="send", label="E-mail"),
    ]
    rows = [
        {"id": "IN-1", "copy": copy, "send": send},
        {"id": "IN-2", "copy": Unknown("the ERP gives none")},
    ]
    return View([Table(columns=columns, rows=rows, id="invoices")])


def test_a_page_has_the_actions_that_lead_somewhere_and_no_empty_column(view):
    html = render_html(view, href=leads)
    assert 'href="/invoice_copy/IN-1?uk"' in html
    assert "the ERP gives none" in html
    assert "Send again" not in html
    assert "E-mail" not in html
    assert "Copy" not in render_html(view)


def test_what_cannot_be_pressed_is_neither_in_a_terminal_nor_in_a_file_nor_on_a_card(view):
    (table,) = view.components
    for written in (render_text(view), table_csv(table), str(card_document(view, title="x"))):
        assert "IN-1" in written
        assert "Download" not in written
        assert "Send again" not in written


def test_a_program_is_told_of_them_as_data(view):
    row = view_document(view)["components"][0]["rows"][0]
    assert row["copy"] == {
        "type": "action",
        "label": "Download",
        "target": "invoice_copy/IN-1",
        "params": {"system": "uk"},
        "tone": "neutral",
    }


def test_an_action_of_a_row_is_shown_to_the_roles_that_it_is_for(view):
    def sent(*roles):
        user = User(id="U-1", name="Kim", roles=roles)
        return visible(view, user, frozenset()).components[0].rows[0]["send"]

    assert sent("boss").label == "Send again"
    assert sent("sales") is None
