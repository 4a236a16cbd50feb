"""Which fields of which record are sensitive is read from the code's types, nested ones too."""

import textwrap

import pytest

from crossdock.testing.checks.scopes import fields_can_be_seen, scopes_are_narrow
from crossdock.testing.checks.source import read_source

HEAD = """
from attrs import frozen
from crossdock import hookimpl
from crossdock.records import CreditStatus, QuoteLine

@hookimpl
def before_quote_save(ctx, quote, before):
"""


@pytest.fixture
def told(tmp_path):
    def told_(code, scopes=(), rule=fields_can_be_seen):
        (tmp_path / "plugin.toml").write_text(
            f'id = "mine"\nname = "Mine"\nsdk = ">=0.1"\npoints = ["before_quote_save"]\n'
            f"scopes = {list(scopes)}\n"
        )
        (tmp_path / "plugin.py").write_text(HEAD + textwrap.indent(textwrap.dedent(code), "    "))
        return [each.what for each in rule(read_source(tmp_path))]

    return told_


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("return any(line.unit_cost for line in quote.lines) and None", "unit_cost"),
        ("for line in before.lines if before else ():\n    line.unit_cost", "unit_cost"),
        ("account = ctx.crm.account(quote.account_id)\naccount.address.name", "name"),
        ("for each in ctx.trading_accounts(ctx.crm.account('A-1')):\n    each.credit_limit",
         "credit_limit"),
        ("customer = ctx.erp.customer('C-1')\nctx.erp.credit(customer).available", "available"),
        ("def inner(credit: CreditStatus):\n    return credit.available\ninner(None)", "available"),
        ("[each.available for each in ctx.erp.credit_list().items]", "available"),
        ("(status := ctx.erp.credit(quote)).available", "available"),
        ("thing(quote).unit_cost", "unit_cost"),  # nobody can say of what, and all of them are
    ],
)  # fmt: skip
def test_a_sensitive_field_is_found_however_it_is_reached(told, code, field):
    (what,) = told(code)
    assert what.startswith(f"the field {field} is sensitive")


@pytest.mark.parametrize(
    "code",
    [
        "ctx.crm.account(quote.account_id).name",  # a company's; an address's is a person's
        "stock = ctx.erp.stock(['BRG-1001'])\nstock[0].available",
        "thing(quote).available",  # of some records it is, of others not
        "one = quote\none = 3\none.name",
        "class Own:\n    unit_cost: int = 0\nOwn().unit_cost",
    ],
)
def test_a_field_of_the_same_name_elsewhere_is_none_of_it(told, code):
    assert told(code) == []


def test_a_scope_for_a_field_that_is_read_from_a_typed_record_is_no_idle_one(told):
    reads = "def inner(credit: CreditStatus):\n    return credit.available\ninner(quote)"
    assert not told(reads, ["field:credit"], scopes_are_narrow)
    assert told("return None", ["field:credit"], scopes_are_narrow)
