"""Shells complete commands and what they take."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossdock.cli import COMMANDS, main


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_given_its_script(shell):
    script = CliRunner().invoke(main, ["completion", shell], prog_name="crossdock").stdout
    assert f"_CROSSDOCK_COMPLETE={shell}_complete" in script
    assert "crossdock" in script


def _completed(*words: str) -> set[str]:
    environment = {
        **os.environ,
        "_CROSSDOCK_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["crossdock", *words]),
        "COMP_CWORD": str(len(words)),
    }
    done = subprocess.run(
        [str(Path(sys.executable).with_name("crossdock"))],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return {line.partition(",")[2] for line in done.stdout.splitlines()}


def test_what_was_begun_is_completed():
    assert _completed("de") == {each for each in COMMANDS if each.startswith("de")}
    assert {"guard", "tab", "connector"} <= _completed("new", "--kind", "")
