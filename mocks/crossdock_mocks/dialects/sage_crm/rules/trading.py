"""Trading accounts: a company has any number of them, and one is the default for new orders.

Which one is told twice, by the company's primary account and by the account itself; the server
keeps the two in agreement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock_mocks.dialects.sage_crm.entities.columns import NO, YES
from crossdock_mocks.sdata import KEY, refused
from crossdock_mocks.sdata.model import Row
from crossdock_mocks.sdata.records import Records


def before_account(
    records: Records, row: Row, old: Row | None, given: Mapping[str, Any]
) -> None:  # fmt: skip
    """A default is given up by making another one the default."""
    del given
    stays = old is not None and old["acc_companyid"] == row["acc_companyid"]
    if stays and old is not None and old["acc_default"] == YES != row["acc_default"]:
        company = records.get("company", row["acc_companyid"])
        if company is not None and company["comp_primaryaccountid"] == row[KEY]:
            raise refused(
                "A company has one default trading account: make another one the default instead.",
                path="acc_default",
            )
    row["acc_default"] = YES if row["acc_default"] == YES else NO
    if old is not None and not stays:
        row["acc_default"] = NO  # the other company has one, or takes it as its first


def after_account(records: Records, row: Row, old: Row | None) -> None:
    """The company agrees with its accounts on which one is the default."""
    if old is not None and old["acc_companyid"] != row["acc_companyid"]:
        _choose(records, old["acc_companyid"], None)
    _choose(records, row["acc_companyid"], row[KEY] if row["acc_default"] == YES else None)


def after_account_delete(records: Records, row: Row) -> None:
    """Where the default went, the oldest one left becomes it."""
    _choose(records, row["acc_companyid"], None)


def before_company(
    records: Records, row: Row, old: Row | None, given: Mapping[str, Any]
) -> None:  # fmt: skip
    """The default is one of the company's own trading accounts."""
    del given
    wanted = row["comp_primaryaccountid"]
    before = None if old is None else old["comp_primaryaccountid"]
    if wanted == before:
        return
    mine = {each[KEY] for each in records.related("account", "acc_companyid", row[KEY])}
    if wanted is None and mine:
        raise refused(
            "A company with trading accounts has one of them as its default.",
            path="comp_primaryaccountid",
        )
    if wanted is not None and wanted not in mine:
        raise refused(
            f"Trading account '{wanted}' is not one of this company.",
            path="comp_primaryaccountid",
        )


def after_company(records: Records, row: Row, old: Row | None) -> None:
    """The accounts agree with their company on which one is the default."""
    before = None if old is None else old["comp_primaryaccountid"]
    if row["comp_primaryaccountid"] != before:
        _choose(records, row[KEY], row["comp_primaryaccountid"])


def _choose(records: Records, company_key: Any, wanted: Any) -> None:
    """Make one of a company's accounts its default: the wanted one, or that it has, or the first.

    A company that is going has no default to be kept.
    """
    company = records.get("company", company_key)
    if company is None:
        return
    accounts = records.related("account", "acc_companyid", company_key)
    keys = [each[KEY] for each in accounts]
    chosen = wanted if wanted is not None else company["comp_primaryaccountid"]
    if chosen not in keys:
        chosen = keys[0] if keys else None
    for each in accounts:
        flag = YES if each[KEY] == chosen else NO
        if each["acc_default"] != flag:
            records.keep("account", {**each, "acc_default": flag})
    if company["comp_primaryaccountid"] != chosen:
        records.keep("company", {**company, "comp_primaryaccountid": chosen})
