"""`crossdock salesforce`: what a Salesforce organization is given, as files for its people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from crossdock.cli import Commands

_CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("crossdock.toml"),
    show_default=True,
    help="The host's configuration, where there is one: its names of fields count.",
)


@click.group("salesforce", cls=Commands)
def command() -> None:
    """Write what a Salesforce organization is given: its fields, an external service.

    Files are all that comes of it: they are deployed or registered by the organization's own
    administrators, with Salesforce's own tools.
    """


@command.command("fields")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@_CONFIG
def fields(folder: Path, config: Path) -> None:
    """Write the custom fields into FOLDER, as a project that Salesforce's tools deploy.

    Besides each field there is a permission set, for the user that the connector works as, and a
    manifest. Files of another content are written anew; nothing else in the folder is touched.

    \b
    Examples:
      crossdock salesforce fields salesforce-fields
      cd salesforce-fields && sf project deploy start --manifest manifest/package.xml
      sf org assign permset --name Crossdock
    """
    from crossdock.connectors.salesforce.deployment import project

    numbers, names = _configured(config)
    files = project(numbers, names) if numbers else project(own_names=names)
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    count = sum(path.endswith(".field-meta.xml") for path in files)
    click.echo(f"{count} fields, a permission set and a manifest are in {folder}.")


@command.command("external-service")
@click.option("--url", required=True, help="Where the side-car is reached from Salesforce.")
@click.option(
    "--operation",
    "operations",
    multiple=True,
    help="An operation of the side-car, by its id; guards, promotion and links unless given.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file, .json or .yaml; standard output unless given.",
)
def external_service(url: str, operations: Sequence[str], output: Path | None) -> None:
    """Write the OpenAPI document of the side-car that External Services can register.

    \b
    Examples:
      crossdock salesforce external-service --url https://crossdock.acme.example
      crossdock salesforce external-service --url https://crossdock.acme.example \\
          --operation askBeforeQuoteSave --output crossdock.json
    """
    from crossdock.connectors.salesforce.external_service import OPERATIONS, document

    if not url.startswith("https://"):
        raise click.BadParameter("Salesforce calls addresses that begin with https://")
    text = _written(document(url, operations or OPERATIONS), output)
    if output is None:
        click.echo(text, nl=False)
        return
    output.write_text(text, encoding="utf-8")
    click.echo(f"{output} is written; register it under Setup, External Services.")


def _written(content: Mapping[str, Any], output: Path | None) -> str:
    if output is not None and output.suffix in (".yaml", ".yml"):
        import yaml

        text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
        return text
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _configured(config: Path) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Give the fields with customer numbers and the organization's own names, where configured."""
    from crossdock.errors import ConfigError
    from crossdock.host.settings.config import HostConfig

    if not config.exists():
        return (), {}
    crm = HostConfig.read(config).crm
    if crm.connector != "salesforce":
        raise ConfigError(f"the CRM of {config} is {crm.connector}, not salesforce")
    numbers: Mapping[str, str] = crm.settings.get("customer_numbers") or {}
    names: Mapping[str, str] = crm.settings.get("fields") or {}
    return tuple(numbers.values()), names
