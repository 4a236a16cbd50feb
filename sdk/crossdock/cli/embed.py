"""`crossdock embed`: signed links that show a tab inside another system's page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import click

from crossdock.cli import Commands
from crossdock.cli.options import host_config
from crossdock.errors import ConfigError


@click.group("embed", cls=Commands)
def command() -> None:
    """Sign links that show a tab inside another system's page."""


@command.command("link")
@click.argument("tab", metavar="PLUGIN/TAB")
@click.argument("record", metavar="RECORD")
@click.option("--user", "user_id", required=True, help="Whose rights decide what is shown.")
@click.option(
    "--origin",
    required=True,
    metavar="https://crm.example",
    help="The page that holds the frame; one of [embed] origins.",
)
@click.option(
    "--param",
    "pairs",
    metavar="NAME=VALUE",
    multiple=True,
    help="A parameter of the tab; may be given again.",
)
@click.option("--contact", is_flag=True, help="RECORD is a contact and not an account.")
@click.option(
    "--lifetime",
    type=click.IntRange(1),
    metavar="SECONDS",
    help="How long it can be opened; [embed] lifetime_seconds where not given.",
)
@host_config
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, with the time it expires.")
def link(
    tab: str,
    record: str,
    user_id: str,
    origin: str,
    pairs: tuple[str, ...],
    contact: bool,
    lifetime: int | None,
    config: Path,
    as_json: bool,
) -> None:
    """Sign a link for an iframe and print it.

    Whoever has the link sees what the user may see, until it expires. It is not looked up whether
    the record, the tab and the user are there: the page tells.

    \b
    Example:
      crossdock embed link erp-tabs/aging A-1001 --user U-kim --origin https://crm.example
    """
    from crossdock.host.settings.config import HostConfig
    from crossdock.server.embed import EmbedSettings, sign

    read = HostConfig.read(config)
    settings = EmbedSettings.of(read)
    if settings is None:
        raise ConfigError(
            f"{config} has no table [embed]; it needs keys and origins, as docs/settings.md says"
        )
    subject: Literal["account", "contact"] = "contact" if contact else "account"
    signed = sign(
        settings,
        tab=tab,
        record=record,
        user=user_id,
        origin=origin,
        params=_params(pairs),
        subject=subject,
        lifetime_seconds=lifetime,
    )
    if as_json:
        click.echo(json.dumps({"url": signed.url, "expires": signed.expires.isoformat()}))
    else:
        click.echo(signed.url)


def _params(pairs: Iterable[str]) -> dict[str, str]:
    params: dict[str, str] = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not name:
            raise click.BadParameter(
                f"{pair!r} is not NAME=VALUE, such as as_of=2026-06-30", param_hint="--param"
            )
        params[name] = value
    return params
