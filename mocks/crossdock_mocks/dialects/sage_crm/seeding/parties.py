"""Companies with where they are and how they are reached, their people and trading accounts."""

from __future__ import annotations

from crossdock_mocks.dialects.sage_crm.entities.columns import YES
from crossdock_mocks.dialects.sage_crm.seeding import shapes
from crossdock_mocks.dialects.sage_crm.seeding.filling import Filling
from crossdock_mocks.frontoffice.seeding import ERP, Source
from crossdock_mocks.sdata.model import Row


def put_parties(to: Filling, source: Source) -> None:
    """Put down companies and people."""
    rows = list(source.rows("accounts"))
    for row in rows:
        to.name("company", row["id"], to.number("company", row["id"]))
    for row in rows:
        _company(to, row, source)
    first: dict[int, int] = {}
    for row in source.rows("contacts"):
        key = _person(to, row)
        company = to.key("company", row["account_id"])
        if company is not None:
            first.setdefault(company, key)
    for company, person in first.items():
        to.change("company", company, {"comp_primarypersonid": person})


def _company(to: Filling, row: Row, source: Source) -> None:
    key, at = to.key("company", row["id"]), row["created_at"]
    of = {"addr_companyid": key}
    where = to.add("address", None, {**shapes.address(row), **of}, at) if row["street"] else None
    if row["phone"]:
        phone = {"phon_number": shapes.short(row["phone"], 40), "phon_companyid": key}
        to.add("phone", None, {**phone, "phon_type": "Business"}, at)
    if row["email"]:
        to.add("email", None, {"emai_emailaddress": row["email"], "emai_companyid": key,
                               "emai_type": "Business"}, at)  # fmt: skip
    currency = to.currency(row["currency"] or source.currency)
    values = {
        **shapes.company(row),
        "comp_primaryaddressid": where,
        "comp_primaryuserid": to.key("users", row["owner_id"]),
        "comp_currencyid": currency,
        "comp_parentid": to.key("company", row["parent_id"]),
    }
    if row["customer_id"]:
        account = {
            "acc_name": shapes.short(row["name"], 60), "acc_companyid": key, "acc_erpsystem": ERP,
            "acc_customernumber": row["customer_id"], "acc_currencyid": currency,
            "acc_default": YES, "acc_status": "Active",
        }  # fmt: skip
        values["comp_primaryaccountid"] = to.add("account", None, account, at)
    to.add("company", key, values, at)


def _person(to: Filling, row: Row) -> int:
    key = to.number("person", row["id"])
    company = to.key("company", row["account_id"])
    if row["phone"]:
        phone = {"phon_number": shapes.short(row["phone"], 40), "phon_personid": key}
        to.add("phone", None, {**phone, "phon_type": "Business"})
    if row["email"]:
        to.add("email", None, {"emai_emailaddress": row["email"], "emai_personid": key,
                               "emai_type": "Business"})  # fmt: skip
    to.name("person", row["id"], key)
    return to.add("person", key, {**shapes.person(row), "pers_companyid": company})
