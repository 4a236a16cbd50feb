"""A company's books in an empty Tryton: currency, accounts, years, taxes, terms, people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from crossdock.connectors.tryton.session import Session

USER: Final = "crossdock"
PASSWORD: Final = "crossdock-demo-password"  # noqa: S105 - of a database that is thrown away
OFFICE: Final = "office"
#: What the connector's user may do: sell, and read what comes of it.
_SELLS: Final = (
    ("sale", "group_sale"),
    ("stock", "group_stock"),
    ("account", "group_account"),
    ("product", "group_product_admin"),
    ("party", "group_party_admin"),
)
#: The people who work in Tryton's own screens, besides.
_OFFICE: Final = (
    *_SELLS,
    ("sale", "group_sale_admin"),
    ("stock", "group_stock_admin"),
    ("stock", "group_stock_force_assignment"),
    ("account", "group_account_admin"),
    ("account_credit_limit", "group_credit_limit"),
)


@frozen(kw_only=True)
class Books:
    """What the records of customers and items refer to, by Tryton's ids; `home` is a currency."""

    company: int
    home: int
    currencies: Mapping[str, int]
    taxes: Mapping[str, int]
    terms: Mapping[int, int]
    categories: Mapping[str, int]


def open_books(
    session: Session,
    *,
    company: str,
    currency: str,
    currencies: Iterable[str],
    worth: Mapping[str, Sequence[tuple[date, Decimal]]],
    rates: Mapping[str, tuple[str, Decimal]],
    terms: Iterable[int],
    today: date,
    rounding: str,
) -> Books:
    """Open the books of a company.

    Args:
        session: a session of the administrator in an empty database.
        company: its name.
        currency: its own.
        currencies: all that its customers buy in.
        worth: what one unit of another currency is in its own, from which days on.
        rates: name and rate of each tax code.
        terms: the days after which invoices are due, of all customers.
        today: in the middle of the years that are opened.
        rounding: of tax: `line` or `document`.
    """
    units = {
        code: session.create(
            "currency.currency",
            {
                "name": code, "symbol": code, "code": code, "digits": 2,
                "rounding": Decimal("0.01"),
                "rates": [["create", _rates(worth.get(code, ()))]],
            },
        )[0]
        for code in dict.fromkeys((currency, *currencies, *worth))
    }  # fmt: skip
    (party,) = session.create("party.party", {"name": company, "addresses": [["create", [{}]]]})
    (company_id,) = session.create("company.company", {"party": party, "currency": units[currency]})
    (me,) = (row["id"] for row in session.find("res.user", [["login", "=", "admin"]]))
    session.call(
        "res.user.write", [me], {"companies": [["add", [company_id]]], "company": company_id}
    )
    session.refresh()
    accounts = _chart(session, company_id)
    session.call("account.configuration.write", [1], {"tax_rounding": rounding})
    for year in range(today.year - 3, today.year + 2):
        _fiscal_year(session, company_id, year)
    _payment_method(session, company_id, accounts["cash"])
    taxes = {
        code: session.create(
            "account.tax",
            {
                "name": name, "description": code, "type": "percentage", "rate": rate,
                "company": company_id,
                "invoice_account": accounts["tax"], "credit_note_account": accounts["tax"],
            },
        )[0]
        for code, (name, rate) in rates.items()
    }  # fmt: skip
    categories = {
        code: session.create(
            "product.category",
            {
                "name": f"Taxed {code}", "accounting": True,
                "account_revenue": accounts["revenue"], "account_expense": accounts["expense"],
                "customer_taxes": [["add", [tax]]],
            },
        )[0]
        for code, tax in taxes.items()
    }  # fmt: skip
    made_terms = {
        days: session.create(
            "account.invoice.payment_term",
            {
                "name": f"{days} days",
                "lines": [
                    [
                        "create",
                        [
                            {
                                "type": "remainder",
                                "relativedeltas": [["create", [{"days": days}]]],
                            }
                        ],
                    ]
                ],
            },
        )[0]
        for days in sorted(set(terms))
    }
    # Invoiced when it was shipped, part by part, as the data set's company does it.
    session.call("sale.configuration.write", [1], {"sale_invoice_method": "fulfillment"})
    _people(session, company_id)
    return Books(
        company=company_id,
        home=units[currency],
        currencies=units,
        taxes=taxes,
        terms=made_terms,
        categories=categories,
    )


def _rates(worth: Sequence[tuple[date, Decimal]]) -> list[dict[str, Any]]:
    """Write how much of a currency one unit of the company's is; Tryton keeps six places of it."""
    places = Decimal("0.000001")
    told = [(day, (1 / rate).quantize(places)) for day, rate in worth]
    return [{"date": day, "rate": rate} for day, rate in told or [(date(2000, 1, 1), Decimal(1))]]


def _chart(session: Session, company: int) -> dict[str, int]:
    template = _record(session, "account", "account_template_root_en")
    state: dict[str, Any] = {}
    context = session.context
    wizard, start, _ = session.raw("wizard.account.create_chart.create", context)
    session.raw("wizard.account.create_chart.execute", wizard, {}, start, context)
    state["account"] = {"company": company, "account_template": template}
    session.raw("wizard.account.create_chart.execute", wizard, state, "create_account", context)
    accounts = {}
    for kind in ("receivable", "payable", "revenue", "expense"):
        fits: list[Any] = [
            [f"type.{kind}", "=", True], ["company", "=", company], ["closed", "!=", True]
        ]  # fmt: skip
        if kind in ("receivable", "payable"):
            fits.append(["party_required", "=", True])
        accounts[kind] = session.find("account.account", fits)[0]["id"]
    for name, code in (("cash", "1.1.1"), ("tax", "6.3.6")):
        accounts[name] = session.only(
            "account.account", [["code", "=", code], ["company", "=", company]]
        )
    state["properties"] = {
        "company": company,
        "account_receivable": accounts["receivable"],
        "account_payable": accounts["payable"],
        "category_account_revenue": accounts["revenue"],
        "category_account_expense": accounts["expense"],
    }
    session.raw("wizard.account.create_chart.execute", wizard, state, "create_properties", context)
    session.raw("wizard.account.create_chart.delete", wizard, context)
    return accounts


def _fiscal_year(session: Session, company: int, year: int) -> None:
    def sequence(kind: str, prefix: str) -> int:
        sequence_type = session.only("ir.sequence.type", [["name", "=", kind]])
        values = {
            "name": f"{kind} {prefix}{year}", "sequence_type": sequence_type, "company": company,
            "prefix": f"{prefix}{year}-", "padding": 5,
        }  # fmt: skip
        made: int = session.create("ir.sequence.strict", values)[0]
        return made

    invoices, credits_given = sequence("Invoice", "INV"), sequence("Invoice", "CN")
    (made,) = session.create(
        "account.fiscalyear",
        {
            "name": str(year), "company": company,
            "start_date": date(year, 1, 1), "end_date": date(year, 12, 31),
            "move_sequence": sequence("Account Move", "MV"),
            "invoice_sequences": [
                [
                    "create",
                    [
                        {
                            "company": company,
                            "out_invoice_sequence": invoices,
                            "in_invoice_sequence": invoices,
                            "out_credit_note_sequence": credits_given,
                            "in_credit_note_sequence": credits_given,
                        }
                    ],
                ]
            ],
        },
    )  # fmt: skip
    session.call("account.fiscalyear.create_period", [made])


def _payment_method(session: Session, company: int, cash: int) -> None:
    journal = session.only("account.journal", [["type", "=", "cash"]])
    session.create(
        "account.invoice.payment.method",
        {
            "name": "Bank transfer", "company": company, "journal": journal,
            "credit_account": cash, "debit_account": cash,
        },
    )  # fmt: skip


def _people(session: Session, company: int) -> None:
    for login, groups in ((USER, _SELLS), (OFFICE, _OFFICE)):
        session.create(
            "res.user",
            {
                "name": login.capitalize(), "login": login, "password": PASSWORD,
                "groups": [["add", [_record(session, *group) for group in groups]]],
                "companies": [["add", [company]]], "company": company,
            },
        )  # fmt: skip


def _record(session: Session, module: str, name: str) -> int:
    """Give the id of a record that a module brings."""
    record: int = session.call("ir.model.data.get_id", module, name)
    return record


def days(count: int | None) -> timedelta | None:
    """Write a lead time."""
    return None if count is None else timedelta(days=count)
