from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from crossdock_mocks.datasets import FORM, DataSet, Header, Rule
from crossdock_mocks.datasets.check import problems
from crossdock_mocks.datasets.errors import (
    BadValueError,
    DanglingReferenceError,
    DataSetError,
    DuplicateKeyError,
    FolderError,
    HeaderError,
    MissingColumnError,
    MissingFileError,
    MissingLinesError,
    RowCountError,
    RowShapeError,
    UnknownColumnError,
    UnknownFileError,
)

Change = Callable[[str, str, str], None]


def test_rows_are_complete_and_typed(tiny: Path):
    dataset = DataSet.load(tiny)
    first, second = dataset.rows("items")
    assert ("B-1", "Bolt, long", Decimal("1.50")) == (
        first["id"],
        first["name"],
        first["list_price"],
    )
    assert tuple(first) == FORM["items"].column_names
    assert {name: second[name] for name in ("unit", "kind", "active", "cost")} == {
        "unit": "each",
        "kind": "goods",
        "active": True,
        "cost": None,
    }
    (order,) = dataset.rows("orders")
    assert date(2026, 1, 5) == order["ordered_on"]
    assert [line["line"] for line in dataset.rows("order_lines")] == [1, 2]


def test_a_blank_credit_limit_is_none_and_a_blank_hold_is_false(tiny: Path):
    limited, unlimited = DataSet.load(tiny).rows("customers")
    assert Decimal(1000) == limited["credit_limit"]
    assert unlimited["credit_limit"] is None
    assert unlimited["on_hold"] is False


def test_a_file_that_is_not_there_has_no_rows(tiny: Path):
    dataset = DataSet.load(tiny)
    assert list(dataset.rows("quotes")) == []
    assert dataset.count("quotes") == 0


def test_an_unknown_record_kind_is_a_key_error(tiny: Path):
    with pytest.raises(KeyError):
        next(DataSet.load(tiny).rows("invoicez"))


def test_the_header_is_read(tiny: Path):
    dataset = DataSet.load(tiny)
    assert ("Tiny", "Tiny Trade Ltd", "GBP", date(2026, 1, 31)) == (
        dataset.name,
        dataset.company,
        dataset.currency,
        dataset.as_of,
    )
    assert dataset.rounding == "line"
    assert [rule.id for rule in dataset.rules] == ["terms"]


def test_what_is_saved_loads_the_same_and_saves_the_same_bytes(tiny: Path, tmp_path: Path):
    first, second = tmp_path / "first", tmp_path / "second"
    DataSet.load(tiny).save(first)
    DataSet.load(first).save(second)
    assert [file.name for file in sorted(first.iterdir())] == [
        file.name for file in sorted(second.iterdir())
    ]
    for file in first.iterdir():
        assert file.read_bytes() == (second / file.name).read_bytes()
    for kind in FORM:
        assert list(DataSet.load(tiny).rows(kind)) == list(DataSet.load(second).rows(kind))


def test_a_header_with_quotes_accents_and_a_story_survives(tmp_path: Path):
    header = Header(
        name='The "best"\tone',
        company="Žluťoučký \\ kůň",
        currency="CZK",
        as_of=date(2026, 2, 28),
        rounding="document",
        rules=(Rule(id="a", applies_to="b", text="line\nbreak"),),
        story={"account": "A-1"},
    )
    DataSet.of(header, {}).save(tmp_path / "set")
    assert header == DataSet.load(tmp_path / "set").header


def test_instants_are_utc_whatever_offset_they_were_written_with(tiny: Path):
    (tiny / "users.csv").write_text("id,name,role\nU-a,A,sales\n", encoding="utf-8")
    (tiny / "logins.csv").write_text("user_id,at\nU-a,2026-01-05T09:00:00+02:00\n")
    (login,) = DataSet.load(tiny).rows("logins")
    assert datetime(2026, 1, 5, 7, tzinfo=UTC) == login["at"]


def test_a_byte_order_mark_is_not_part_of_the_first_column(tiny: Path):
    file = tiny / "tax_codes.csv"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert DataSet.load(tiny).count("tax_codes") == 1


def test_rows_with_an_unknown_column_are_refused_when_a_set_is_made():
    header = Header(name="n", company="c", currency="EUR", as_of=date(2026, 1, 1))
    with pytest.raises(ValueError, match="items has no column colour"):
        DataSet.of(header, {"items": [{"id": "x", "colour": "red"}]})


def test_no_folder(tmp_path: Path):
    with pytest.raises(FolderError, match="There is no folder"):
        DataSet.load(tmp_path / "nowhere")


def test_a_folder_without_a_header_is_no_data_set(tiny: Path):
    (tiny / "dataset.toml").unlink()
    with pytest.raises(FolderError, match="crossdock data generate"):
        DataSet.load(tiny)


def test_a_failed_import_is_recognised(tiny: Path):
    (tiny / "dataset.toml").unlink()
    (tiny / "import-report.json").write_text("{}")
    with pytest.raises(FolderError, match=r"import-report\.json"):
        DataSet.load(tiny)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('name = "Tiny"', "name = Tiny", "not TOML"),
        ('company = "Tiny Trade Ltd"\n', "", "company must be given"),
        ('currency = "GBP"', 'currency = "pounds"', "currency.*ISO 4217"),
        ("as_of = 2026-01-31", 'as_of = "2026-02-30"', "not a day of the calendar"),
        ("as_of = 2026-01-31", 'as_of = "soon"', "as_of.*a date such as"),
        ('name = "Tiny"', 'name = "Tiny"\nrounded = true', "rounded: unknown key"),
        ('text = "All customers', 'txt = "All customers', r"rules\[1\]"),
        ('"customers.csv" = 2', '"customers.csv" = "two"', "type integer"),
    ],
)
def test_a_malformed_header_says_where(tiny: Path, change: Change, old: str, new: str, told: str):
    change("dataset.toml", old, new)
    with pytest.raises(HeaderError, match=told) as caught:
        DataSet.load(tiny)
    assert caught.value.file == "dataset.toml"


def test_a_file_named_in_the_header_that_is_missing(tiny: Path):
    (tiny / "customers.csv").unlink()
    with pytest.raises(MissingFileError, match="2 rows") as caught:
        DataSet.load(tiny)
    assert caught.value.file == "customers.csv"


def test_a_required_file_that_is_missing(tiny: Path):
    (tiny / "items.csv").unlink()
    with pytest.raises(MissingFileError) as caught:
        DataSet.load(tiny)
    assert caught.value.file == "items.csv"


def test_lines_without_the_file_of_their_documents(tiny: Path):
    (tiny / "shipments.csv").unlink()
    with pytest.raises(MissingFileError) as caught:
        DataSet.load(tiny)
    assert caught.value.file == "shipments.csv"


def test_a_file_that_was_cut_off(tiny: Path, change: Change):
    change("order_lines.csv", "SO-1,2,N-1,100,0.20,STD\n", "")
    with pytest.raises(RowCountError, match=r"1 rows, dataset\.toml says 2"):
        DataSet.load(tiny)


def test_a_file_of_no_record_kind(tiny: Path):
    (tiny / "order_line.csv").write_text("a\n1\n")
    with pytest.raises(UnknownFileError, match=r"order_line\.csv"):
        DataSet.load(tiny)


def test_an_unknown_column_lists_those_that_there_are(tiny: Path, change: Change):
    change("customers.csv", "credit_limit", "creditlimit")
    with pytest.raises(UnknownColumnError, match="credit_limit") as caught:
        DataSet.load(tiny)
    assert caught.value.column == "creditlimit"


def test_a_missing_column(tiny: Path, change: Change):
    change("customers.csv", "currency", "email")
    with pytest.raises(MissingColumnError) as caught:
        DataSet.load(tiny)
    assert (caught.value.file, caught.value.column) == ("customers.csv", "currency")


def test_a_column_twice(tiny: Path, change: Change):
    change("customers.csv", "credit_limit", "name")
    with pytest.raises(UnknownColumnError, match="twice"):
        DataSet.load(tiny)


def test_a_row_with_too_many_fields_names_its_line(tiny: Path, change: Change):
    change("customers.csv", "Low,GBP,", "Low,Ltd,GBP,")
    with pytest.raises(RowShapeError, match="5 fields, the header row 4") as caught:
        DataSet.load(tiny)
    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "column"),
    [
        ("order_lines.csv", "100,0.20", "many,0.20", 3, "quantity"),
        ("order_lines.csv", "100,0.20", "0,0.20", 3, "quantity"),
        ("order_lines.csv", "100,0.20", "-1,0.20", 3, "quantity"),
        ("order_lines.csv", "10,1.50", "10,1e2", 2, "unit_price"),
        ("order_lines.csv", "10,1.50", "10,NaN", 2, "unit_price"),
        ("order_lines.csv", "SO-1,2", "SO-1,1.5", 3, "line"),
        ("orders.csv", "2026-01-05", "05.01.2026", 2, "ordered_on"),
        ("orders.csv", "2026-01-05", "2026-02-30", 2, "ordered_on"),
        ("orders.csv", "open", "Open", 2, "status"),
        ("customers.csv", "Low,GBP", "Low,gbp", 3, "currency"),
        ("customers.csv", "C-2,Low", "C-2,", 3, "name"),
        ("tax_codes.csv", "0.20", "20%", 2, "rate"),
    ],
)
def test_a_bad_value_is_told_with_its_place(
    tiny: Path, change: Change, file: str, old: str, new: str, line: int, column: str
):
    change(file, old, new)
    with pytest.raises(BadValueError) as caught:
        DataSet.load(tiny)
    error = caught.value
    assert (file, line, column) == (error.file, error.line, error.column)
    assert error.expected
    assert f"{file}, line {line}, column {column}" in str(error)


def test_a_line_after_a_multi_line_value_is_counted_as_an_editor_does(tiny: Path, change: Change):
    change("customers.csv", "Ärger & Söhne", '"Ärger\n& Söhne"')
    change("customers.csv", "Low,GBP", "Low,gbp")
    with pytest.raises(BadValueError) as caught:
        DataSet.load(tiny)
    assert caught.value.line == 4


def test_a_file_in_another_encoding(tiny: Path):
    file = tiny / "customers.csv"
    file.write_bytes(file.read_text(encoding="utf-8").encode("latin-1"))
    with pytest.raises(BadValueError, match="UTF-8"):
        DataSet.load(tiny)


def test_a_dangling_reference(tiny: Path, change: Change):
    change("order_lines.csv", "N-1", "N-9")
    with pytest.raises(DanglingReferenceError, match=r"no N-9 in items\.csv") as caught:
        DataSet.load(tiny)
    assert (caught.value.line, caught.value.column, caught.value.value) == (3, "item_id", "N-9")


def test_a_line_of_an_order_that_the_order_has_not(tiny: Path, change: Change):
    change("shipment_lines.csv", "SH-1,1,1", "SH-1,1,7")
    with pytest.raises(DanglingReferenceError, match="order SO-1, which has no line 7"):
        DataSet.load(tiny)


def test_a_document_without_lines(tiny: Path):
    with (tiny / "orders.csv").open("a") as file:
        file.write("SO-2,C-2,2026-01-06,open,GBP\n")
    with pytest.raises(MissingLinesError, match="SO-2") as caught:
        DataSet.load(tiny)
    assert (caught.value.file, caught.value.line) == ("orders.csv", 3)


@pytest.mark.parametrize(
    ("file", "row", "told"),
    [
        ("customers.csv", "C-1,Again,GBP,5\n", "id = C-1"),
        ("order_lines.csv", "SO-1,2,B-1,1,1,STD\n", "order_id line = SO-1 2"),
    ],
)
def test_a_key_twice(tiny: Path, file: str, row: str, told: str):
    with (tiny / file).open("a") as stream:
        stream.write(row)
    with pytest.raises(DuplicateKeyError, match=told) as caught:
        DataSet.load(tiny)
    assert caught.value.line == 4


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (",,,B-1,1.00,false", "exactly one"),
        ("C-1,A,,B-1,1.00,false", "exactly one"),
        (",A,,B-1,,false", "at least one"),
    ],
)
def test_a_price_for_nobody_or_for_two_is_refused(tiny: Path, row: str, told: str):
    head = "customer_id,price_level,price_list_id,item_id,price,promotion\n"
    (tiny / "prices.csv").write_text(head + row + "\n")
    with pytest.raises(BadValueError, match=told):
        DataSet.load(tiny)


def test_a_promotion_names_nobody(tiny: Path):
    (tiny / "prices.csv").write_text("item_id,price,promotion\nB-1,1.20,true\n")
    (price,) = DataSet.load(tiny).rows("prices")
    assert price["promotion"] is True


def test_all_problems_are_found_not_only_the_first(tiny: Path, change: Change):
    change("order_lines.csv", "N-1", "N-9")
    change("customers.csv", "Low,GBP", "Low,gbp")
    (tiny / "stray.csv").write_text("a\n")
    found = [type(one) for one in problems(tiny)]
    assert [UnknownFileError, BadValueError, DanglingReferenceError] == found


def test_every_problem_says_what_to_do(tiny: Path, change: Change):
    change("order_lines.csv", "N-1", "N-9")
    (problem,) = problems(tiny)
    assert isinstance(problem, DataSetError)
    assert problem.advice


def test_an_unchecked_folder_is_told_when_its_rows_are_read(tiny: Path, change: Change):
    change("order_lines.csv", "10,1.50", "ten,1.50")
    dataset = DataSet.load(tiny, check=False)
    with pytest.raises(BadValueError, match="crossdock data check"):
        list(dataset.rows("order_lines"))
