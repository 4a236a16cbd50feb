"""`crossdock embed link`."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock.server.embed import EmbedSettings
from crossdock.server.embed.links import read

CONFIG = """
[crm]
system = "crm"
url = "http://127.0.0.1:1"
client_id = "x"
client_secret = "y"
[erp.main]
system = "erp"
url = "http://127.0.0.1:1"
api_key = "z"
"""
EMBED = """
[embed]
origins = ["https://crm.example"]
url = "https://x.example/embed"
[embed.keys]
"2026-10" = { env = "OLD_KEY" }
"2026-11" = { env = "NEW_KEY" }
"""
OLD, NEW = "o" * 32, "n" * 32


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("OLD_KEY", OLD)
    monkeypatch.setenv("NEW_KEY", NEW)

    def call(*more, config=CONFIG + EMBED):
        file = tmp_path / "crossdock.toml"
        file.write_text(config, encoding="utf-8")
        command = ["embed", "link", "erp-tabs/aging", "A-1001", "--user", "U-kim"]
        return CliRunner().invoke(main, [*command, "--config", str(file), *more])

    return call


def test_a_link_is_printed_that_the_newest_key_signed(run):
    done = run("--origin", "https://crm.example", "--param", "as_of=2026-10-31")

    assert done.exit_code == 0, done.output
    settings = EmbedSettings(keys=(NEW,), origins=("https://crm.example",))
    url = done.output.strip()
    assert url.startswith("https://x.example/embed/t/")
    now = datetime.now(tz=UTC).timestamp()
    embedding = read(settings, url.rpartition("/")[2], now=now)
    assert (embedding.user, embedding.params) == ("U-kim", {"as_of": "2026-10-31"})
    assert 0 < embedding.expires - now <= 900


def test_a_program_is_told_when_the_link_expires(run):
    done = run("--origin", "https://crm.example", "--lifetime", "60", "--contact", "--json")

    told = json.loads(done.output)
    left = datetime.fromisoformat(told["expires"]) - datetime.now(tz=UTC)
    assert 0 < left.total_seconds() <= 61


@pytest.mark.parametrize(
    ("more", "config", "says"),
    [
        (["--origin", "https://evil.example"], CONFIG + EMBED, "may hold no tab in a frame"),
        (["--origin", "https://crm.example", "--lifetime", "901"], CONFIG + EMBED, "from 1 to 900"),
        (["--origin", "https://crm.example"], CONFIG, "has no table [embed]"),
        (["--origin", "https://crm.example"], CONFIG + EMBED.replace("NEW_", "NO_"), "NO_KEY"),
    ],
)
def test_what_cannot_be_signed_is_told(run, more, config, says):
    done = run(*more, config=config)

    assert done.exit_code == 1
    assert says in done.output
    assert NEW not in done.output


def test_a_parameter_is_a_pair(run):
    done = run("--origin", "https://crm.example", "--param", "as_of")

    assert done.exit_code == 2
    assert "is not NAME=VALUE" in done.output
