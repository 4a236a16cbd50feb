from __future__ import annotations

import bz2
import csv
import gzip
import json
import lzma
import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from crossdock_mocks.datasets import DataSet
from crossdock_mocks.datasets.importing import MapError, SourceError, import_data
from crossdock_mocks.datasets.importing.errors import TargetFolderError

MAP = """\
[dataset]
name = "Shop"
company = "Shop Ltd"
currency = "EUR"
as_of = 2026-03-31

[sources.sales]
file = "sales.csv"
delimiter = ";"
join = [{ source = "people", column = "who", key = "no" }]

[sources.people]
file = "people.csv"

[[refuse]]
rule = "test_sale"
source = "sales"
when = [{ column = "note", starts_with = "TEST" }]
text = "Sales that were typed in to try the till."
expected = 1

[[assume]]
rule = "no_tax"
applies_to = "invoice_lines.tax_code"
text = "The source names no tax."

[tables.countries]
"Germany" = "DE"
"Österreich" = "AT"

[[rows]]
kind = "tax_codes"
values = { id = "NONE", name = "None", rate = "0" }

[[target]]
kind = "items"
from = "sales"
group_by = ["what"]
[target.columns]
id = { column = "what", case = "upper" }
name = { column = "label", pick = "most_frequent", otherwise = { column = "what" } }
list_price = { column = "price", pick = "max" }
tax_code = { value = "NONE" }

[[target]]
kind = "customers"
from = "people"
[target.columns]
id = "no"
name = { template = "{first} {last:upper}" }
country = { column = "country", table = "countries", otherwise = { value = "FR" } }
currency = { value = "EUR" }
terms_days = { value = "10" }

[[target]]
kind = "invoices"
from = "sales"
group_by = ["bill"]
[target.columns]
id = { template = "IN-{bill}" }
customer_id = { column = "who", pick = "only" }
issued_on = { column = "day", date = "%d.%m.%Y" }
posted_on = { column = "day", date = "%d.%m.%Y", plus_days = 1, pick = "last" }
currency = { value = "EUR" }

[[target]]
kind = "invoice_lines"
from = "sales"
[target.columns]
invoice_id = { template = "IN-{bill}" }
line = { number = true }
item_id = { column = "what", case = "upper" }
description.cases = [
    { when = [{ column = "label", empty = true }], use.template = "{what} for {people.last}" },
]
description.otherwise = "label"
quantity = { column = "count", scale = -1 }
unit_price = "price"
discount_percent = { column = "off", extract = "([0-9.]+) ?%", otherwise = { value = "0" } }
tax_code = { value = "NONE" }

[[fill]]
method = "due_dates_from_terms"
rule = "due"
text = "Due after the customer's terms."

[[fill]]
method = "payments_on_terms"
rule = "paid"
text = "Paid five days after the due date."
days_after_due = [5, 5]
"""

SALES = """\
bill;day;who;what;label;count;price;off;note
1;02.02.2026;10;a;Apple;-2;1.50;5 %;
1;02.02.2026;10;b;;-1;3.00;;
2;03.02.2026;10;z;;-1;1.00;;TEST do not book
3;30.03.2026;20;a;Apple;-4;1.25;;
3;30.03.2026;20;a;Äpfel;-1;1.75;;
"""

PEOPLE = """\
no,first,last,country
10,Jörg,Müller,Germany
20,Zoë,"O'Hara, Jr",Österreich
30,Max,Unseen,Nowhere
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "sales.csv").write_text(SALES, encoding="utf-8")
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (folder / "map.toml").write_text(MAP, encoding="utf-8")
    return folder


def run(shop: Path, **options):
    return import_data(shop / "map.toml", shop, shop.parent / "out", **options)


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_rows_become_records_by_the_map(shop: Path):
    assert run(shop).ok
    dataset = DataSet.load(shop.parent / "out")
    assert {"A": ("Apple", Decimal("1.75")), "B": ("b", Decimal("3.00"))} == {
        row["id"]: (row["name"], row["list_price"]) for row in dataset.rows("items")
    }
    assert [(row["name"], row["country"]) for row in dataset.rows("customers")] == [
        ("Jörg MÜLLER", "DE"),
        ("Zoë O'HARA, JR", "AT"),
        ("Max UNSEEN", "FR"),
    ]
    first, second = dataset.rows("invoices")
    assert ("IN-1", "10", date(2026, 2, 2), date(2026, 2, 3)) == (
        first["id"],
        first["customer_id"],
        first["issued_on"],
        first["posted_on"],
    )
    assert date(2026, 4, 9) == second["due_on"]
    assert [
        ("IN-1", 1, "A", "Apple", Decimal(2), Decimal(5)),
        ("IN-1", 2, "B", "b for Müller", Decimal(1), Decimal(0)),
        ("IN-3", 1, "A", "Apple", Decimal(4), Decimal(0)),
        ("IN-3", 2, "A", "Äpfel", Decimal(1), Decimal(0)),
    ] == [
        tuple(
            line[name]
            for name in (
                "invoice_id",
                "line",
                "item_id",
                "description",
                "quantity",
                "discount_percent",
            )
        )
        for line in dataset.rows("invoice_lines")
    ]


def test_every_row_is_accounted_for(shop: Path):
    report = run(shop)
    sales, people = report.sources
    assert (sales.read, sales.kept, sales.refused) == (5, 4, {"test_sale": 1})
    assert (people.read, people.kept, people.never_found) == (3, 3, 1)
    assert all(one.read == one.accounted for one in report.sources)
    written = json.loads((shop.parent / "out" / "import-report.json").read_text())
    assert written["ok"] is True
    assert written["sources"][0]["read"] == 5


def test_a_refused_row_is_listed_with_its_line_and_rule(shop: Path):
    run(shop)
    with (shop.parent / "out" / "refused.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (
        row["source"],
        row["file"],
        row["line"],
        row["rule"],
    ) == ("sales", "sales.csv", "4", "test_sale")
    assert "TEST do not book" in json.loads(row["row"])


def test_rules_stand_in_the_header(shop: Path):
    run(shop)
    rules = {rule.id: rule for rule in DataSet.load(shop.parent / "out").rules}
    assert {"no_tax", "due", "paid", "test_sale"} == set(rules)
    assert rules["paid"].applies_to == "payments, payment_applications"


def test_payments_come_after_terms_and_not_after_the_as_of_day(shop: Path):
    run(shop)
    (payment,) = DataSet.load(shop.parent / "out").rows("payments")
    assert (date(2026, 2, 17), Decimal("5.85"), "10") == (
        payment["received_on"],
        payment["amount"],
        payment["customer_id"],
    )


def test_the_same_import_gives_the_same_bytes(shop: Path):
    import_data(shop / "map.toml", shop, shop.parent / "a")
    import_data(shop / "map.toml", shop, shop.parent / "b")
    for file in (shop.parent / "a").iterdir():
        assert file.read_bytes() == (shop.parent / "b" / file.name).read_bytes()


@pytest.mark.parametrize(
    ("ending", "pack"), [("gz", gzip.compress), ("xz", lzma.compress), ("bz2", bz2.compress)]
)
def test_packed_files_in_another_encoding(shop: Path, ending: str, pack):
    (shop / f"people.csv.{ending}").write_bytes(pack(PEOPLE.encode("cp1252")))
    (shop / "people.csv").unlink()
    rewrite(shop / "map.toml", '"people.csv"', f'"people.csv.{ending}"\nencoding = "cp1252"')
    assert run(shop).ok
    assert next(DataSet.load(shop.parent / "out").rows("customers"))["name"] == "Jörg MÜLLER"


def test_a_count_that_deviates_is_told_and_not_ok_but_the_data_stand(shop: Path):
    rewrite(shop / "map.toml", "expected = 1", "expected = 2")
    report = run(shop)
    assert report.deviations == ["Rule test_sale refused 1 rows; the map expects 2."]
    assert report.made
    assert not report.ok
    assert DataSet.load(shop.parent / "out").count("invoices") == 2


def test_fewer_rows_than_expected_are_told(shop: Path):
    rewrite(shop / "map.toml", '"people.csv"', '"people.csv"\nexpected_rows = 4')
    assert run(shop).deviations == ["people.csv has 3 rows; the map expects 4."]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("-4;1.25", "four;1.25", "sales.csv, line 5: 'four' is not a number"),
        ("-4;1.25", "-4;1,25", "invoice_lines.unit_price: '1,25' is not a decimal number"),
        ("-4;1.25", "4;1.25", "invoice_lines.quantity: '-4' is not"),
        ("3;30.03.2026;20;a;Apple", "3;2026-03-30;20;a;Apple", "is not a date of the form"),
        ("3;30.03.2026;20;a;Äpfel", "3;30.03.2026;10;a;Äpfel", "'20' and '10' in one group"),
        ("3;30.03.2026;20;a;Apple", "3;30.03.2026;20;a", "line 5: the row has more or fewer"),
        ("3;30.03.2026;20;a;Apple", "3;30.03.2026;;a;Apple", ""),
    ],
)
def test_a_row_that_cannot_be_used_makes_the_import_fail_and_is_told(
    shop: Path, old: str, new: str, told: str
):
    rewrite(shop / "sales.csv", old, new)
    report = run(shop)
    if not told:  # the other line of the group has the value that is blank here
        assert report.ok
        return
    assert not report.made
    assert any(told in defect for defect in report.defects), report.defects
    out = shop.parent / "out"
    assert {"import-report.json", "refused.csv"} == {file.name for file in out.iterdir()}
    assert sum(source.unreadable for source in report.sources) == 1


def test_a_text_that_the_table_does_not_know(shop: Path):
    rewrite(shop / "map.toml", ', otherwise = { value = "FR" } }', " }")
    report = run(shop)
    assert report.defects == ["people.csv, line 4: 'Nowhere' is not in the table countries."]


def test_a_row_that_nothing_takes_is_not_lost_silently(shop: Path):
    rewrite(
        shop / "map.toml",
        'kind = "customers"\nfrom = "people"',
        'kind = "customers"\nfrom = "people"\nwhen = [{ column = "no", below = 25 }]',
    )
    rewrite(shop / "map.toml", 'join = [{ source = "people", column = "who", key = "no" }]', "")
    rewrite(shop / "map.toml", "{people.last}", "{who}")
    report = run(shop)
    assert report.sources[1].unplaced == 1
    assert report.defects == ["people.csv, line 4: no target takes it and no rule refuses it."]


def test_what_would_make_a_broken_data_set_is_no_data_set(shop: Path):
    rewrite(shop / "sales.csv", "3;30.03.2026;20;a;Apple", "3;30.03.2026;99;a;Apple")
    rewrite(shop / "sales.csv", "3;30.03.2026;20;a;Äpfel", "3;30.03.2026;99;a;Äpfel")
    report = run(shop)
    assert "no 99 in customers.csv" in report.defects[0]
    assert not (shop.parent / "out" / "dataset.toml").exists()


def test_refused_rows_of_a_joined_source_are_not_found(shop: Path):
    with (shop / "map.toml").open("a") as stream:
        stream.write(
            '\n[[refuse]]\nrule = "nobody"\nsource = "people"\ntext = "Nobody is called Unseen."\n'
            'when = [{ column = "last", equals = "Unseen" }]\n'
        )
    report = run(shop)
    assert report.ok
    assert report.sources[1].refused == {"nobody": 1}


def test_a_key_that_stands_twice_in_a_joined_source(shop: Path):
    with (shop / "people.csv").open("a") as stream:
        stream.write("10,Other,Person,Germany\n")
    assert "'10' stands there twice: say `pick`" in run(shop).defects[0]


def test_a_source_that_is_not_used_is_counted(shop: Path):
    (shop / "extra.csv").write_text("a,b\n1,2\n3,4\n")
    text = (shop / "map.toml").read_text(encoding="utf-8")
    extra = '[sources.extra]\nfile = "extra.csv"\nnot_used = "Nobody needs it."\n\n[[refuse]]'
    (shop / "map.toml").write_text(text.replace("[[refuse]]", extra, 1), encoding="utf-8")
    report = run(shop)
    assert report.ok
    assert (report.sources[2].read, report.sources[2].not_used) == (2, 2)


def test_a_file_that_the_map_does_not_name_is_remarked(shop: Path):
    (shop / "forgotten.csv").write_text("a\n1\n")
    assert run(shop).remarks == ["forgotten.csv is not named in the map; it was not read."]


def test_a_full_folder_is_not_overwritten_without_force(shop: Path):
    run(shop)
    before = (shop.parent / "out" / "dataset.toml").read_bytes()
    with pytest.raises(TargetFolderError, match="--force"):
        run(shop)
    rewrite(shop / "map.toml", 'name = "Shop"', 'name = "Shop again"')
    assert run(shop, force=True).ok
    assert before != (shop.parent / "out" / "dataset.toml").read_bytes()


def test_force_removes_nothing_but_a_data_set(shop: Path):
    out = shop.parent / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("precious")
    with pytest.raises(TargetFolderError, match="Nothing was removed"):
        run(shop, force=True)
    assert (out / "thesis.txt").read_text() == "precious"


def test_a_failed_import_can_be_repeated_without_force(shop: Path):
    rewrite(shop / "sales.csv", "-4;1.25", "four;1.25")
    assert not run(shop).made
    rewrite(shop / "sales.csv", "four;1.25", "-4;1.25")
    assert run(shop).ok


def test_a_stopped_import_leaves_nothing(shop: Path):
    def stop(_file: str, _done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(shop, progress=stop)
    assert [shop] == list(shop.parent.iterdir())


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('name = "Shop"', "name = Shop", "not TOML"),
        ('company = "Shop Ltd"\n', "", r"dataset: company must be given"),
        ('delimiter = ";"', 'delimiter = ";;"', r"sources\.sales\.delimiter"),
        ('delimiter = ";"', 'seperator = ";"', r"sources\.sales\.seperator: unknown key"),
        ('key = "no" }', 'key = "number" }', r"sources\.sales\.join\[1\].*no column number"),
        ('source = "people", column', 'source = "persons", column', "there is no source persons"),
        ('starts_with = "TEST"', 'begins = "TEST"', r"refuse\[1\]\.when\[1\]\.begins"),
        ('[{ column = "note"', '[{ column = "notes"', r"no column notes; it has bill, day"),
        ('kind = "items"', 'kind = "things"', r"target\[1\]\.kind: there is no record kind"),
        ("list_price = {", "price = {", r"target\[1\]\.columns\.price: items has no such column"),
        ('tax_code = { value = "NONE" }\n', "", r"target\[1\]\.columns: items requires tax_code"),
        ('pick = "max"', 'pick = "highest"', r"target\[1\]\.columns\.list_price\.pick"),
        ('table = "countries"', 'table = "lands"', r"target\[2\]\.columns\.country\.table"),
        ("{first}", "{forename}", r"target\[2\]\.columns\.name\.template.*no column forename"),
        ("{last:upper}", "{last:title}", r"target\[2\]\.columns\.name\.template.*lower or upper"),
        ('from = "people"', 'from = "persons"', r"target\[2\]\.from"),
        ('"([0-9.]+) ?%"', '"([0-9.]+ ?%"', r"discount_percent\.extract.*no regular expression"),
        ('"payments_on_terms"', '"payments"', r"fill\[2\]\.method"),
        ("days_after_due = [5, 5]", "days_late = [5, 5]", r"fill\[2\]\.days_late: unknown key"),
        ('rate = "0"', 'rate = "zero"', r"rows\[1\]\.values\.rate"),
        ("as_of = 2026-03-31", 'as_of = "2026-02-31"', r"dataset\.as_of"),
        (
            '"IN-{bill}" }\nline = { number = true }',
            '"IN-{bill}" }\nline = { count = true }',
            "line",
        ),
        ('id = "no"', "id = 7", r"target\[2\]\.columns\.id"),
    ],
)
def test_a_malformed_map_says_where(shop: Path, old: str, new: str, path: str):
    rewrite(shop / "map.toml", old, new)
    with pytest.raises(MapError, match=path) as caught:
        run(shop)
    assert str(shop / "map.toml") == caught.value.file
    assert not (shop.parent / "out").exists()


def test_no_map_and_no_source(shop: Path):
    with pytest.raises(MapError, match="no such file"):
        import_data(shop / "other.toml", shop, shop.parent / "out")
    with pytest.raises(SourceError, match="There is no file or folder"):
        import_data(shop / "map.toml", shop / "nowhere", shop.parent / "out")
    (shop / "people.csv").unlink()
    with pytest.raises(SourceError, match=r"has no people\.csv"):
        run(shop)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no header row"),
        (b"no,first,no,country\n", "has no twice"),
        ("no,first,last,country\n1,Jörg,M,Germany\n".encode("latin-1"), "cannot be read"),
    ],
)
def test_a_source_that_cannot_be_read_as_declared(shop: Path, content: bytes, told: str):
    (shop / "people.csv").write_bytes(content)
    with pytest.raises(SourceError, match=told):
        run(shop)


def test_a_packed_file_that_was_cut_off(shop: Path):
    packed = lzma.compress(PEOPLE.encode() * 500)
    (shop / "people.csv.xz").write_bytes(packed[: len(packed) // 2])
    rewrite(shop / "map.toml", '"people.csv"', '"people.csv.xz"')
    with pytest.raises(SourceError, match="cannot be read"):
        run(shop)


def test_an_unknown_encoding(shop: Path):
    rewrite(shop / "map.toml", '"people.csv"', '"people.csv"\nencoding = "klingon"')
    with pytest.raises(SourceError, match="no encoding klingon"):
        run(shop)


def test_a_key_may_take_the_most_frequent_of_what_it_finds(shop: Path):
    text = (shop / "map.toml").read_text(encoding="utf-8")
    text = text.replace(
        '[sources.people]\nfile = "people.csv"',
        '[sources.people]\nfile = "people.csv"\n'
        'join = [{ source = "sales", column = "no", key = "who", pick = "most_frequent" }]',
    ).replace(
        'name = { template = "{first} {last:upper}" }', 'name = "first"\nphone = "sales.what"'
    )
    (shop / "map.toml").write_text(text, encoding="utf-8")
    with (shop / "sales.csv").open("a", encoding="utf-8") as stream:
        stream.write("4;01.02.2026;10;b;;-1;3.00;;\n")
    assert run(shop).ok
    phones = [row["phone"] for row in DataSet.load(shop.parent / "out").rows("customers")]
    assert phones == ["b", "a", None]


def test_instants_are_written_in_utc(shop: Path):
    with (shop / "map.toml").open("a", encoding="utf-8") as stream:
        stream.write(
            '\n[[target]]\nkind = "accounts"\nfrom = "sales"\ngroup_by = ["who"]\n'
            '[target.columns]\nid = { template = "A-{who}" }\nname = "who"\n'
            'kind = { value = "customer" }\n'
            'created_at = { column = "day", instant = "%d.%m.%Y", pick = "min" }\n'
        )
    assert run(shop).ok
    first, _ = DataSet.load(shop.parent / "out").rows("accounts")
    assert datetime(2026, 2, 2, tzinfo=UTC) == first["created_at"]


def test_the_maps_of_the_cookbook_are_valid(request: pytest.FixtureRequest):
    from crossdock_mocks.datasets.importing import Map

    recipes = sorted((request.config.rootpath / "cookbook").glob("import-*/map.toml"))
    assert len(recipes) == 3
    for recipe in recipes:
        rules = Map.load(recipe).refusals
        assert all(rule.expected is not None for rule in rules)
        published = recipe.parent.name != "import-your-csv"  # whose data are somebody's own
        assert ("licence" in tomllib.loads(recipe.read_text())["dataset"]) is published
