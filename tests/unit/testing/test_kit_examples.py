"""The examples of the test kit, as they stand in its page and in its docstrings, are run here."""

import inspect
import re
import textwrap
from pathlib import Path

import pytest

from crossdock.testing import pytest_plugin

_PAGE = Path(__file__).parents[3] / "docs" / "testing.md"
_FIXTURES = {
    name: inspect.cleandoc(
        each.__wrapped__.__doc__ if hasattr(each, "__wrapped__") else each.__doc__
    )
    for name, each in vars(pytest_plugin).items()
    if type(each).__name__ == "FixtureFunctionDefinition" and not name.startswith("_")
}


def _blocks():
    text = _PAGE.read_text(encoding="utf-8")
    for found in re.finditer(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield _PAGE, text[: found.start(1)].count("\n"), found.group(1)
    for name, docstring in _FIXTURES.items():
        for found in re.finditer(r"(?:^ {4}.*\n|^\n)+", docstring + "\n", re.MULTILINE):
            code = textwrap.dedent(found.group(0))
            if "def test_" in code:
                yield Path(pytest_plugin.__file__), 0, code
                assert name in code


def _define() -> dict[str, object]:
    """Give the tests of all examples; each block has the names that it imports, and no others."""
    tests: dict[str, object] = {}
    for file, line, code in _blocks():
        own: dict[str, object] = {"pytest": pytest, "__name__": __name__}
        exec(compile("\n" * line + code, str(file), "exec"), own)
        for name, value in own.items():
            if name.startswith("test_"):
                assert name not in tests, f"two examples are called {name}"
                tests[name] = value
    return tests


globals().update(_define())


@pytest.mark.parametrize("name", sorted(_FIXTURES))
def test_each_fixture_has_an_example(name):
    assert re.search(rf"\b{name}\b", "".join(code for *_, code in _blocks())), name
    assert "def " in _FIXTURES[name], f"the fixture {name} shows no example"
