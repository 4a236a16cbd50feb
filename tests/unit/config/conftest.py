"""A crossdock.toml in a temporary folder, read with an environment of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crossdock.host.settings.config import HostConfig

TEXT = """
[crm]
system = "crm"
url = "http://127.0.0.1:8601"
client_id = "crossdock"
client_secret = "crm-s3cret"

[erp.main]
system = "erp"
url = "http://127.0.0.1:8602"
api_key = "erp-s3cret"

[erp.north-west]
system = "erp"
url = "http://127.0.0.1:8603"
api_key = "north-s3cret"

[plugins]
enabled = ["erp-tabs"]

[plugins.config.erp-tabs]
top = 3
"""


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    file = tmp_path / "crossdock.toml"
    file.write_text(TEXT, encoding="utf-8")
    return file


@pytest.fixture
def read(config_file: Path) -> Callable[..., HostConfig]:
    """Read the file, with replacements in its text, and variables of the environment."""

    def read_(*replacements: tuple[str, str], more: str = "", **environ: str) -> HostConfig:
        text = config_file.read_text(encoding="utf-8")
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        config_file.write_text(text + more, encoding="utf-8")
        return HostConfig.read(config_file, environ=environ)

    return read_
