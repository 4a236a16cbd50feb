"""`crossdock links`: which ERP customers accounts have; propose, confirm, reject, undo."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossdock.cli import Commands
from crossdock.cli.options import host_config, json_answer

if TYPE_CHECKING:
    from crossdock.host.linking.proposing import Step
    from crossdock.host.store.links import Link
    from crossdock.host.store.proposals import Proposal

_user = click.option("--user", required=True, help="Who says so: id or login name in the CRM.")
_account = click.argument("account_id", metavar="ACCOUNT")
_customer = click.argument("customer", metavar="CUSTOMER")


@click.group("links", cls=Commands)
def command() -> None:
    """See which ERP customers accounts have; propose, confirm, reject and undo links.

    A customer is written as ERP:number, such as main:C-10001.
    """


@command.command("list")
@click.argument("account_id", metavar="[ACCOUNT]", required=False)
@host_config
@json_answer
def list_(account_id: str | None, config: Path, as_json: bool) -> None:
    """List the links of an account, or all that are kept.

    \b
    Examples:
      crossdock links list A-1001
      crossdock links list --json
    """
    from crossdock.host import Host

    with Host.open(config, role="crossdock links") as host:
        found = (
            host.linking.linked.links(host.crm.account(account_id))
            if account_id
            else host.store.links.of_crm(host.crm.system)
        )
    if as_json:
        click.echo(json.dumps([_plain(each) for each in found], indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo("There are no links.")
    for link in found:
        marks = ["new orders"] if link.default else []
        marks += [f"the {link.lost} is gone"] if link.lost else []
        about = f" {link.customer_name}" if link.customer_name else ""
        told = f"  [{', '.join(marks)}]" if marks else ""
        click.echo(f"{link.account_id}  {link.ref}{about}{told}: {link.evidence}")


@command.command()
@click.option(
    "--least", type=click.IntRange(1, 100), default=40, show_default=True,
    help="The lowest score, of 100, that is proposed.",
)  # fmt: skip
@host_config
@json_answer
def propose(least: int, config: Path, as_json: bool) -> None:
    """Look through all accounts and customers for what belongs together; link nothing.

    Links that lost a side are noticed on the way. A list that is read page by page shows how far
    it has come.

    \b
    Examples:
      crossdock links propose --least 60
    """
    from crossdock.host import Host

    with Host.open(config, role="crossdock links") as host, _progress(as_json) as tell:
        looked = host.linking.proposing.look(least=least, tell=tell)
        waiting = host.store.proposals.count(host.crm.system)
    if as_json:
        document = {
            "accounts": looked.accounts,
            "customers": looked.customers,
            "linked": looked.linked,
            "proposed": looked.proposed,
            "lost": looked.lost,
            "waiting": waiting,
        }
        click.echo(json.dumps(document))
        return
    click.echo(
        f"{looked.accounts:,} accounts and {looked.customers:,} customers; "
        f"{looked.linked:,} are linked, {looked.proposed:,} proposed."
    )
    if looked.lost:
        click.secho(f"{looked.lost:,} links lead to somebody who is gone.", fg="yellow")
    if waiting:
        click.echo(f"{waiting:,} wait for a person: crossdock links proposals, or the desk.")


@command.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@host_config
@json_answer
def proposals(limit: int, config: Path, as_json: bool) -> None:
    """List what waits to be confirmed, the surest first.

    \b
    Examples:
      crossdock links proposals --json
    """
    from crossdock.host import Host

    with Host.open(config, role="crossdock links") as host:
        found = host.store.proposals.list(host.crm.system, limit=limit)
    if as_json:
        click.echo(json.dumps([_asked(each) for each in found], indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo("Nothing waits to be confirmed.")
    for each in found:
        click.echo(
            f"{each.score:>3}  {each.account_id} {each.account_name}  is  {each.ref} "
            f"{each.customer_name}: {', '.join(text for text, _ in each.reasons)}"
        )


@command.command()
@_account
@_customer
@_user
@click.option("--default", is_flag=True, help="Let new orders go there from now on.")
@click.option("--comment", default="", help="Why, for the audit trail.")
@host_config
@json_answer
def confirm(
    account_id: str,
    customer: str,
    user: str,
    default: bool,
    comment: str,
    config: Path,
    as_json: bool,
) -> None:
    """Link a customer to an account.

    \b
    Examples:
      crossdock links confirm A-1001 main:C-10001 --user kim --default
    """
    from crossdock.host import Host

    with Host.open(config, role="crossdock links") as host:
        link = host.linking.link(
            account_id, customer, host.user(user), default=default, comment=comment
        )
    _say(
        f"{link.ref} is linked to {account_id}" + (", new orders go there" if link.default else ""),
        _plain(link) if as_json else None,
    )


@command.command()
@_account
@_customer
@_user
@click.option("--comment", default="", help="Why, for the audit trail.")
@host_config
@json_answer
def reject(
    account_id: str, customer: str, user: str, comment: str, config: Path, as_json: bool
) -> None:
    """Say that a customer is another company; it is not proposed again.

    \b
    Examples:
      crossdock links reject A-1001 main:C-10077 --user kim
    """
    from crossdock.host import Host

    with Host.open(config, role="crossdock links") as host:
        host.linking.reject(account_id, customer, host.user(user), comment=comment)
    done = {"account_id": account_id, "customer": customer, "state": "rejected"}
    _say(f"{customer} is not {account_id}", done if as_json else None)


@command.command()
@_account
@_customer
@_user
@click.option("--comment", required=True, help="Why, for the audit trail.")
@host_config
@json_answer
def unlink(
    account_id: str, customer: str, user: str, comment: str, config: Path, as_json: bool
) -> None:
    """Take a customer from an account.

    \b
    Examples:
      crossdock links unlink A-1001 main:C-10001 --user kim --comment "sold"
    """
    from crossdock.host import Host

    with Host.open(config, role="crossdock links") as host:
        host.linking.unlink(account_id, customer, host.user(user), comment=comment)
    done = {"account_id": account_id, "customer": customer, "state": "unlinked"}
    _say(f"{customer} is not linked to {account_id} any more", done if as_json else None)


@command.command()
@_account
@_customer
@_user
@host_config
@json_answer
def default(account_id: str, customer: str, user: str, config: Path, as_json: bool) -> None:
    """Let new orders of an account go to one of its customers.

    \b
    Examples:
      crossdock links default A-1001 main:C-10001 --user kim
    """
    from crossdock.host import Host

    with Host.open(config, role="crossdock links") as host:
        host.linking.set_default(account_id, customer, host.user(user))
    done = {"account_id": account_id, "customer": customer, "default": True}
    _say(f"new orders of {account_id} go to {customer}", done if as_json else None)


def _say(text: str, document: dict[str, Any] | None) -> None:
    """Say what was done: in a sentence, or as data where that is wanted."""
    if document is None:
        click.echo(text)
    else:
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _progress(as_json: bool) -> AbstractContextManager[Any]:
    """Show how far a long look has come, where a person waits in a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if as_json or not console.is_terminal:
        return nullcontext(lambda _step: None)
    return _Status(console)


class _Status:
    def __init__(self, console: Any) -> None:
        self._status = console.status("reading")

    def __enter__(self) -> Any:
        self._status.start()
        return self._tell

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def _tell(self, step: Step) -> None:
        self._status.update(f"{step.count:,} {step.what}")


def _plain(link: Link) -> dict[str, Any]:
    return {
        "account_id": link.account_id,
        "customer": link.ref,
        "name": link.customer_name,
        "currency": link.currency,
        "default": link.default,
        "lost": link.lost or None,
        "evidence": link.evidence,
    }


def _asked(proposal: Proposal) -> dict[str, Any]:
    return {
        "account_id": proposal.account_id,
        "account_name": proposal.account_name,
        "customer": proposal.ref,
        "customer_name": proposal.customer_name,
        "score": proposal.score,
        "reasons": [{"text": text, "points": points} for text, points in proposal.reasons],
    }
