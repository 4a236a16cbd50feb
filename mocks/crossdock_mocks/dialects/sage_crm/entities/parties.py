"""Companies, people, where they are, and the trading accounts of companies.

`Comp_PrimaryAccountId`, `comp_vatnumber` and `Acc_AccountId` stand in the sources of people who
work with the vendor's tables; what else a trading account has is our own guess.
"""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.sage_crm.entities.columns import NO, Columns, Table, together
from crossdock_mocks.sdata import Collection, Resource

COMPANY_TYPES: Final = ("Prospect", "Customer", "Partner", "Former", "Supplier", "Competitor")
SOURCES: Final = (
    "Web", "Telephone", "Email", "Campaign", "Referral", "Exhibition", "Partner", "Other"
)  # fmt: skip
ACCOUNT_STATUSES: Final = ("Active", "OnHold", "Closed")

_comp, _pers, _addr = Table("comp"), Table("pers"), Table("addr")
_phon, _emai, _acc = Table("phon"), Table("emai"), Table("acc")


def _reached(table: Table) -> Columns:
    """How a company or a person is reached."""
    return together(
        table.text("emailaddress"), table.text("phonenumber", 40), table.text("website", 100)
    )


COMPANY: Final = Resource(
    name="company", kind="Company", plural="Companies", key_name="comp_companyid",
    title="{comp_name}", label="Company", shows_key=True, key_kind="integer",
    stamps=_comp.stamped(), provenance="documented", writes="documented",
    properties=together(
        _comp.text("name", 60, required=True, indexed=True),
        _comp.choice("type", COMPANY_TYPES, default="Prospect"),
        _comp.choice("status", ("Active", "Inactive"), default="Active"),
        _comp.choice("source", SOURCES),
        _comp.text("sector", 40),
        _comp.text("revenue", 40),
        _comp.text("employees", 40),
        _reached(_comp),
        _comp.text("vatnumber", 20),
        _comp.link("currencyid", "currency", "Currency"),
        _comp.link("primarypersonid", "person", "PrimaryPerson"),
        _comp.link("primaryaddressid", "address", "PrimaryAddress"),
        _comp.link("primaryuserid", "users", "PrimaryUser"),
        _comp.link("primaryaccountid", "account", "PrimaryAccount"),
        _comp.link("parentid", "company", "Parent"),
        _comp.text("cdkey", indexed=True),
        _comp.memo("cdexternalids"), _comp.memo("cddata"),
        _comp.stamps(),
        (
            Collection("Person", "person", "pers_companyid"),
            Collection("Address", "address", "addr_companyid", owned=True),
            Collection("Phone", "phone", "phon_companyid", owned=True),
            Collection("Email", "email", "emai_companyid", owned=True),
            Collection("Account", "account", "acc_companyid", owned=True),
            Collection("Opportunity", "opportunity", "oppo_primarycompanyid"),
            Collection("Quotes", "quotes", "quot_companyid"),
            Collection("Orders", "orders", "orde_companyid"),
            Collection("Cases", "cases", "case_primarycompanyid"),
            Collection("Communication", "communication", "comm_companyid"),
        ),
    ),
)  # fmt: skip

ACCOUNT: Final = Resource(
    name="account", kind="Account", key_name="acc_accountid", title="{acc_name}",
    label="Trading account", shows_key=True, key_kind="integer", stamps=_acc.stamped(),
    properties=together(
        _acc.text("name", 60, required=True),
        _acc.link("companyid", "company", "Company", required=True),
        _acc.text("erpsystem", 40, required=True),
        _acc.text("erpcompany", 40),
        _acc.text("customernumber", 40, required=True, indexed=True),
        _acc.link("currencyid", "currency", "Currency"),
        _acc.flag("default", default=NO),
        _acc.choice("status", ACCOUNT_STATUSES, default="Active"),
        _acc.stamps(),
    ),
)  # fmt: skip

PERSON: Final = Resource(
    name="person", kind="Person", plural="People", key_name="pers_personid",
    title="{pers_firstname} {pers_lastname}", label="Person", shows_key=True,
    key_kind="integer", stamps=_pers.stamped(),
    properties=together(
        _pers.link("companyid", "company", "Company"),
        _pers.text("salutation", 30),
        _pers.text("firstname", 30),
        _pers.text("lastname", 40, required=True),
        _pers.text("title", 60),
        _pers.text("department", 40),
        _pers.choice("status", ("Active", "Inactive"), default="Active"),
        _reached(_pers),
        _pers.link("primaryaddressid", "address", "PrimaryAddress"),
        _pers.link("primaryuserid", "users", "PrimaryUser"),
        _pers.text("cdkey", indexed=True),
        _pers.memo("cdexternalids"), _pers.memo("cddata"),
        _pers.stamps(),
        (
            Collection("Address", "address", "addr_personid"),
            Collection("Phone", "phone", "phon_personid", owned=True),
            Collection("Email", "email", "emai_personid", owned=True),
            Collection("Communication", "communication", "comm_personid"),
        ),
    ),
)  # fmt: skip

ADDRESS: Final = Resource(
    name="address", kind="Address", plural="Addresses", key_name="addr_addressid",
    title="{addr_address1}, {addr_city}", label="Address", shows_key=True, key_kind="integer",
    stamps=_addr.stamped(),
    properties=together(
        _addr.text("address1", 80), _addr.text("address2", 80), _addr.text("address3", 80),
        _addr.text("address4", 80), _addr.text("city", 60), _addr.text("state", 60),
        _addr.text("postcode", 20), _addr.text("country", 2),
        _addr.choice("type", ("Business", "Billing", "Shipping"), default="Business"),
        _addr.link("companyid", "company", "Company"),
        _addr.link("personid", "person", "Person"),
        _addr.stamps(),
    ),
)  # fmt: skip

PHONE: Final = Resource(
    name="phone", kind="Phone", key_name="phon_phoneid", title="{phon_number}", label="Phone",
    shows_key=True, key_kind="integer", stamps=_phon.stamped(),
    properties=together(
        _phon.choice("type", ("Business", "Fax", "Mobile", "Home"), default="Business"),
        _phon.text("countrycode", 5), _phon.text("areacode", 20),
        _phon.text("number", 40, required=True),
        _phon.link("companyid", "company", "Company"),
        _phon.link("personid", "person", "Person"),
        _phon.stamps(),
    ),
)  # fmt: skip

EMAIL: Final = Resource(
    name="email", kind="Email", key_name="emai_emailid", title="{emai_emailaddress}",
    label="E-mail", shows_key=True, key_kind="integer", stamps=_emai.stamped(),
    properties=together(
        _emai.choice("type", ("Business", "Private"), default="Business"),
        _emai.text("emailaddress", required=True),
        _emai.link("companyid", "company", "Company"),
        _emai.link("personid", "person", "Person"),
        _emai.stamps(),
    ),
)  # fmt: skip
