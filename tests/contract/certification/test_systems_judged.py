"""Each rule for connectors and mocks finds the mistake that it is there for, and says the way out.

What is judged is what `crossdock new` writes, with one mistake in it.
"""

from __future__ import annotations

import itertools
import json

import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock.scaffold.project import Answers
from crossdock.scaffold.writing import write
from crossdock.testing import certify_systems, check_systems
from crossdock.testing.rule import try_rule
from crossdock.testing.systems import papers
from crossdock.testing.systems.judging import certify_system, system_rules
from crossdock.testing.systems.project import systems_of

_numbers = itertools.count(1)
_DOCUMENT = "{package}.openapi.yaml"

# kind, rule, (file, what stands there, what is put in its place), what the finding says.
MISTAKES = [
    (
        "connector",
        "connector-opens",
        ("connector.py", "import httpx\n", "import httpxx\n"),
        "cannot be imported: ModuleNotFoundError",
    ),
    (
        "connector",
        "connector-opens",
        ("connector.py", "*, transport:", "*, door:"),
        "takes other arguments",
    ),
    (
        "connector",
        "connector-opens",
        (
            "connector.py",
            "    def close(self)",
            "        self._remote.call(LIST_CUSTOMERS)\n\n    def close(self)",
        ),
        "does not open: RemoteUnavailable",
    ),
    (
        "connector",
        "settings-are-judged",
        ("connector.py", 'known=("token",)', 'known=("token", "no_such_setting")'),
        "'no_such_setting' besides, it says nothing",
    ),
    (
        "connector",
        "settings-are-judged",
        ("connector.py", 'settings.secret("token")', 'settings._values["token"]'),
        "without 'token', it raises KeyError",
    ),
    (
        "connector",
        "has-its-port",
        ("connector.py", "class Connector(PartialErp):", "class Connector:\n    lacks = None"),
        "it has no capabilities, which ErpPort has",
    ),
    (
        "connector",
        "has-its-port",
        ("connector.py", "self.system = system", 'self.system = "books"'),
        "its system is 'books', and it was opened as 'certified'",
    ),
    (
        "connector",
        "takes-what-the-port-gives",
        ("connector.py", "def customer(self, customer_id: str)", "def customer(self, number: str)"),
        "takes no customer_id",
    ),
    (
        "connector",
        "takes-what-the-port-gives",
        (
            "connector.py",
            'search: str = "", *, after: str | None = None',
            "search: str, *, after: Any",
        ),
        "wants search, which callers may leave out",
    ),
    (
        "connector",
        "operations-are-in-the-document",
        ("connector.py", 'read_only("getCustomer", ', 'read_only("readCustomer", '),
        "the document has no operation 'readCustomer'",
    ),
    (
        "connector",
        "operations-are-in-the-document",
        ("connector.py", '"/customers/{id}"', '"/clients/{id}"'),
        "getCustomer is GET /clients/{id}, and GET /customers/{} in the document",
    ),
    (
        "connector",
        "capabilities-are-true",
        (
            "connector.py",
            '    product = "',
            '    capabilities = frozenset({"shipments"})\n    product = "',
        ),
        "it says that it can shipments, and has no shipments",
    ),
    (
        "connector",
        "capabilities-are-true",
        (
            "connector.py",
            '    product = "',
            '    capabilities = frozenset({"magic"})\n    product = "',
        ),
        "nobody knows a capability 'magic'",
    ),
    (
        "connector",
        "keeps-secrets",
        (
            "connector.py",
            "self.system = system",
            'self.system = system\n        self.t = settings.secret("token")',
        ),
        "shows a secret setting",
    ),
    (
        "connector",
        "fails-in-the-words-of-crossdock",
        ("connector.py", "min(limit, 200)", '{}["limit"]'),
        "customers, answered with a line that drops, raises KeyError",
    ),
    (
        "connector",
        "takes-no-half-answer",
        (
            "connector.py",
            "return self._remote.read(answer, self._page)",
            "return Page(items=(), next=None)",
        ),
        "customers, answered with a number, gives an answer all the same",
    ),
    (
        "connector",
        "walks-every-page",
        ("connector.py", '"cursor": after', '"cursor": None'),
        "gives a next page 200 times and more",
    ),
    (
        "connector",
        "lets-go",
        ("connector.py", "        self._remote.close()", "        return"),
        "leaves its connections open",
    ),
    (
        "mock",
        "mock-starts",
        ("mock.py", '            "closeTicket": close_ticket,\n', ""),
        "operation closeTicket has no behaviour",
    ),
    ("mock", "mock-starts", ("mock.py", "return Dialect(", "return dict("), "gives a dict"),
    ("mock", "mock-starts", ("mock.py", 'name="', 'name="x-'), "the dialect calls itself 'x-"),
    (
        "mock",
        "mock-starts",
        (_DOCUMENT, "operationId: closeTicket", "operationId: [1]"),
        "cannot be used",
    ),
    (
        "mock",
        "says-how-sure-it-is",
        (
            _DOCUMENT,
            "operationId: listTickets\n      x-provenance: assumed\n",
            "operationId: listTickets\n",
        ),
        "listTickets has no x-provenance",
    ),
    (
        "mock",
        "says-how-sure-it-is",
        (
            _DOCUMENT,
            "openTicket\n      x-provenance: assumed",
            "openTicket\n      x-provenance: heard",
        ),
        "openTicket says 'heard' in x-provenance",
    ),
    (
        "mock",
        "refusals-are-documented",
        (
            _DOCUMENT,
            '        "400": { $ref: "#/components/responses/Refused" }\n'
            '        "401": { $ref: "#/components/responses/Refused" }\n    post:',
            "    post:",
        ),
        "listTickets asks for credentials and documents none of 401, 403",
    ),
    (
        "mock",
        "writes-are-closed",
        (_DOCUMENT, "              additionalProperties: false\n", ""),
        "the body of openTicket takes any field",
    ),
    (
        "mock",
        "begins-with-any-company",
        ("mock.py", 'if dataset else "Welcome"', 'if True else ""'),
        "begun with nothing, seed raises",
    ),
    (
        "mock",
        "strangers-are-refused",
        ("mock.py", "KEYS.get(call.credentials", '"anybody" or KEYS.get(call.credentials'),
        "answers 200 to forged credentials",
    ),
    (
        "mock",
        "nothing-is-kept-of-a-refusal",
        (
            _DOCUMENT,
            "            schema:\n              type: object\n"
            "              additionalProperties: false\n              required: [subject]\n",
            "            schema:\n",
        ),
        "openTicket answers 500",
    ),
]


@pytest.fixture
def project(tmp_path):
    """Write a project with mistakes in it, each under a name of its own."""

    def written(kind, *mistakes):
        answers = Answers.given(kind=kind, id=f"our-{kind}-{next(_numbers)}")
        folder = tmp_path / answers.id
        write(folder, answers)
        for file, there, instead in mistakes:
            place = folder / file
            if not place.exists():
                place = folder / answers.package / file.format(package=answers.package)
            text = place.read_text(encoding="utf-8")
            assert there in text, f"{there!r} does not stand in {file} any more"
            place.write_text(text.replace(there, instead, 1), encoding="utf-8")
        return folder

    return written


def findings(folder, rule):
    (system,) = systems_of(folder)
    (asked,) = (each for each in system_rules(system.kind) if each.name == rule)
    return try_rule(asked, system)


@pytest.mark.parametrize(
    ("kind", "rule", "mistake", "says"),
    MISTAKES,
    ids=[f"{each[1]}-{number}" for number, each in enumerate(MISTAKES)],
)
def test_the_rule_finds_its_mistake(project, kind, rule, mistake, says):
    outcome = findings(project(kind, mistake), rule)
    assert outcome.state == "failed", outcome
    assert says in " ".join(each.what for each in outcome.findings)
    assert all(each.do for each in outcome.findings)


def test_every_rule_has_a_mistake_that_it_finds():
    found = {rule for _, rule, _, _ in MISTAKES}
    of_tests = {"own-tests-pass", "answers-are-proven", "refusals-are-proven", "is-explained"}
    every = {each.name for kind in ("connector", "mock") for each in system_rules(kind)}
    assert found | of_tests == every


def test_a_project_without_a_readme_and_docstrings_explains_nothing(project):
    folder = project("mock", ("mock.py", '    """Give the mock: its document', '    """'))
    (folder / "README.md").unlink()
    told = [each.what for each in findings(folder, "is-explained").findings]
    assert told[0] == "there is no README.md"


@pytest.mark.parametrize("kind", ["connector", "mock"])
def test_what_it_cannot_be_tried_with_is_asked_for_and_not_certified(project, kind):
    folder = project(kind, ("pyproject.toml", f"[tool.crossdock.{kind}]", "[tool.nobody]"))
    rule = "has-its-port" if kind == "connector" else "nothing-is-kept-of-a-refusal"
    outcome = findings(folder, rule)
    assert outcome.state == "skipped"
    assert f"[tool.crossdock.{kind}]" in outcome.reason or "connector-opens" in outcome.reason
    assert not outcome.stands


def test_own_tests_that_fail_skip_or_reach_nothing_certify_nothing(project, monkeypatch):
    folder = project("mock")
    (system,) = systems_of(folder)

    def ran(good, counts, reached=None, output=""):
        told = papers.OwnTests(good=good, counts=counts, output=output, reached=reached or {})
        monkeypatch.setitem(papers._ran, system.root, told)

    def said(rule):
        outcome = findings(folder, rule)
        return " ".join([*(each.what for each in outcome.findings), outcome.reason]).strip()

    ran(False, {"failed": 1}, output="FAILED tests/test_mock.py::test_x - no\n1 failed in 1 s")
    assert "FAILED tests/test_mock.py::test_x" in said("own-tests-pass")
    assert "its tests fail" in said("answers-are-proven")
    ran(True, {})
    assert "it has no tests" in said("own-tests-pass")
    ran(True, {"passed": 3, "skipped": 2})
    assert "2 of its tests are skipped" in said("own-tests-pass")
    every = {name: frozenset({200, 201, 401}) for name in ("listTickets", "openTicket")}
    ran(True, {"passed": 3}, {system.id: every})
    assert said("answers-are-proven") == "no test gets 200 from closeTicket"
    assert "no test gets 400 from listTickets" in said("refusals-are-proven")


def test_tests_that_ask_for_their_own_certification_do_not_go_in_circles(project, monkeypatch):
    monkeypatch.setenv(papers.UNDER_WAY, "1")
    assert findings(project("mock"), "own-tests-pass").state == "not asked"


def test_a_rule_that_falls_over_certifies_nothing(project, monkeypatch):
    (system,) = systems_of(project("connector"))
    monkeypatch.setattr("crossdock.testing.systems.connectors.port_of", lambda port: 1 / 0)
    monkeypatch.setenv(papers.UNDER_WAY, "1")
    report = certify_system(system, upto="bronze")
    assert report.level is None
    reasons = [each.reason for each in report.outcomes if each.state == "skipped"]
    assert "it could not be tried: ZeroDivisionError: division by zero" in reasons


def test_the_level_that_is_not_reached_is_an_assertion_with_all_that_stands_against_it(
    project, monkeypatch
):
    monkeypatch.setenv(papers.UNDER_WAY, "1")
    folder = project("mock", MISTAKES[-7][2])
    with pytest.raises(AssertionError, match="listTickets has no x-provenance"):
        certify_systems(folder, level="bronze", upto="bronze")
    assert not check_systems(folder)[0].good


def test_the_commands_judge_a_project_as_they_judge_a_plugin(project, monkeypatch):
    monkeypatch.setenv(papers.UNDER_WAY, "1")
    folder = project("mock", ("mock.py", '            "closeTicket": close_ticket,\n', ""))
    done = CliRunner().invoke(main, ["check", str(folder)])
    assert done.exit_code == 1
    assert "operation closeTicket has no behaviour" in " ".join(done.output.split())
    done = CliRunner().invoke(main, ["certify", str(folder), "--upto", "--json"])
    assert done.exit_code == 1
    (told,) = json.loads(done.output)
    assert (told["id"], told["level"]) == (f"{folder.name} (mock)", None)


@pytest.mark.parametrize("text", ["[project", "[project]\nentry-points = 3\n"])
def test_a_pyproject_that_cannot_be_read_is_told(tmp_path, text):
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    done = CliRunner().invoke(main, ["check", str(tmp_path)])
    assert done.exit_code == 1
    assert "cannot be used" in done.output
