"""`crossdock serve`: the host over HTTP, for a CRM in any language."""

from __future__ import annotations

import contextlib
import json
import secrets
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from crossdock.cli.desk import listen
from crossdock.cli.options import host_config
from crossdock.errors import ConfigError

if TYPE_CHECKING:
    from crossdock.server.api import ApiSettings

_LOOPBACK: Final = "127.0.0.1"
_KEY_BYTES: Final = 32
_NEEDS_A_WORKER: Final = (
    "Deliveries need a worker beside it: crossdock worker --config {}; {} alive now."
)


@click.command("serve")
@host_config
@click.option("--host", default=_LOOPBACK, show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8610,
    show_default=True,
    help="Where to serve; 0 takes a free port.",
)
@click.option("--json", "as_json", is_flag=True, help="Say where it is as one line of JSON.")
@click.option("--new-key", metavar="NAME", help="Make a key for a program, print it once, and end.")
def command(config: Path, host: str, port: int, as_json: bool, new_key: str | None) -> None:
    """Serve the host over HTTP, for a CRM in any language; stop it with Ctrl-C.

    What it answers is described by /openapi.json. Callers need a key from [server.keys.NAME] or a
    token of [server.jwt]; anything but this machine should reach it through TLS only. With a table
    [embed] it answers embed links too, under /embed, which need no key.

    \b
    Example:
      crossdock serve --new-key crm
      crossdock serve --config crossdock.toml --port 8610
    """
    if new_key is not None:
        _make_key(new_key, as_json)
        return
    from crossdock.host.settings.config import HostConfig

    read = HostConfig.read(config)  # first, as what follows takes a second to be imported
    try:
        from crossdock.host import Host
        from crossdock.host.deliveries.liveness import workers_alive
        from crossdock.host.loading.following import following
        from crossdock.host.watching.observation import set_up_observation
        from crossdock.server.api import ApiSettings, create_api
        from crossdock.server.api.serving import server_for
        from crossdock.server.embed import EmbedSettings, beside, embed_app
    except ImportError as missing:
        raise click.ClickException(
            f"the side-car needs packages that are not installed ({missing.name}); "
            'install them with: pip install "crossdock[host]"'
        ) from missing
    set_up_observation(read)
    base = read.source.parent if read.source else Path.cwd()
    settings = ApiSettings.of(read.server, base=base, host=host)
    _check_that_somebody_may_call(settings, config)
    with listen(port, host) as listener:
        port = listener.getsockname()[1]
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        with Host.open(read, role="serve") as opened:
            for aside in opened.quarantined:
                click.echo(f"The plugin {aside.id} is not loaded: {aside.reason}", err=True)
            embedding = EmbedSettings.of(read)
            api = create_api(opened, settings, embed=embedding, identity="serve")
            if embedding is not None:
                known = (*settings.hosts, *filter(None, [embedding.host]))
                api = beside(api, embed_app(opened, embedding), hosts=known)
            opened.deliveries.warm_up()
            workers = workers_alive(opened.store)
            note = _NEEDS_A_WORKER.format(config, workers)
            if as_json:
                told = {"url": url, "document": f"{url}/openapi.json", "workers": workers}
                click.echo(json.dumps({**told, "note": note}))
            else:
                click.echo(f"The side-car is at {url} (stop it with Ctrl-C)\n{note}")
            sys.stdout.flush()
            # uvicorn ends in order on SIGTERM and then raises the signal once more, for its caller.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            with (
                following(opened),
                contextlib.suppress(KeyboardInterrupt),  # what was under way is answered by then
            ):
                server_for(api, settings).run(sockets=[listener])


def _check_that_somebody_may_call(settings: ApiSettings, config: Path) -> None:
    if not (settings.keys or settings.tokens or settings.senders):
        raise ConfigError(
            f"{config} lets nobody call the side-car: it has no [server.keys.NAME], no "
            "[server.jwt] and no [server.senders.NAME]; "
            "`crossdock serve --new-key crm` makes a key and prints its table"
        )


def _make_key(name: str, as_json: bool) -> None:
    from crossdock.server.api.callers import KEY_PREFIX
    from crossdock.server.api.settings import digest_of

    key = KEY_PREFIX + secrets.token_urlsafe(_KEY_BYTES)
    if as_json:
        click.echo(json.dumps({"name": name, "key": key, "sha256": digest_of(key)}))
        return
    click.echo(
        f"The key, shown this once; give it to the program that calls:\n\n  {key}\n\n"
        "For crossdock.toml, which keeps its hash only:\n\n"
        f"[server.keys.{name}]\n"
        f'sha256 = "{digest_of(key)}"\n'
        'scopes = ["tabs:read", "guards:ask", "quotes:read", "quotes:write", "quotes:promote", '
        '"deliveries:read"]\n'
        'users = ["*"]'
    )
