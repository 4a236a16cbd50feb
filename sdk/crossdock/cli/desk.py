"""`crossdock desk`: the reference CRM in the browser."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import sys
import webbrowser
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from crossdock.cli.options import host_config
from crossdock.errors import ConfigError

if TYPE_CHECKING:
    from crossdock.server.desk import DeskSettings

_SECRET_LENGTH: Final = 16
_LISTEN_ON: Final = "127.0.0.1"  # there is no password, so nobody else on the network may come in


@click.command("desk")
@host_config
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8600,
    show_default=True,
    help="Where to serve; 0 takes a free port.",
)
@click.option("--open", "open_browser", is_flag=True, help="Open it in the browser.")
@click.option("--json", "as_json", is_flag=True, help="Say where it is as one line of JSON.")
def command(config: Path, port: int, open_browser: bool, as_json: bool) -> None:
    """Serve the reference CRM in the browser; stop it with Ctrl-C.

    It listens on this machine only. Whoever opens it chooses a user, without a password. With a
    table [embed] in the configuration it serves embed links too.

    \b
    Example:
      crossdock desk --config crossdock.toml --port 8600 --open
    """
    with listen(port) as listener:
        from crossdock.host.settings.config import HostConfig

        read = HostConfig.read(config)  # first, as what follows takes a second to be imported
        try:
            import uvicorn

            from crossdock.host import Host
            from crossdock.host.loading.following import following
            from crossdock.host.watching.observation import set_up_observation
            from crossdock.server.desk import create_desk
            from crossdock.server.desk.back_office import BackOffice
            from crossdock.server.embed import EmbedSettings, beside, embed_app
        except ImportError as missing:
            raise click.ClickException(
                f"the desk needs packages that are not installed ({missing.name}); "
                'install them with: pip install "crossdock[host]"'
            ) from missing
        set_up_observation(read)
        port = listener.getsockname()[1]
        address = f"http://{_LISTEN_ON}:{port}/"
        with Host.open(read, role="desk") as host:
            for aside in host.quarantined:
                click.echo(f"The plugin {aside.id} is not loaded: {aside.reason}", err=True)
            settings = _settings(host.config.desk, port)
            desk = create_desk(host, settings, back_office=BackOffice(host.config.erps))
            if (embedding := EmbedSettings.of(host.config)) is not None:
                known = (*settings.hosts, *filter(None, [embedding.host]))
                desk = beside(desk, embed_app(host, embedding), hosts=known)
            if as_json:
                click.echo(json.dumps({"url": address}))
            else:
                click.echo(f"The desk is at {address} (stop it with Ctrl-C)")
            sys.stdout.flush()
            if open_browser:
                webbrowser.open(address)
            # uvicorn ends in order on SIGTERM and then raises the signal once more, for its caller.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            server = uvicorn.Server(
                uvicorn.Config(desk, log_config=None, access_log=False, lifespan="on")
            )
            with (
                following(host),
                contextlib.suppress(KeyboardInterrupt),  # what was under way is answered by then
            ):
                server.run(sockets=[listener])


def _settings(configured: Mapping[str, Any], port: int) -> DeskSettings:
    """Read `[desk]`; two desks on one machine need two cookies, as browsers ignore the port."""
    from crossdock.secret import revealed
    from crossdock.server.desk import DeskSettings

    given = dict(configured)
    if "secret" in given:
        given["secret"] = revealed(given["secret"])
        if len(given["secret"]) < _SECRET_LENGTH:  # it may come from a file, which no schema saw
            raise ConfigError(f"desk.secret: write {_SECRET_LENGTH} characters or more")
    return DeskSettings(cookie=f"crossdock_desk_{port}", **given)


def listen(port: int, host: str = _LISTEN_ON) -> socket.socket:
    """Take a port before anything else is opened, so that a taken one is said at once.

    Args:
        port: 0 for a free one.
        host: the address to listen on.

    Raises:
        click.ClickException: somebody else has it, or it is not allowed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # So that it can be started again at once; on Windows it would let two have one port.
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as taken:
        listener.close()
        raise click.ClickException(
            f"port {port} of {host} cannot be used ({taken.strerror or taken}); "
            "stop what uses it, or choose another with --port"
        ) from taken
    return listener
