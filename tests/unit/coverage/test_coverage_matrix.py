"""Each operation of each shipped mock says how sure it is, and a test has proven it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock.specifications import specification
from crossdock_mocks import installed
from crossdock_mocks.coverage import MEANING, Row, markdown, matrix, read_proofs

ROOT = Path(__file__).parents[3]
DIALECTS = {name: installed.dialect(name) for name in installed.names()}

RECORDED = """
import httpx, pytest
from crossdock_mocks.dialects.erp import dialect
from crossdock_mocks.engine import App, Fault, MockTransport

def erp():
    app = App(dialect())
    world = app.open_world()
    key = {"X-Api-Key": "erp-demo-key"}
    transport = MockTransport(app, world)
    return world, httpx.Client(transport=transport, base_url="http://e", headers=key)

@pytest.mark.parametrize("path", ["/customers", "/nothing"])
def test_lists(path):
    erp()[1].get(path)

def test_is_wrong():
    erp()[1].get("/items")
    assert False

def test_fault():
    world, client = erp()
    world.faults.add(Fault("status", operation="listStock"))
    assert client.get("/stock").status_code == 503
"""


@pytest.fixture(scope="module")
def proofs():
    return read_proofs(specification("proofs.json"))


@pytest.mark.parametrize("name", DIALECTS)
def test_each_operation_says_how_sure_it_is(name, proofs):
    unsure = [row.operation for row in matrix(DIALECTS[name], proofs) if not row.provenance]
    unknown = {row.provenance for row in matrix(DIALECTS[name], proofs)} - {*MEANING, ""}
    assert (unsure, unknown) == ([], set())


@pytest.mark.parametrize("name", DIALECTS)
def test_a_test_has_seen_each_operation_succeed_and_give_each_answer_that_it_documents(
    name, proofs
):
    missing = {
        row.operation: row.unproven
        for row in matrix(DIALECTS[name], proofs)
        if row.unproven or not row.proven
    }
    assert missing == {}, "write the test, then run `make coverage`"


def test_each_test_that_is_named_as_a_proof_exists(proofs):
    named = {
        test
        for operations in proofs.values()
        for answers in operations.values()
        for answer in answers.values()
        for test in answer["tests"]
    }
    functions = {
        file: {
            node.name
            for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8")))
            if isinstance(node, ast.FunctionDef)
        }
        for file in {test.partition("::")[0] for test in named}
        if (ROOT / file).is_file()
    }
    gone = [
        test
        for test in sorted(named)
        if test.rpartition("::")[2] not in functions.get(test.partition("::")[0], ())
    ]
    assert gone == [], "run `make coverage`"


def test_what_passing_tests_reach_is_written_down(tmp_path):
    (tmp_path / "test_recorded.py").write_text(RECORDED)
    written = tmp_path / "proofs.json"
    options = ["-p", "crossdock_mocks.proofs", "--proofs", str(written), "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-q", *options, "--rootdir", ".", "."]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100)

    assert "1 failed, 3 passed" in done.stdout, done.stdout + done.stderr
    once = {"count": 1, "tests": ["test_recorded.py::test_lists"]}
    assert json.loads(written.read_text()) == {"erp": {"listCustomers": {"200": once}}}


def test_the_command_tells_of_an_operation_without_proof_and_fails(tmp_path, proofs):
    fewer = {**proofs, "erp": {**proofs["erp"]}}
    del fewer["erp"]["createSalesOrder"]
    file = tmp_path / "proofs.json"
    file.write_text(json.dumps(fewer))

    found = CliRunner().invoke(main, ["coverage", "erp", "--proofs", str(file)])

    assert found.exit_code == 1
    (line,) = [line for line in found.output.splitlines() if "createSalesOrder" in line]
    assert "no proof   not reached: 201 400" in line


def test_the_command_answers_in_json_and_markdown():
    as_json = CliRunner().invoke(main, ["coverage", "crm", "--json"])
    rows = json.loads(as_json.output)
    assert as_json.exit_code == 0
    assert {row["mock"] for row in rows} == {"crm"}
    assert all(row["proven"] and row["provenance"] for row in rows)

    table = CliRunner().invoke(main, ["coverage", "--markdown"]).output
    assert table.count("## ") == len(DIALECTS)
    assert "| createSalesOrder | `POST /sales-orders` | source | 201 " in table


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["oracle"], "there is no mock called 'oracle'"),
        (["--json", "--markdown"], "not both"),
        (["--proofs", __file__], "the proofs cannot be read"),
    ],
)
def test_what_the_command_cannot_do_is_told_in_a_sentence(arguments, said):
    found = CliRunner().invoke(main, ["coverage", *arguments])
    assert found.exit_code != 0
    assert said in found.output


def test_an_operation_without_anything_is_marked_in_the_table():
    row = Row("m", "op", "GET", "/", "", (200,), ())
    assert "| op | `GET /` | **nothing** |  | 200 | **nothing** |" in markdown([row])
