"""The `crossdock` command: one module for each sub-command, imported only when it is used."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import click

from crossdock.errors import CrossdockError

# The list is here and not gathered from the modules, so that --help imports none of them.
COMMANDS: Final = {
    "approvals": "See which quotes wait for somebody's agreement; approve or decline.",
    "audit": "Read the audit trail, and check that nobody changed it.",
    "certify": "Try a plugin on mock systems that are slow, fail and disagree; give its level.",
    "check": "Read a plugin and say what is wrong with it, rule by rule, and the way out.",
    "completion": "Print the script by which SHELL completes crossdock's commands.",
    "coverage": "Show each operation of the mocks, how sure it is, and which tests prove it.",
    "data": "Generate, import, check and describe data set folders.",
    "deliveries": "See what became of events; put right what is in the exceptions queue.",
    "demo": "Play one quote to cash on mock systems, then stay up to be looked at.",
    "desk": "Serve the reference CRM in the browser; stop it with Ctrl-C.",
    "dev": "Run plugins under development on mock systems; each save takes effect at once.",
    "doctor": "Say what is wrong with a set-up, whose fault it is, and what to do about it.",
    "embed": "Sign links that show a tab inside another system's page.",
    "links": "See which ERP customers accounts have; propose, confirm, reject and undo links.",
    "mock": "Serve mock systems that keep state; stop them with Ctrl-C.",
    "new": "Begin a plugin, a connector or a mock in a new FOLDER, with its tests.",
    "placements": "See orders on their way into an ERP; say what became of one in doubt.",
    "plugins": "List plugins, explain who is asked at an extension point, and check one.",
    "provision": "Say what CRM and ERPs lack, such as custom properties; make it with --apply.",
    "salesforce": "Write what a Salesforce organization is given: its fields, an external service.",
    "serve": "Serve the host over HTTP, for a CRM in any language; stop it with Ctrl-C.",
    "sync": "Bring accounts of the CRM and customers of an ERP together; see what became of them.",
    "view": "Show a tab of an account in the terminal.",
    "worker": "Deliver events to plugins until told to stop.",
}


_WHOLE: Final = 1000  # click cuts what a command does at 45 characters unless it is told otherwise


class Commands(click.Group):
    """Commands of which `--help` tells in a whole sentence what each does."""

    def told(self, ctx: click.Context) -> Mapping[str, str]:
        """Say what each command does, by its name."""
        commands = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        return {
            name: command.get_short_help_str(_WHOLE).rstrip(".") + "."
            for name, command in commands.items()
            if command is not None and not command.hidden
        }

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each does."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(self.told(ctx).items()))


class LazyCommands(Commands):
    """Commands that are imported when they are asked for, so that `--help` imports none.

    The module of a command is found by its name, and its `command` is the command.

    Attributes:
        commands_told: the first line of each command's help, by name.
        modules: what stands before a command's name to make its module's.
    """

    commands_told: ClassVar[Mapping[str, str]]
    modules: ClassVar[str]

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name them."""
        return sorted(self.commands_told)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Import one; `None` for a name that is none."""
        if cmd_name not in self.commands_told:
            return None
        command: click.Command = importlib.import_module(f"{self.modules}{cmd_name}").command
        return command

    def told(self, ctx: click.Context) -> Mapping[str, str]:  # noqa: ARG002 - click's signature
        """Say what each does, without importing any."""
        return self.commands_told


class _Commands(LazyCommands):
    """Turns errors of all commands into sentences."""

    commands_told = COMMANDS
    modules = "crossdock.cli."

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one, whose name stands in the sentence should that not be possible."""
        ctx.invoked_subcommand = cmd_name
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CrossdockError as error:
            raise click.ClickException(str(error)) from error
        except ModuleNotFoundError as missing:
            package = (missing.name or "").partition(".")[0]
            if package in {"", "crossdock", "crossdock_mocks", "crossdock_plugins"}:
                raise
            raise click.ClickException(
                f"`crossdock {ctx.invoked_subcommand}` needs {package}, which is not installed; "
                'install all that it may need with: pip install "crossdock[all]"'
            ) from missing
        except BrokenPipeError:
            # The reader went away (`crossdock ... | head`): nothing is wrong, and nothing is left
            # to say. Python would complain once more while it flushes.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 success; 1 it could not be done (the message says why); 2 wrong usage.",
)
@click.version_option(package_name="crossdock")
def main() -> None:
    """Put ERP data and straight-through ordering into any CRM, and test it on a laptop.

    \b
    Start here:
      crossdock demo                                   one quote to cash, then a desk to look at
      crossdock view erp-tabs/aging --account A-1001   a tab, while the demo is up
      crossdock new my-plugin                          a plugin of your own, with its tests
    """
