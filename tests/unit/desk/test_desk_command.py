"""`crossdock desk` on the command line: what goes wrong is a sentence and an exit code."""

import socket

from click.testing import CliRunner

from crossdock.cli import main


def run(*arguments):
    return CliRunner().invoke(main, ["desk", *map(str, arguments)])


def test_a_port_in_use_is_told_before_anything_else_is_opened(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = run("--port", port, "--config", tmp_path / "none.toml")
    assert result.exit_code == 1
    assert f"port {port} of 127.0.0.1 cannot be used" in result.output
    assert "choose another with --port" in result.output


def test_a_missing_configuration_is_told(tmp_path):
    result = run("--port", 0, "--config", tmp_path / "none.toml")
    assert result.exit_code == 1
    assert "there is no configuration at" in result.output
    assert "Traceback" not in result.output
