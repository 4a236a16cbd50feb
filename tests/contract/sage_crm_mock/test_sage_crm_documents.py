"""Quotes and orders: lines filled in and summed up, and a quote converted once."""

import random
from decimal import ROUND_HALF_UP, Decimal

import pytest

CENT = Decimal("0.01")


def exact(value):
    return Decimal(str(value or 0))


def cents(value):
    return exact(value).quantize(CENT, ROUND_HALF_UP)


@pytest.fixture
def quote(made):
    return made("quotes", quot_companyid=1001, quot_currency=1, quot_opportunityid=1063)["$key"]


@pytest.fixture
def item(made, quote):
    def make(**values):
        given = {"quit_orderquoteid": quote, "quit_productid": 1, "quit_quantity": 1, **values}
        return made("quoteitems", **given)

    return make


def test_a_line_takes_from_its_product_what_was_left_out(item, rows):
    (product,) = rows("newproduct", key=1)
    (price,) = rows("pricing", pric_productid=1)
    first, second = item(quit_quantity=4), item(quit_description="Own words", quit_quotedprice=1)
    assert [each["quit_linenumber"] for each in (first, second)] == [1, 2]
    assert first["quit_description"] == product["prod_name"]
    assert first["quit_uomid"] == product["prod_uomid"]
    assert first["quit_productfamilyid"] == product["prod_productfamilyid"]
    assert first["quit_listprice"] == first["quit_quotedprice"] == price["pric_price"]
    assert first["quit_quotedpricetotal"] == float(cents(exact(price["pric_price"]) * 4))
    assert second["quit_description"] == "Own words"
    assert second["quit_discount"] == pytest.approx(price["pric_price"] - 1)


def test_another_product_brings_its_own_words_but_leaves_somebodys(item, changed, rows):
    (other,) = rows("newproduct", key=2)
    line, own = item(), item(quit_description="Own words")
    changed("quoteitems", line["$key"], quit_productid=2, quit_listprice=None)
    changed("quoteitems", own["$key"], quit_productid=2, quit_description="Still own")
    assert rows("quoteitems", key=line["$key"])[0]["quit_description"] == other["prod_name"]
    assert rows("quoteitems", key=own["$key"])[0]["quit_description"] == "Still own"


BAD_LINES = [
    ({"quit_productid": None}, "needs one"),
    ({"quit_quantity": 0}, "quantity"),
    ({"quit_quantity": None}, "quantity"),
    ({"quit_linetype": "f", "quit_productid": None}, "needs text"),
    ({"quit_productid": 999}, "Product '999' was not found"),
    ({"quit_orderquoteid": 999_999}, "Quote '999999' was not found"),
]


@pytest.mark.parametrize(("values", "says"), BAD_LINES, ids=[each[1] for each in BAD_LINES])
def test_a_line_that_cannot_be_is_refused(refused, quote, rows, values, says):
    body = {"quit_orderquoteid": quote, "quit_productid": 1, "quit_quantity": 1, **values}
    assert says in refused("POST", "/quoteitems", body)[1]
    assert rows("quotes", key=quote)[0]["quot_nettamt"] == 0


def test_free_text_and_comments_are_lines_too(item, rows, quote):
    item(quit_linetype="f", quit_productid=None, quit_description="Travel", quit_quotedprice=80)
    item(quit_linetype="c", quit_productid=None, quit_description="Thanks", quit_quantity=None)
    assert rows("quotes", key=quote)[0]["quot_nettamt"] == 80


def test_what_is_not_sold_any_more_stays_where_it_is(item, changed, refused, quote):
    line = item()
    changed("newproduct", 1, prod_active="N")
    changed("quoteitems", line["$key"], quit_quantity=2)
    body = {"quit_orderquoteid": quote, "quit_productid": 1, "quit_quantity": 1}
    assert "not sold any more" in refused("POST", "/quoteitems", body)[1]


def test_a_document_follows_its_lines_and_its_opportunity_follows_it(
    item, changed, sage, quote, rows
):
    before = rows("opportunity", key=1063)[0]["oppo_totalquotes"]
    first, _ = item(quit_quantity=3, quit_quotedprice=10.005), item(quit_quotedprice=0.5)
    changed("quotes", quote, quot_discountpc=10, quot_freight=5)
    (head,) = rows("quotes", key=quote)
    # 30.02 and 0.50, less ten per cent, and freight
    sums = [head[f"quot_{name}"] for name in ("discountamt", "nettamt", "grossamt")]
    assert sums == [3.05, 27.47, 32.47]
    assert rows("opportunity", key=1063)[0]["oppo_totalquotes"] == pytest.approx(before + 27.47)
    sage.delete(f"/quoteitems('{first['$key']}')").raise_for_status()
    assert rows("quotes", key=quote)[0]["quot_nettamt"] == 0.45
    changed("quotes", quote, quot_status="Declined")
    assert rows("opportunity", key=1063)[0]["oppo_totalquotes"] == pytest.approx(before)
    sage.delete(f"/quotes('{quote}')").raise_for_status()
    assert rows("quoteitems", quit_orderquoteid=quote) == []


def test_totals_cannot_be_given_and_references_are_made_and_nobody_elses(made, refused):
    head = {"orde_companyid": 1001, "orde_currency": 1}
    order = made("orders", **head, orde_nettamt=99, orde_grossamt=99)
    assert (order["orde_nettamt"], order["orde_reference"]) == (0, f"R-{order['$key']}")
    taken = refused("POST", "/orders", {**head, "orde_reference": order["orde_reference"]})
    assert taken[0] == 409
    made("orders", **head, orde_cderporder="main:SO-1")
    assert refused("POST", "/orders", {**head, "orde_cderporder": "main:SO-1"})[0] == 409
    assert refused("POST", "/orders", {**head, "orde_discountpc": 101})[0] == 400


def test_a_line_that_moves_is_summed_up_where_it_is(item, made, changed, quote, rows):
    other = made("quotes", quot_companyid=1001, quot_currency=1)["$key"]
    line = item(quit_quotedprice=7)
    changed("quoteitems", line["$key"], quit_orderquoteid=other)
    sums = [rows("quotes", key=key)[0]["quot_nettamt"] for key in (quote, other)]
    assert sums == [0, 7]


def test_a_quote_becomes_one_order_however_often_it_is_asked(sage, rows, changed, refused):
    path = "/quotes/$service/ConvertToOrder"
    body = {"$name": "ConvertToOrder", "request": {"entity": {"$key": 1044}}}
    first, again = (sage.post(path, json=body).json()["response"] for _ in range(2))
    assert first == again
    (quote,), (order,) = rows("quotes", key=1044), rows("orders", key=first["orderId"])
    assert (quote["quot_status"], quote["quot_cdorderid"]) == ("Converted", order["key"])
    assert order["orde_quoteid"] == 1044
    assert order["orde_nettamt"] == quote["quot_nettamt"] > 0
    ours = rows("orderitems", orit_orderquoteid=order["key"])
    theirs = rows("quoteitems", quit_orderquoteid=1044)
    for name in ("quantity", "productid", "quotedprice", "listprice", "cdunitprice"):
        assert [each[f"orit_{name}"] for each in ours] == [each[f"quit_{name}"] for each in theirs]
    assert [each["orit_cdquoteline"] for each in ours] == [1, 2, 3]
    changed("quotes", 1045, quot_status="Declined")
    body = {"request": {"entity": {"$key": 1045}}}
    assert refused("POST", path, body) == (409, "Quote 'Q-1045' is declined.")


class Walk:
    """Random requests of one user against one installation."""

    def __init__(self, sage, world, seed):
        self.sage, self.world, self.pick = sage, world, random.Random(seed)
        self.statuses = {}

    def rows(self, entity):
        return self.world.table(f"sdata_{entity}").find()

    def some(self, entity):
        rows = self.rows(entity)
        return self.pick.choice(rows)["key"] if rows else None

    def values(self, entity, prefix):
        pick = self.pick
        if entity in ("quotes", "orders"):
            choices = {
                "companyid": pick.choice([1001, 1002, None, 5]), "currency": 1,
                "opportunityid": self.some("opportunity"), "freight": pick.choice([0, 4.5, None]),
                "discountpc": pick.choice([0, 12.5, 100, 101, -1, None]),
                "status": pick.choice(["Active", "Declined", "Cancelled", "Converted"]),
                "accountid": pick.choice([None, self.some("account")]),
            }  # fmt: skip
        else:
            heads = "quotes" if entity == "quoteitems" else "orders"
            choices = {
                "orderquoteid": self.some(heads), "productid": self.some("newproduct"),
                "quantity": pick.choice([1, 3, 2.5, 0, -2, "x", None]),
                "quotedprice": pick.choice([0, 10.005, 0.333333, 99.99, None]),
                "listprice": pick.choice([None, 12]), "linetype": pick.choice(["i", "i", "f", "c"]),
                "description": pick.choice([None, "Text"]),
            }  # fmt: skip
        return {
            f"{prefix}_{name}": value for name, value in choices.items() if pick.random() < 0.85
        }

    def step(self):
        entity, prefix = self.pick.choice(
            [("quotes", "quot"), ("orders", "orde"), ("quoteitems", "quit"), ("orderitems", "orit")]
        )
        before, key, what = self.state(), self.some(entity), self.pick.random()
        if what < 0.5 or key is None:
            answer = self.sage.post(f"/{entity}", json=self.values(entity, prefix))
        elif what < 0.8:
            answer = self.sage.put(f"/{entity}('{key}')", json=self.values(entity, prefix))
        elif what < 0.9:
            answer = self.sage.delete(f"/{entity}('{key}')")
        else:
            body = {"request": {"entity": {"$key": self.some("quotes")}}}
            answer = self.sage.post("/quotes/$service/ConvertToOrder", json=body)
        assert answer.status_code < 500, answer.text
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        if answer.status_code >= 400:
            assert self.state() == before, answer.text

    def state(self):
        names = ("quotes", "orders", "quoteitems", "orderitems", "opportunity")
        return [
            self.world.query(f'SELECT count(*), sum(length(_body)) FROM "sdata_{name}"')
            for name in names
        ]

    def check(self):
        for heads, head, lines, line in (
            ("quotes", "quot", "quoteitems", "quit"), ("orders", "orde", "orderitems", "orit"),
        ):  # fmt: skip
            items = self.rows(lines)
            for row in self.rows(heads):
                own = [each for each in items if each[f"{line}_orderquoteid"] == row["key"]]
                for each in own:
                    comment = each[f"{line}_linetype"] == "c"
                    count = 0 if comment else exact(each[f"{line}_quantity"])
                    total = cents(exact(each[f"{line}_quotedprice"]) * count)
                    assert cents(each[f"{line}_quotedpricetotal"]) == total
                net = sum((cents(each[f"{line}_quotedpricetotal"]) for each in own), Decimal(0))
                off = cents(net * exact(row[f"{head}_discountpc"]) / 100)
                assert cents(row[f"{head}_nettamt"]) == net - off
                freight = exact(row[f"{head}_freight"])
                assert cents(row[f"{head}_grossamt"]) == cents(net - off + freight)
            assert {each[f"{line}_orderquoteid"] for each in items} <= {
                row["key"] for row in self.rows(heads)
            }
        quotes, orders = self.rows("quotes"), self.rows("orders")
        converted = [row["quot_cdorderid"] for row in quotes if row["quot_cdorderid"]]
        assert len(converted) == len(set(converted))
        out = ("Declined", "Expired", "Cancelled")
        for deal in self.rows("opportunity"):
            for rows, head, name in (
                (quotes, "quot", "totalquotes"), (orders, "orde", "totalorders"),
            ):  # fmt: skip
                hung = [
                    cents(row[f"{head}_nettamt"])
                    for row in rows
                    if row[f"{head}_opportunityid"] == deal["key"]
                    and row[f"{head}_status"] not in out
                ]
                assert cents(deal[f"oppo_{name}"]) == sum(hung, Decimal(0))


def walk(sage, world, seed, steps):
    made = Walk(sage, world, seed)
    for _ in range(steps):
        made.step()
    made.check()
    return made


def test_a_random_walk_keeps_sums_and_refusals_change_nothing(sage, world):
    made = walk(sage, world, 1, 150)
    assert made.statuses[201] > 10
    assert made.statuses[400] > 10


@pytest.mark.full
@pytest.mark.parametrize("seed", range(2, 12))
def test_long_random_walks_keep_sums_too(sage, world, seed):
    walk(sage, world, seed, 1200)
