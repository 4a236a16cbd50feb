"""`crossdock view`: a tab of an account in the terminal."""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossdock.cli.options import host_config
from crossdock.errors import ConfigError, NotFound

if TYPE_CHECKING:
    from crossdock.host import Host
    from crossdock.records import Account, User

_SHOWN_ACCOUNTS = 5
_WIDTH_OF_A_PIPE = 180


@click.command("view")
@click.argument("tab", metavar="PLUGIN/TAB")
@click.option("--account", "account_id", required=True, help="The CRM's id of the account.")
@click.option("--user", "user_id", help="On whose behalf; the account's owner where not given.")
@click.option(
    "--param",
    "pairs",
    metavar="NAME=VALUE",
    multiple=True,
    help="A parameter of the tab; may be given again.",
)
@host_config
@click.option("--locale", default="en_GB", show_default=True, help="How figures are written.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON (specs/view.schema.json).")
@click.option("-v", "--verbose", is_flag=True, help="Tell what is logged, tracebacks included.")
def command(
    tab: str,
    account_id: str,
    user_id: str | None,
    pairs: tuple[str, ...],
    config: Path,
    locale: str,
    as_json: bool,
    verbose: bool,
) -> None:
    """Show a tab of an account in the terminal.

    Exits with 1 when the tab could not be shown; what could be read is printed all the same.

    \b
    Examples:
      crossdock view erp-tabs/sales --account A-1001
      crossdock view erp-tabs/aging --account A-1001 --param as_of=2026-06-30 --param basis=posted
      crossdock view erp-tabs/orders --account A-1001 --json
    """
    from crossdock.host import Host
    from crossdock.render.characters import one_line
    from crossdock.render.formats import Formats
    from crossdock.render.json import view_document
    from crossdock.render.text import render_text

    params = _params(pairs)
    _log(verbose=verbose)
    try:
        formats = Formats(locale)
    except ValueError as unknown:
        raise click.BadParameter(str(unknown), param_hint="--locale") from None
    with Host.open(config) as host:
        account = _account(host, account_id)
        user = _user(host, account, user_id)
        rendered = host.render_tab(tab, account.id, user=user, params=params)
    if as_json:
        click.echo(json.dumps(view_document(rendered.view), indent=2, ensure_ascii=False))
    else:
        columns = shutil.get_terminal_size((_WIDTH_OF_A_PIPE, 24)).columns
        color = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        head = f"{rendered.tab.title} of {account.name} ({account.id}), as {user.name} sees it"
        click.secho(one_line(head), bold=color)
        click.echo()
        click.echo(render_text(rendered.view, formats=formats, width=columns, color=color))
    if rendered.fault is not None:
        sys.exit(1)


def _log(*, verbose: bool) -> None:
    """Tell what is logged, or keep it: the view itself says what went wrong."""
    if verbose:
        logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr)
    else:
        logging.getLogger("crossdock").addHandler(logging.NullHandler())


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


def _account(host: Host, account_id: str) -> Account:
    try:
        return host.crm.account(account_id)
    except NotFound:
        page = host.crm.accounts(limit=_SHOWN_ACCOUNTS)
        known = ", ".join(f"{account.id} ({account.name})" for account in page.items)
        more = ", ..." if page.next else ""
        raise ConfigError(
            f"the CRM has no account {account_id!r}; it has "
            + (f"{known}{more}" if known else "no accounts at all")
        ) from None


def _user(host: Host, account: Account, user_id: str | None) -> User:
    wanted = user_id or account.owner_id
    if wanted is not None:
        try:
            return host.user(wanted)
        except NotFound:
            problem = f"the CRM has no user {wanted!r}"
    else:
        problem = f"{account.name} has no owner"
    known = ", ".join(f"{user.id} ({user.name})" for user in host.crm.users() if user.active)
    raise ConfigError(f"{problem}; name one with --user: {known}")
