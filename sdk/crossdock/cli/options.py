"""Options that many commands share, so that they are called and read alike."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

# A file that is not there is the command's to tell: it knows what to do about it.
host_config: Final = click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path),
    default=Path("crossdock.toml"),
    show_default=True,
    help="The host's configuration.",
)
json_answer: Final = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
