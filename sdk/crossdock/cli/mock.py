"""`crossdock mock`: mock CRM and ERP systems on ports."""

from __future__ import annotations

import contextlib
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

if TYPE_CHECKING:
    from crossdock_mocks.datasets import DataSet
    from crossdock_mocks.engine import Address, App, World

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
@click.option(
    "--seed-rows",
    type=click.IntRange(0, 1_000),
    help="Records of each resource that a document's mock begins with.  [default: 5]",
)
@click.option(
    "--unknown",
    type=click.Choice(["fail", "501"]),
    default="fail",
    show_default=True,
    help="What becomes of a document's operations that are not understood.",
)
@click.option("--report", "report_only", is_flag=True, help="Say what is inferred of documents.")
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
@click.option(
    "--faults",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A plan of faults (TOML or JSON); its story is told at the end.",
)
@click.option(
    "--record",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all exchanges to this HAR file at the end.",
)
@click.option(
    "--persist",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Go on from this file if it is there, and save to it at the end; one for each mock.",
)
@click.option("--json", "as_json", is_flag=True, help="Say where they are as one line of JSON.")
def command(
    systems: Sequence[str],
    ports: Sequence[int],
    host: str,
    folder: Path | None,
    seed: int,
    scale: float,
    seed_rows: int | None,
    unknown: Literal["fail", "501"],
    report_only: bool,
    frozen: bool,
    proxy_port: int | None,
    hosts: Sequence[str],
    proxy_file: Path | None,
    faults: Path | None,
    record: Path | None,
    persist: Path | None,
    as_json: bool,
) -> None:
    """Serve mock systems that keep state; stop them with Ctrl-C.

    SYSTEM is one of the installed mocks, such as crm or erp, or the path of any OpenAPI document.
    Installed mocks that are started together stand on the same data set, so their accounts and
    customers belong together. What a document means is inferred; --report says how.

    \b
    Examples:
      crossdock mock crm erp --port 8601 --port 8602
      crossdock mock erp --data ./my-company --json
      crossdock mock ./their.openapi.yaml --unknown 501
      crossdock mock crm --proxy --as api.vendor.example=crm --proxy-env proxy.env
    """
    try:
        from crossdock_mocks.datasets import DataSetError
        from crossdock_mocks.engine import EngineError, serve
        from crossdock_mocks.engine.sitting import sitting
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
        if report_only:
            _report(systems, as_json)
            return
        data = None
        if folder is not None or not all(map(_is_document, systems)):
            data = load_data(folder, seed=seed, scale=scale)
        apps = [
            open_mock(name, data)
            if data is not None and not _is_document(name)
            else _open_document(Path(name), data, seed, seed_rows, unknown)
            for name in systems
        ]
        worlds = [world for _, world in apps]
        _start_clock(worlds, frozen=frozen)
        try:
            with contextlib.ExitStack() as doors:
                doors.enter_context(sitting(apps, faults, record, persist, _tell))
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
    from crossdock_mocks import installed
    from crossdock_mocks.engine import App

    try:
        app = App(installed.dialect(name))
    except installed.UnknownMockError as error:
        raise click.ClickException(str(error)) from error
    start = datetime.combine(data.as_of, _OFFICE_OPENS)
    with _working(f"filling {name} with {data.name}"):
        return app, app.open_world(data, now=start, name=name)


def _is_document(system: str) -> bool:
    """Whether a system is meant as a file: it has a suffix, or is there."""
    return bool(Path(system).suffix) or Path(system).is_file()


def _open_document(
    path: Path,
    data: DataSet | None,
    seed: int,
    rows: int | None,
    unknown: Literal["fail", "501"],
) -> tuple[App, World]:
    """Make a mock of any document; beside installed mocks its clock stands where theirs do."""
    from crossdock_mocks.engine.world import EPOCH
    from crossdock_mocks.inference import open_document

    with _working(f"reading {path.name}"):
        app = open_document(path, seed=seed, seed_rows=rows, unknown=unknown).app
        start = EPOCH if data is None else datetime.combine(data.as_of, _OFFICE_OPENS)
        return app, app.open_world(data, now=start)


def _report(systems: Sequence[str], as_json: bool) -> None:
    from crossdock_mocks.inference import as_text, infer, report

    if not all(map(_is_document, systems)):
        raise click.UsageError("--report is for documents: name the path of one")
    for system in systems:
        said = report(infer(Path(system)))
        click.echo(json.dumps(said) if as_json else as_text(said))


def _start_clock(worlds: Sequence[World], *, frozen: bool) -> None:
    """Put all mocks on one clock, and start it: they are of one company."""
    clock = worlds[0].clock
    if not frozen:
        clock.tick()
    for world in worlds:
        world.clock = clock
        world.seal()  # a reset goes back to this moment


def _tell(text: str) -> None:
    """Tell on standard error: standard output may be read by a program."""
    click.echo(text, err=True)


def _working(what: str) -> Any:
    """Show a spinner in a terminal, and nothing where a program reads."""
    if not sys.stderr.isatty():
        return contextlib.nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(what)


def _announce(
    addresses: Sequence[Address],
    data: DataSet | None,
    worlds: Sequence[World],
    as_json: bool,
    proxy: Mapping[str, str],
) -> None:
    if as_json:
        ready = {
            "event": "ready",
            "company": data.company if data else None,
            "data": data.name if data else None,
            "as_of": (data.as_of if data else worlds[0].today).isoformat(),
            "now": worlds[0].now.isoformat(),
            "story": dict(data.story) if data else {},
            "mocks": {each.mock: each.base_url for each in addresses},
            "proxy": dict(proxy),
        }
        click.echo(json.dumps(ready))
        return
    if data is not None:
        click.echo(f"{data.company} ({data.name}), as of {data.as_of:%d %B %Y}")
    width = max(len(each.mock) for each in addresses)
    reach = max(len(each.base_url) for each in addresses)
    for each in addresses:
        admin = f"{each.base_url}/_mock/"
        click.echo(f"  {each.mock:<{width}}  {each.base_url:<{reach}}  admin {admin}")
    if proxy:
        click.echo("Programs with hard-wired hosts reach them in this environment:")
        for name, value in proxy.items():
            click.echo(f"  export {name}={shlex.quote(value)}")
    click.echo("Ctrl-C stops them.")
