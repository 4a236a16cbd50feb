"""What `import crossdock` offers, and what it must not pull in."""

import json
import subprocess
import sys

import click
import pytest

import crossdock
from crossdock import hookspecs
from crossdock.cli import COMMANDS, main
from crossdock.ports import CrmPort, ErpPort, scopes_of
from crossdock.specifications import specification


def test_every_public_name_is_there():
    assert crossdock.__all__ == sorted(crossdock.__all__)
    for name in crossdock.__all__:
        assert getattr(crossdock, name) is not None
    assert set(crossdock.__all__) <= set(dir(crossdock))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Tabb"):
        crossdock.Tabb  # noqa: B018


_HEAVY = {
    *("httpx", "sqlalchemy", "starlette", "dbos", "jsonschema", "uvicorn", "rich", "orjson"),
    *("yaml", "jinja2", "babel", "cattrs", "packaging", "asyncio", "ssl", "http", "sqlite3"),
}


def _imported_by(code):
    """What a new Python has imported after some code that it had not when it came up."""
    program = f"import sys; before = set(sys.modules); {code}; print(*set(sys.modules) - before)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_importing_it_costs_what_attrs_and_pluggy_cost():
    modules = _imported_by("import crossdock")
    packages = {each.partition(".")[0] for each in modules} - sys.stdlib_module_names
    assert packages == {"attr", "attrs", "crossdock", "pluggy"}
    assert {each for each in modules if each.startswith("crossdock.")} == {
        "crossdock.decisions", "crossdock.hookspecs", "crossdock.points",
    }  # fmt: skip
    assert not {each.partition(".")[0] for each in modules} & _HEAVY


def test_records_and_views_pull_in_nothing_that_reaches_the_outside():
    modules = _imported_by("import crossdock.records, crossdock.views")
    assert not {each.partition(".")[0] for each in modules} & {*_HEAVY, "click"}


def test_help_imports_no_command_and_nothing_that_a_command_works_with():
    modules = _imported_by(
        "from crossdock.cli import main; main(['--help'], standalone_mode=False)"
    )
    packages = {each.partition(".")[0] for each in modules} - sys.stdlib_module_names
    assert packages == {"attr", "attrs", "click", "crossdock", "pluggy"}
    assert {each for each in modules if each.startswith("crossdock.cli")} == {"crossdock.cli"}
    assert not {each.partition(".")[0] for each in modules} & _HEAVY


def test_every_extension_point_has_its_contract():
    points = {n: f for n, f in vars(hookspecs).items() if hasattr(f, "crossdock_spec")}
    assert len(points) == 17
    for function in points.values():
        assert function.__doc__
        assert function.__doc__.rstrip().endswith(".")


def test_the_manifest_schema_knows_every_extension_point():
    schema = json.loads(specification("plugin.schema.json").read_text())
    points = [n for n, f in vars(hookspecs).items() if hasattr(f, "crossdock_spec")]
    assert schema["properties"]["points"]["items"]["enum"] == points


@pytest.mark.parametrize("port", [CrmPort, ErpPort])
def test_every_method_of_a_port_names_its_scope(port):
    methods = {n for n, m in vars(port).items() if callable(m) and not n.startswith("_")}
    assert methods == set(scopes_of(port))
    for scope in scopes_of(port).values():
        assert scope.startswith(("crm.", "erp."))
        assert scope.endswith((":read", ":write"))


def test_every_command_is_listed_with_its_own_first_line():
    ctx = click.Context(main)
    for name, summary in COMMANDS.items():
        command = main.get_command(ctx, name)
        assert command is not None
        assert command.get_short_help_str(200).rstrip(".") == summary.rstrip(".").replace("  ", " ")
