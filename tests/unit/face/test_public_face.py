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


@pytest.mark.parametrize(
    "heavy", ["httpx", "sqlalchemy", "starlette", "dbos", "jsonschema", "click"]
)
def test_importing_it_pulls_in_nothing_heavy(heavy):
    imports = "import sys, crossdock, crossdock.records, crossdock.views"
    code = f"{imports}; print({heavy!r} in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"


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
