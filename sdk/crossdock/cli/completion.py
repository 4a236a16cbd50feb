"""`crossdock completion`: what a shell needs to complete commands, options and names."""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import get_completion_class

_SHELLS: Final = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script by which SHELL completes crossdock's commands.

    What a shell reads at its start is the place for it; the next one knows commands, options and
    what they take.

    \b
    Examples:
      eval "$(crossdock completion bash)"                  in ~/.bashrc (bash 4.4 or later)
      eval "$(crossdock completion zsh)"                   in ~/.zshrc
      crossdock completion fish | source                   in ~/.config/fish/config.fish
    """
    made = get_completion_class(shell)
    assert made is not None  # click has all three
    root = ctx.find_root()
    click.echo(made(root.command, {}, "crossdock", "_CROSSDOCK_COMPLETE").source())
