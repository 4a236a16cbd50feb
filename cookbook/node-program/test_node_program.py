import os
import shutil
import subprocess
from pathlib import Path

import pytest

from crossdock_mocks.engine import serve_in_thread

HERE = Path(__file__).parent


def test_the_program_s_own_tests_pass_against_a_mock(open_mock):
    node = shutil.which("node")
    if node is None:
        assert os.environ.get("CI") != "true", "node is missing: run `make system-deps`"
        pytest.skip("node is not installed")
    with serve_in_thread(open_mock("erp").served) as (erp,):
        ran = subprocess.run(
            [node, "--test", str(HERE / "place-order.test.mjs")],
            env={**os.environ, "ERP_URL": erp.base_url},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "pass 3" in ran.stdout
