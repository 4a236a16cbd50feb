from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crossdock.cli import main
from crossdock_mocks.datasets import FORM, DataSet


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["data", *map(str, arguments)])


def test_generate_makes_a_folder_and_tells_what_is_in_it(tmp_path: Path):
    result = run("generate", tmp_path / "set", "--seed", 5, "--scale", "0.2", "--years", 1)
    assert result.exit_code == 0, result.output
    dataset = DataSet.load(tmp_path / "set")
    assert f"{dataset.count('invoice_lines'):,}" in result.output


def test_generate_does_not_overwrite_without_force(tmp_path: Path):
    assert run("generate", tmp_path, "--scale", "0.2", "--years", 1).exit_code == 0
    again = run("generate", tmp_path, "--scale", "0.2", "--years", 1)
    assert again.exit_code == 1
    assert "--force" in again.output
    forced = run("generate", tmp_path, "--scale", "0.2", "--years", 1, "--force")
    assert forced.exit_code == 0


def test_generate_never_removes_what_is_no_data_set(tmp_path: Path):
    (tmp_path / "letter.txt").write_text("dear")
    result = run("generate", tmp_path, "--force")
    assert result.exit_code == 1
    assert "nothing was removed" in result.output
    assert (tmp_path / "letter.txt").exists()


def test_a_wrong_scale_is_wrong_usage(tmp_path: Path):
    assert run("generate", tmp_path / "x", "--scale", 0).exit_code == 2


def test_check_finds_nothing_in_a_good_folder(tiny: Path):
    result = run("check", tiny)
    assert result.exit_code == 0, result.output
    assert "Tiny Trade Ltd" in result.output


def test_check_lists_every_problem_and_fails(tiny: Path, change):
    change("order_lines.csv", "N-1", "N-9")
    change("customers.csv", "Low,GBP", "Low,gbp")
    result = run("check", tiny)
    assert result.exit_code == 1
    assert "customers.csv, line 3, column currency" in result.output
    assert "order_lines.csv, line 3, column item_id" in result.output
    assert "2 problems" in result.output
    assert "Traceback" not in result.output


def test_check_as_json(tiny: Path, change):
    change("order_lines.csv", "N-1", "N-9")
    result = CliRunner().invoke(main, ["data", "check", str(tiny), "--json"])
    (problem,) = json.loads(result.stdout)
    assert (
        problem["kind"],
        problem["file"],
        problem["line"],
    ) == ("DanglingReferenceError", "order_lines.csv", 3)


def test_describe_lists_all_record_kinds():
    result = run("describe")
    assert result.exit_code == 0
    assert all(kind.file in result.output for kind in FORM.values())


def test_describe_a_record_kind():
    result = run("describe", "orders")
    assert "one of open, hold, closed, cancelled" in result.output
    assert "-> customers" in result.output


def test_describe_a_folder_tells_its_rules(tiny: Path):
    result = run("describe", tiny)
    assert "All customers have 30 days." in result.output


@pytest.mark.parametrize("arguments", [(), ("orders",)])
def test_describe_as_json(arguments: tuple[str, ...]):
    assert json.loads(run("describe", *arguments, "--json").output)


def test_describe_something_unknown_lists_what_there_is():
    result = run("describe", "invoicez")
    assert result.exit_code == 1
    assert "invoice_lines" in result.output


def test_a_missing_folder_is_a_sentence(tmp_path: Path):
    for name in ("check", "describe"):
        result = run(name, tmp_path / "nowhere")
        assert result.exit_code == 1
        assert "Traceback" not in result.output


MAP = """\
[dataset]
name = "S"
company = "S"
currency = "EUR"
as_of = 2026-01-01
[sources.items]
file = "items.csv"
[[refuse]]
rule = "scrap"
source = "items"
when = [{ column = "name", equals = "scrap" }]
text = "Scrap is not sold."
expected = 1
[[rows]]
kind = "tax_codes"
values = { id = "STD", name = "Standard", rate = "0.2" }
[[target]]
kind = "items"
from = "items"
[target.columns]
id = "code"
name = "name"
tax_code = { value = "STD" }
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "items.csv").write_text("code,name\n1,Bolt\n2,scrap\n")
    (folder / "map.toml").write_text(MAP)
    return folder


def test_import_prints_the_account_of_every_row(source: Path, tmp_path: Path):
    result = run("import", "--map", source / "map.toml", source, tmp_path / "out")
    assert result.exit_code == 0, result.output
    lines = {line.split()[0]: line.split() for line in result.output.splitlines() if line.strip()}
    assert lines["items.csv"] == ["items.csv", "2", "1", "-", "1", "-", "-", "-"]
    assert lines["scrap"][:3] == ["scrap", "1", "1"]
    assert "Every row is accounted for" in result.output


def test_import_of_a_single_file(source: Path, tmp_path: Path):
    result = run("import", "--map", source / "map.toml", source / "items.csv", tmp_path / "out")
    assert result.exit_code == 0, result.output


def test_import_fails_when_a_count_is_not_as_expected(source: Path, tmp_path: Path):
    (source / "items.csv").write_text("code,name\n1,Bolt\n")
    result = run("import", "--map", source / "map.toml", source, tmp_path / "out")
    assert result.exit_code == 1
    assert "refused 0 rows; the map expects 1" in result.output
    assert DataSet.load(tmp_path / "out").count("items") == 1


def test_import_fails_when_a_row_cannot_be_used(source: Path, tmp_path: Path):
    (source / "items.csv").write_text("code,name\n1,\n2,scrap\n")
    result = run("import", "--map", source / "map.toml", source, tmp_path / "out")
    assert result.exit_code == 1
    assert "items.csv, line 2: items.name: a blank is not a text" in result.output
    assert "No data set was made" in result.output
    assert run("check", tmp_path / "out").exit_code == 1


def test_import_report_as_json(source: Path, tmp_path: Path):
    result = run("import", "--map", source / "map.toml", source, tmp_path / "out", "--json")
    assert json.loads(result.output)["ok"] is True


def test_a_malformed_map_is_a_sentence_with_its_place(source: Path, tmp_path: Path):
    (source / "map.toml").write_text(MAP.replace('equals = "scrap"', 'equal = "scrap"'))
    result = run("import", "--map", source / "map.toml", source, tmp_path / "out")
    assert result.exit_code == 1
    assert "refuse[1].when[1].equal: unknown key" in result.output
    assert "Traceback" not in result.output


def test_a_folder_that_cannot_be_written_is_a_sentence(source: Path, tmp_path: Path):
    (tmp_path / "file").write_text("")
    result = run("import", "--map", source / "map.toml", source, tmp_path / "file" / "out")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
