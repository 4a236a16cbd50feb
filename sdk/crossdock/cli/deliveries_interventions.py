"""`crossdock deliveries retry`, `edit`, `assign`, `note` and `give-up`: what people do with one."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crossdock.cli.deliveries_answers import actor, answer, opened, plain
from crossdock.cli.options import host_config, json_answer


@click.command()
@click.argument("delivery_ids", metavar="DELIVERY...", nargs=-1, required=True)
@host_config
@json_answer
def retry(delivery_ids: tuple[str, ...], config: Path, as_json: bool) -> None:
    """Try dead deliveries again, waiting ones at once, or rehearsed ones for good.

    Steps that were done are not done again.

    \b
    Examples:
      crossdock deliveries retry D-17 D-18
    """
    with opened(config) as deliveries:
        retried = [deliveries.retry(delivery_id, actor=actor()) for delivery_id in delivery_ids]
    if as_json:
        click.echo(json.dumps([plain(each) for each in retried], indent=2, ensure_ascii=False))
        return
    for each in retried:
        click.echo(f"{each.id} is {each.state}: {each.event_type} of {each.subject}")


@click.command()
@click.argument("delivery_id", metavar="DELIVERY")
@host_config
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="FIELD=TEXT",
    help="Such as lines.0.quantity=3, lines.0.item_id=BRG-1002, trading_account=main:C-10001 or "
    "ship_to.city=Lyon; lines.2.remove=yes takes a line out. May be given again.",
)
@click.option("--because", "reason", help="Why; it is kept.")
@json_answer
def edit(
    delivery_id: str, config: Path, sets: tuple[str, ...], reason: str | None, as_json: bool
) -> None:
    """Change the order that a stuck delivery carries, and try it again.

    Without --set it shows the fields that can be changed. What the delivery carried before is
    kept. An order that is, or may be, in the ERP already is not changed here.

    \b
    Examples:
      crossdock deliveries edit D-17
      crossdock deliveries edit D-17 --set lines.0.quantity=3 --because "mistyped"
    """
    changes = {}
    for each in sets:
        name, equals, text = each.partition("=")
        if not equals:
            raise click.UsageError(f"--set {each!r} names no text; write FIELD=TEXT")
        changes[name.strip()] = text
    with opened(config) as deliveries:
        if not changes:
            fields = deliveries.editable(delivery_id)
            if as_json:
                click.echo(json.dumps(dict(fields), indent=2, ensure_ascii=False))
                return
            for name, text in fields.items():
                click.echo(f"{name}={text}")
            return
        if not reason:
            raise click.UsageError("say why with --because; it is kept beside the change")
        found = deliveries.edit(delivery_id, changes, actor=actor(), reason=reason)
    answer(found, as_json, f"{found.id} is {found.state} as revision {found.revision}")


@click.command()
@click.argument("delivery_id", metavar="DELIVERY")
@click.argument("assignee")
@host_config
@json_answer
def assign(delivery_id: str, assignee: str, config: Path, as_json: bool) -> None:
    """Say who is to look after a delivery: user:U-kim, role:accounting, or nobody.

    \b
    Examples:
      crossdock deliveries assign D-17 user:U-kim
    """
    with opened(config) as deliveries:
        whom = "" if assignee == "nobody" else assignee
        found = deliveries.assign(delivery_id, whom, actor=actor())
    answer(found, as_json, f"{found.id} is for {found.assignee or 'nobody'}")


@click.command()
@click.argument("delivery_id", metavar="DELIVERY")
@click.argument("text")
@host_config
@json_answer
def note(delivery_id: str, text: str, config: Path, as_json: bool) -> None:
    """Add a note for whoever looks at a delivery next.

    \b
    Examples:
      crossdock deliveries note D-17 "asked the customer"
    """
    with opened(config) as deliveries:
        found = deliveries.note(delivery_id, text, actor=actor())
    answer(found, as_json, f"{found.id}: noted")


@click.command("give-up")
@click.argument("delivery_id", metavar="DELIVERY")
@host_config
@click.option("--because", "reason", required=True, help="Why; it is kept.")
@json_answer
def give_up(delivery_id: str, config: Path, reason: str, as_json: bool) -> None:
    """Decide that a delivery is not to be done; what waited behind it goes on.

    \b
    Examples:
      crossdock deliveries give-up D-17 --because "ordered by telephone"
    """
    with opened(config) as deliveries:
        found = deliveries.give_up(delivery_id, actor=actor(), reason=reason)
    answer(found, as_json, f"{found.id} is given up")
