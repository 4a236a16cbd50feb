"""Trading accounts: a company has many, one is the default, and both sides agree on which."""

import random

import pytest


@pytest.fixture
def company(made):
    return made("company", comp_name="Traders")["$key"]


@pytest.fixture
def account(made, company):
    numbers = iter(range(1, 1000))

    def make(owner=None, **values):
        number = next(numbers)
        return made(
            "account",
            **{
                "acc_name": f"Account {number}", "acc_companyid": owner or company,
                "acc_erpsystem": "uk", "acc_customernumber": f"U-{number}", **values,
            },
        )["$key"]  # fmt: skip

    return make


@pytest.fixture
def agreed(rows):
    """The default of a company, seen from both sides."""

    def look(company):
        (row,) = rows("company", key=company)
        accounts = rows("account", acc_companyid=company)
        defaults = [each["key"] for each in accounts if each["acc_default"] == "Y"]
        assert defaults == ([row["comp_primaryaccountid"]] if accounts else [])
        assert accounts or row["comp_primaryaccountid"] is None
        return row["comp_primaryaccountid"]

    return look


def test_the_first_one_is_the_default_until_another_is(company, account, agreed, changed):
    assert agreed(company) is None
    first, second = account(), account()
    assert agreed(company) == first
    changed("account", second, acc_default="Y")
    assert agreed(company) == second
    changed("company", company, comp_primaryaccountid=first)
    assert agreed(company) == first
    third = account(acc_default="Y", acc_currencyid=1, acc_erpcompany="Leeds")
    assert agreed(company) == third


def test_a_default_is_given_up_by_making_another_one_the_default(company, account, agreed, refused):
    first = account()
    account()
    assert refused("PUT", f"/account('{first}')", {"acc_default": "N"})[0] == 400
    assert refused("PUT", f"/company('{company}')", {"comp_primaryaccountid": None})[0] == 400
    assert agreed(company) == first


def test_what_goes_leaves_its_place_to_the_oldest(company, account, agreed, sage, changed):
    first, second, third = account(), account(), account()
    changed("account", second, acc_default="Y")
    assert sage.delete(f"/account('{second}')").status_code == 200
    assert agreed(company) == first
    for key in (first, third):
        sage.delete(f"/account('{key}')").raise_for_status()
    assert agreed(company) is None


def test_an_account_that_moves_is_nobodys_default_but_a_lonely_companys(
    company, account, agreed, changed, made
):
    first, second = account(), account()
    other, lonely = (made("company", comp_name=name)["$key"] for name in ("Other", "Lonely"))
    theirs = account(other)
    changed("account", first, acc_companyid=other)
    assert (agreed(company), agreed(other)) == (second, theirs)
    changed("account", first, acc_companyid=lonely)
    assert agreed(lonely) == first


def test_one_number_of_one_erp_belongs_to_one_account(company, account, refused, made):
    account(acc_customernumber="U-7", acc_erpsystem="uk")
    body = {
        "acc_name": "Twin", "acc_companyid": company, "acc_customernumber": "U-7",
        "acc_erpsystem": "uk",
    }  # fmt: skip
    status, told = refused("POST", "/account", body)
    assert status == 409
    assert "U-7 / uk" in told
    made("account", **{**body, "acc_erpcompany": "Leeds"})
    made("account", **{**body, "acc_erpsystem": "main"})


def test_documents_name_a_trading_account_of_their_own_company(company, account, made, refused):
    own = account()
    head = {"quot_companyid": company, "quot_currency": 1}
    assert made("quotes", **head, quot_accountid=own)["Account"]["$key"] == own
    assert "not one of this company" in refused("POST", "/quotes", {**head, "quot_accountid": 1})[1]


def walk(sage, agreed, account, companies, seed, steps):
    """Random steps of several people; whatever happens, both sides agree."""
    pick = random.Random(seed)
    accounts = []
    for _ in range(steps):
        what, owner = pick.random(), pick.choice(companies)
        if what < 0.35 or not accounts:
            accounts.append(account(owner, acc_default=pick.choice(["Y", "N"])))
            continue
        key = pick.choice(accounts)
        if what < 0.5:
            answer = sage.delete(f"/account('{key}')")
            accounts.remove(key)
        elif what < 0.65:
            answer = sage.put(f"/account('{key}')", json={"acc_companyid": owner})
        elif what < 0.85:
            answer = sage.put(
                f"/account('{key}')", json={"acc_default": pick.choice(["Y", "N", None])}
            )
        else:
            answer = sage.put(f"/company('{owner}')", json={"comp_primaryaccountid": key})
        assert answer.status_code in (200, 400)
        for each in companies:
            agreed(each)


def test_whatever_is_done_both_sides_agree_on_the_default(sage, agreed, account, made):
    companies = [made("company", comp_name=f"C{number}")["$key"] for number in range(3)]
    walk(sage, agreed, account, companies, 1, 60)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(2, 12))
def test_for_long_both_sides_agree_on_the_default(sage, agreed, account, made, seed):
    companies = [made("company", comp_name=f"C{number}")["$key"] for number in range(4)]
    walk(sage, agreed, account, companies, seed, 600)
