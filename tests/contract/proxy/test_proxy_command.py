"""`crossdock mock ... --proxy`: the environment it prints is all that a program needs."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

MOCK = [sys.executable, "-m", "crossdock", "mock", "crm", "--scale", "0.05", "--frozen"]
SHOW = ". '{}'; curl -sS -o /dev/null -w '%{{http_code}}' https://eu.vendor.example/accounts"


def test_the_command_writes_an_environment_that_leads_a_program_to_the_mock(require_tool, tmp_path):
    require_tool("curl")
    file = tmp_path / "proxy.env"
    options = ["--proxy", "--as", "*.vendor.example=crm", "--proxy-env", str(file), "--json"]
    with subprocess.Popen([*MOCK, *options], stdout=subprocess.PIPE, text=True) as mock:
        assert mock.stdout is not None
        try:
            ready = json.loads(mock.stdout.readline())
            written = dict(line.split("=", 1) for line in file.read_text().splitlines())
            assert {f"export {name}" for name in ready["proxy"]} == written.keys()
            asked = ["sh", "-c", SHOW.format(file)]
            done = subprocess.run(asked, capture_output=True, text=True, timeout=60)
            assert done.stdout == "401", done.stderr
        finally:
            mock.send_signal(signal.SIGINT)
        assert mock.wait(timeout=30) == 0


@pytest.mark.parametrize(
    ("options", "said", "code"),
    [
        (["--proxy"], "--proxy goes with --as HOST=MOCK", 2),
        (["--as", "a.example=crm"], "--proxy goes with --as HOST=MOCK", 2),
        (["--proxy", "--as", "a.example=erp"], "should be HOST=MOCK with one of the mocks crm", 1),
    ],
)
def test_a_proxy_that_cannot_be_is_told_in_a_sentence(options, said, code):
    done = subprocess.run([*MOCK, *options], capture_output=True, text=True, timeout=60)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
