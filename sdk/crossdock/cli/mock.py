"""`crossdock mock`: mock CRM and ERP systems on ports."""

from __future__ import annotations

import contextlib
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from crossdock_mocks.datasets import DataSet
    from crossdock_mocks.engine import Address, App, World

_GROUP: Final = "crossdock.mocks"
_OFFICE_OPENS: Final = time(8, tzinfo=UTC)


@click.command("mock")
@click.argument("systems", nargs=-1, required=True, metavar="SYSTEM...")
@click.option(
    "--port",
    "ports",
    type=click.IntRange(0, 65535),
    multiple=True,
    help="One for each system, in order; 0 or none takes a free port.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path),
    help="Data set folder to start from; without it a company is generated.",
)
@click.option("--seed", default=1, show_default=True, help="Which company is generated.")
@click.option(
    "--scale",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.05, 100),
    help="How large it is.",
)
@click.option("--frozen", is_flag=True, help="Let the clock stand still at the data set's day.")
@click.option(
    "--proxy",
    "proxy_port",
    type=click.IntRange(0, 65535),
    is_flag=False,
    flag_value=0,
    metavar="[PORT]",
    help="Also a TLS proxy, for programs with hard-wired hosts; needs --as.",
)
@click.option(
    "--as",
    "hosts",
    multiple=True,
    metavar="HOST=MOCK",
    help="A host (or *.domain) that the proxy answers for; may be given again.",
)
@click.option(
    "--proxy-env",
    "proxy_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the proxy's environment to this file, to be sourced by a shell.",
)
@click.option("--json", "as_json", is_flag=True, help="Say where they are as one line of JSON.")
def command(
    systems: Sequence[str],
    ports: Sequence[int],
    host: str,
    folder: Path | None,
    seed: int,
    scale: float,
    frozen: bool,
    proxy_port: int | None,
    hosts: Sequence[str],
    proxy_file: Path | None,
    as_json: bool,
) -> None:
    """Serve mock systems that keep state; stop them with Ctrl-C.

    SYSTEM is one of the installed mocks, such as crm or erp. Mocks that are started together stand
    on the same data set, so their accounts and customers belong together.

    \b
    Examples:
      crossdock mock crm erp --port 8601 --port 8602
      crossdock mock erp --data ./my-company --json
      crossdock mock crm --proxy --as api.vendor.example=crm --proxy-env proxy.env
    """
    try:
        from crossdock_mocks.datasets import DataSetError
        from crossdock_mocks.engine import EngineError, serve
    except ImportError as missing:
        raise click.ClickException(
            f"the mock servers need packages that are not installed ({missing.name}); "
            'install them with: pip install "crossdock[mocks]"'
        ) from missing
    if len(ports) > len(systems):
        raise click.UsageError(f"{len(ports)} ports were given for {len(systems)} systems")
    if (proxy_port is None) == bool(hosts) or (proxy_file and proxy_port is None):
        raise click.UsageError(
            "--proxy goes with --as HOST=MOCK, which names the hosts that it answers for"
        )
    try:
        data = load_data(folder, seed=seed, scale=scale)
        apps = [open_mock(name, data) for name in systems]
        worlds = [world for _, world in apps]
        if not frozen:
            _start_clocks(worlds)
        try:
            with contextlib.ExitStack() as doors:
                if proxy_port is not None:
                    from crossdock_mocks.engine import proxy

                def ready(at: list[Address]) -> None:
                    variables: dict[str, str] = {}
                    if proxy_port is not None:
                        routes = proxy.read_routes(hosts, at)
                        door = proxy.proxy_in_thread(routes, host=host, port=proxy_port)
                        variables = doors.enter_context(door).environment
                        if proxy_file is not None:
                            proxy_file.write_text(proxy.shell(variables), encoding="utf-8")
                    _announce(at, data, worlds, as_json, variables)

                serve(apps, host=host, ports=ports, ready=ready)
        except OSError as error:
            raise click.ClickException(
                f"cannot listen on {host}: {error.strerror or error}; choose an address of this "
                "machine with --host, and ports that you may use with --port"
            ) from error
    except (EngineError, DataSetError) as error:
        raise click.ClickException(str(error)) from error


def load_data(folder: Path | None, *, seed: int, scale: float) -> DataSet:
    """Load a data set folder, or generate a company."""
    from crossdock_mocks.datasets import DataSet, generate

    if folder is None:
        return generate(seed=seed, scale=scale)
    with _working(f"loading {folder}"):
        return DataSet.load(folder)


def open_mock(name: str, data: DataSet) -> tuple[App, World]:
    """Open an installed mock on a data set; its clock stands at the start of the data set's day."""
    from crossdock_mocks.engine import App

    installed = {entry.name: entry for entry in entry_points(group=_GROUP)}
    if name not in installed:
        known = ", ".join(sorted(installed)) or "none"
        raise click.ClickException(f"there is no mock called {name!r}; installed are: {known}")
    app = App(installed[name].load()())
    start = datetime.combine(data.as_of, _OFFICE_OPENS)
    with _working(f"filling {name} with {data.name}"):
        return app, app.open_world(data, now=start, name=name)


def _start_clocks(worlds: Sequence[World]) -> None:
    """Start all clocks together, however long each world took to fill: they are of one company."""
    for world in worlds:
        world.clock.tick()
        world.seal()  # a reset goes back to this moment, ticking


def _working(what: str) -> Any:
    """Show a spinner in a terminal, and nothing where a program reads."""
    if not sys.stderr.isatty():
        return contextlib.nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(what)


def _announce(
    addresses: Sequence[Address],
    data: DataSet,
    worlds: Sequence[World],
    as_json: bool,
    proxy: Mapping[str, str],
) -> None:
    if as_json:
        ready = {
            "event": "ready",
            "company": data.company,
            "data": data.name,
            "as_of": data.as_of.isoformat(),
            "now": worlds[0].now.isoformat(),
            "story": dict(data.story),
            "mocks": {each.mock: each.base_url for each in addresses},
            "proxy": dict(proxy),
        }
        click.echo(json.dumps(ready))
        return
    click.echo(f"{data.company} ({data.name}), as of {data.as_of:%d %B %Y}")
    width = max(len(each.mock) for each in addresses)
    for each in addresses:
        click.echo(f"  {each.mock:<{width}}  {each.base_url}   admin {each.base_url}/_mock/")
    if proxy:
        click.echo("Programs with hard-wired hosts reach them in this environment:")
        for name, value in proxy.items():
            click.echo(f"  export {name}={shlex.quote(value)}")
    click.echo("Ctrl-C stops them.")
