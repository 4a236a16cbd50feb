"""Conditions on companies against plain Python; text counts without case here, unlike elsewhere."""

import pytest


def low(row, name):
    return (row[name] or "").lower()


RIGHT = {
    "comp_companyid eq '1001'": lambda row: row["key"] == 1001,
    "comp_companyid eq 1001": lambda row: row["key"] == 1001,
    "comp_companyid in ('1002', '1003')": lambda row: row["key"] in (1002, 1003),
    "COMP_NAME LIKE '%GMBH%'": lambda row: "gmbh" in low(row, "comp_name"),
    'comp_name like "t%"': lambda row: low(row, "comp_name").startswith("t"),
    "comp_type eq 'customer' and not (comp_sector eq 'STEEL')": lambda row: (
        low(row, "comp_type") == "customer" and low(row, "comp_sector") not in ("", "steel")
    ),
    "comp_primaryaccountid eq null": lambda row: row["comp_primaryaccountid"] is None,
    "comp_primaryaccountid ne null": lambda row: row["comp_primaryaccountid"] is not None,
    "comp_createddate lt @2024-01-01@": lambda row: row["comp_createddate"] < "2024-01-01",
    "comp_updateddate between @2023-01-01@ and @2024-06-30T12:00:00@": lambda row: (
        "2023-01-01" <= row["comp_updateddate"] <= "2024-06-30T12:00:00.000Z"
    ),
    "PrimaryAddress.addr_country eq 'at'": lambda row: row["country"] == "AT",
    "length(comp_name) gt 25 or comp_companyid mod 2 eq 0": lambda row: (
        len(row["comp_name"]) > 25 or row["key"] % 2 == 0
    ),
    "left(upper(comp_name), 1) in ('P', 'T')": lambda row: row["comp_name"][0].upper() in "PT",
    "comp_website like '%nothing%'": lambda row: False,
}  # fmt: skip
WRONG = {
    "comp_nothing eq 1": "could not resolve property: comp_nothing",
    "comp_name eq": "ends where more is expected",
    "comp_name eq 'x": "not closed",
    "comp_name equals 'x'": "'equals'",
    "nofunction(comp_name) eq 1": "nofunction",
    "comp_createddate gt @2026-13-40@": "2026-13-40",
    "comp_name.comp_type eq 1": "comp_name",
    "(comp_name eq 'x'": "",
}


@pytest.mark.parametrize("where", RIGHT)
def test_a_condition_finds_what_python_finds(sage, rows, where):
    addresses = {row["addr_companyid"]: row["addr_country"] for row in rows("address")}
    companies = [{**row, "country": addresses.get(row["key"])} for row in rows("company")]
    found = sage.get("/company", params={"where": where, "select": "comp_companyid"}).json()
    wanted = [row["key"] for row in companies if RIGHT[where](row)]
    assert [each["$key"] for each in found["$resources"]] == wanted
    assert found["$totalResults"] == len(wanted)
    counted = sage.get("/company/$count", params={"where": where}).json()
    assert counted["$totalResults"] == len(wanted)


@pytest.mark.parametrize("where", WRONG)
def test_a_condition_that_is_not_understood_is_refused_and_finds_nothing(refused, where):
    status, told = refused("GET", "/company", params={"where": where})
    assert status == 400
    assert WRONG[where] in told
