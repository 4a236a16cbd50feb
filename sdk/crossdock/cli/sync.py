"""`crossdock sync`: accounts of the CRM and customers of an ERP, brought and kept together."""

from __future__ import annotations

from typing import Final

import click

from crossdock.cli import LazyCommands

# As in the main command: --help imports none of them. The module of each is `sync_<name>`.
COMMANDS: Final = {
    "compare": "Say what two policies would do differently, record by record.",
    "conflicts": "List what CRM and ERP say differently and the policy leaves to a person.",
    "creations": "List new records of which nobody knows whether they were made.",
    "decide": "Decide conflict NUMBER; a worker carries it out.",
    "found": "Say what you found of a new record made of RECORD; a worker goes on with it.",
    "load": "Bring all accounts and all customers together; stopped, it goes on where it was.",
    "record": "Add to FILE what changed in both systems, to try policies on it.",
    "rehearse": "Say what a policy would do, and write nothing.",
    "review": "List what may be there already and waits for a person's word.",
    "status": "Say how far the last load is, and what it came to.",
}


class _SyncCommands(LazyCommands):
    commands_told = COMMANDS
    modules = "crossdock.cli.sync_"


@click.group("sync", cls=_SyncCommands)
def command() -> None:
    """Bring accounts of the CRM and customers of an ERP together; see what became of them.

    \b
    Begin with what would happen, then let it:
      crossdock sync rehearse --html rehearsal.html
      crossdock sync load
      crossdock sync review
    """
