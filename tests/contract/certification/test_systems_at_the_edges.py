"""What rules for connectors and mocks say of systems that hardly are any."""

from __future__ import annotations

import itertools
import subprocess
import textwrap
from types import SimpleNamespace

import pytest

from crossdock.errors import ConfigError
from crossdock.testing.rule import try_rule
from crossdock.testing.systems import connectors_at_work, mocks, mocks_at_work, papers
from crossdock.testing.systems.judging import certify_system, system_rules
from crossdock.testing.systems.project import System, systems_of

_numbers = itertools.count(1)
_MINE = '''
import httpx
from crossdock.connectors.partial import PartialErp
from crossdock.connectors.settings import Settings
from crossdock.errors import ConfigError, RemoteUnavailable
from crossdock.ports import Page
from crossdock.records import TradingAccount

class Connector(PartialErp):
    """A small one."""
    product = "Books"
    capabilities = frozenset()

    def __init__(self, system):
        self.system = system

    def close(self):
        pass
'''
_OPEN = """
def connect(system, settings, *, transport=None):
    return Connector(system)
"""


@pytest.fixture
def tiny(tmp_path):
    """Make a system of one module."""

    def made(kind, code, *, tried_with=None, siblings=None):
        name = f"tiny_{next(_numbers)}"
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(code), encoding="utf-8")
        entry = "connect" if kind == "connector" else "dialect"
        return System(
            kind=kind,
            id="tiny",
            target=f"{name}:{entry}",
            root=tmp_path,
            tried_with={"settings": {}} if tried_with is None else tried_with,
            siblings={each: f"{name}:{target}" for each, target in (siblings or {}).items()},
        )

    return made


def tried(system, rule):
    (asked,) = (each for each in system_rules(system.kind) if each.name == rule)
    outcome = try_rule(asked, system)
    said = [*(each.what for each in outcome.findings), outcome.reason]
    return outcome.state, " ".join(said).strip()


@pytest.mark.parametrize(
    ("rule", "code", "tried_with", "state", "says"),
    [
        ("connector-opens", _OPEN, {}, "skipped", "does not say what it is opened with"),
        ("has-its-port", "raise OSError", None, "skipped", "it cannot be opened"),
        ("lets-go", "raise OSError", None, "skipped", "it cannot be opened"),
        (
            "settings-are-judged",
            """
            def connect(system, settings, *, transport=None):
                raise ConfigError("something is wrong")
            """,
            {"settings": {"url": "http://x.test"}},
            "failed",
            "opened with a setting 'no_such_setting' besides, it does not name the setting",
        ),
        (
            "takes-what-the-port-gives",
            """
            class Takes(Connector):
                def customer(self, number, /, **more):
                    pass
                def item(self, item_id, colour):
                    pass
                customers = None
            def connect(system, settings, *, transport=None):
                return Takes(system)
            """,
            None,
            "failed",
            "item(self, item_id, colour) wants colour, which nobody gives",
        ),
        (
            "operations-are-in-the-document",
            _OPEN,
            {"settings": {}},
            "skipped",
            "names no document",
        ),
        (
            "operations-are-in-the-document",
            _OPEN,
            {"settings": {}, "document": "nowhere.yaml"},
            "failed",
            "there is no nowhere.yaml",
        ),
        (
            "operations-are-in-the-document",
            _OPEN,
            {"settings": {}, "document": "empty.yaml"},
            "failed",
            "it declares no operation",
        ),
        (
            "operations-are-in-the-document",
            "raise OSError",
            {"settings": {}, "document": "empty.yaml"},
            "skipped",
            "it cannot be imported",
        ),
        (
            "capabilities-are-true",
            """
            class Crm:
                def account(self): pass
                def close(self): pass
            def connect(system, settings, *, transport=None):
                return Crm()
            """,
            None,
            "not asked",
            "a CRM has none",
        ),
        ("keeps-secrets", _OPEN, None, "not asked", "no setting that is called a token"),
        ("takes-no-half-answer", _OPEN, None, "not asked", "it reads nothing by itself"),
        (
            "takes-no-half-answer",
            """
            class Lenient(Connector):
                def customer(self, customer_id):
                    return None
            def connect(system, settings, *, transport=None):
                return Lenient(system)
            """,
            None,
            "failed",
            "customer, answered with null, gives an answer all the same",
        ),
        (
            "walks-every-page",
            _OPEN,
            None,
            "skipped",
            "the project has no mock of the system, and names no document",
        ),
        (
            "lets-go",
            """
            class Once(Connector):
                closed = False
                def close(self):
                    if self.closed:
                        raise RuntimeError("closed already")
                    self.closed = True
            def connect(system, settings, *, transport=None):
                return Once(system)
            """,
            None,
            "failed",
            "closed twice, it raises RuntimeError('closed already') close leaves its connections",
        ),
    ],
)
def test_a_connector_that_hardly_is_one_is_told_what_it_lacks(
    tiny, tmp_path, rule, code, tried_with, state, says
):
    (tmp_path / "empty.yaml").write_text("openapi: 3.1.0\npaths: {}\n", encoding="utf-8")
    system = tiny("connector", _MINE + textwrap.dedent(code), tried_with=tried_with)
    found, told = tried(system, rule)
    assert (found, says in told) == (state, True), told


_LISTS = """
A = TradingAccount(id="C-1", system="certified", name="A", currency="EUR")
class Lists(Connector):
    def customers(self, search="", *, after=None, limit=50):
        {body}
def connect(system, settings, *, transport=None):
    return Lists(system)
def dialect():
    from crossdock_mocks.dialects.erp import dialect
    return dialect()
"""
_TWICE = "return Page(items=(A,), next=None if after else '2')"


def test_pages_are_walked_on_the_projects_own_mock(tiny):
    code = _MINE + _LISTS.format(body=_TWICE)
    system = tiny("connector", code, siblings={"tiny": "dialect"})
    assert tried(system, "walks-every-page") == ("failed", "customers gives 1 records twice")


@pytest.mark.parametrize(
    ("code", "state", "says"),
    [
        (_LISTS.format(body="return Page(items=())"), "skipped", "customers of the mock is empty"),
        (_OPEN, "not asked", "it lists nothing page by page"),
    ],
)
def test_where_nothing_is_listed_nothing_is_walked(tiny, monkeypatch, code, state, says):
    nobody = SimpleNamespace(
        url="", transport=lambda: None, world=SimpleNamespace(close=lambda: None)
    )
    monkeypatch.setattr(connectors_at_work, "_mock_of", lambda *_: nobody)
    found, told = tried(tiny("connector", _MINE + code), "walks-every-page")
    assert (found, says in told) == (state, True), told


@pytest.mark.parametrize(
    ("rule", "state", "says"),
    [
        ("mock-starts", "failed", "gives no mock: ModuleNotFoundError"),
        ("says-how-sure-it-is", "skipped", "it does not start"),
        ("begins-with-any-company", "skipped", "it does not start"),
        ("is-explained", "failed", "there is no README.md"),
    ],
)
def test_a_mock_that_cannot_be_imported_is_told_once(tiny, rule, state, says):
    found, told = tried(tiny("mock", "import no_such_package"), rule)
    assert (found, says in told) == (state, True), told


def test_an_entry_point_without_a_docstring_explains_nothing(tiny, tmp_path):
    (tmp_path / "README.md").touch()
    _, told = tried(tiny("mock", "def dialect(): pass"), "is-explained")
    assert told.endswith(":dialect has no docstring")


DOCUMENT = """
openapi: 3.1.0
paths:
  /things/{id}:
    parameters: [{name: id, in: path}]
    get: {operationId: getThing, responses: {"200": {description: x}}}
    put:
      operationId: putThing
      requestBody: {$ref: "#/components/requestBodies/Thing"}
      responses: {default: {description: x}}
    patch:
      operationId: patchThing
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/a~1b"}}}}
      responses: {4XX: {description: x}}
components:
  requestBodies:
    Thing: {content: {text/csv: {}, application/json: {schema: {properties: {a: {}}}}}}
  schemas:
    a/b: {allOf: [{properties: {a: {}}}, {$ref: "#/components/schemas/c"}]}
    c: {properties: {b: {}}, additionalProperties: false}
"""


@pytest.fixture
def written(tiny, tmp_path):
    """A mock of which there is a document only."""
    (tmp_path / "things.yaml").write_text(DOCUMENT, encoding="utf-8")
    return tiny(
        "mock",
        """
        from pathlib import Path
        from types import SimpleNamespace
        def dialect():
            return SimpleNamespace(document=Path(__file__).parent / "things.yaml")
        """,
    )


def test_documents_are_read_through_their_references(written):
    assert tried(written, "refusals-are-documented") == (
        "failed",
        "getThing names a record and documents none of 404, 410",
    )
    assert tried(written, "writes-are-closed") == ("failed", "the body of putThing takes any field")


def test_a_mock_that_asks_nobody_for_credentials_has_no_strangers(written):
    assert tried(written, "strangers-are-refused") == (
        "not asked",
        "no operation asks for credentials",
    )
    assert mocks_at_work._known(written) == {}
    with pytest.raises(mocks.Skipped):
        mocks.app_of(written)


class _Mock:
    """Stands in for a mock at work: each request writes a row, whatever it answers."""

    def __init__(self, status: int) -> None:
        self._status, self._rows = status, 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def client(self, **_):
        return self

    def request(self, *_, **__):
        self._rows += 1
        return SimpleNamespace(status_code=self._status, text="no")

    def state(self):
        return self._rows


@pytest.mark.parametrize(
    ("rule", "status", "says"),
    [
        ("strangers-are-refused", 401, "something was written for a stranger"),
        ("nothing-is-kept-of-a-refusal", 422, "listThings refuses null and keeps something of it"),
    ],
)
def test_what_is_written_for_a_refusal_is_found(tiny, monkeypatch, rule, status, says):
    operation = SimpleNamespace(path="/things", method="GET")
    app = SimpleNamespace(operations={"listThings": operation})
    document = {
        "security": [{"key": []}],
        "paths": {"/things": {"get": {"operationId": "listThings"}}},
    }
    monkeypatch.setattr(mocks_at_work, "app_of", lambda _: app)
    monkeypatch.setattr(mocks_at_work, "document_of", lambda _: document)
    monkeypatch.setattr(mocks_at_work, "_at_work", lambda *_: _Mock(status))
    state, told = tried(tiny("mock", "", tried_with={"headers": {"X-Api-Key": "k"}}), rule)
    assert (state, says in told) == ("failed", True), told


def test_tests_that_never_end_fail(tiny, monkeypatch):
    def never(*_, **how):
        raise subprocess.TimeoutExpired("pytest", how["timeout"])

    monkeypatch.delenv(papers.UNDER_WAY, raising=False)
    monkeypatch.setattr(papers.subprocess, "run", never)
    state, told = tried(tiny("mock", ""), "own-tests-pass")
    assert (state, told) == ("failed", "its tests fail: not done in 600 s")


def test_readings_leave_out_what_nobody_can_make_up():
    class Port:
        def customer(self, customer_id):
            pass

        def price(self, request):
            pass

        def place_order(self, order):
            pass

    assert list(connectors_at_work.readings(Port())) == ["customer"]


def test_a_place_without_a_project_has_no_systems(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert systems_of(inner) == ()
    assert systems_of(tmp_path / "nowhere") == ()
    (tmp_path / "a" / "pyproject.toml").write_text("[project", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"pyproject.toml cannot be used"):
        systems_of(inner)


def test_a_package_of_the_same_name_from_another_project_is_forgotten(tmp_path):
    systems = []
    for name in ("first", "second"):
        package = tmp_path / name / "same_name"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(f"def connect():\n    return {name!r}\n")
        systems.append(
            System(
                kind="connector",
                id=name,
                target="same_name:connect",
                root=package.parent,
                tried_with={},
                siblings={},
            )
        )
    assert [each.load()() for each in systems] == ["first", "second"]


def test_a_report_of_some_rules_certifies_no_level(tiny, monkeypatch):
    monkeypatch.setenv(papers.UNDER_WAY, "1")
    report = certify_system(tiny("mock", "import no_such_package"), upto="silver")
    assert report.level is None
    assert not report.reaches("bronze")
