"""`crossdock demo`: everything at once, and one quote played to cash."""

from __future__ import annotations

import contextlib
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from crossdock.errors import ConfigError, CrossdockError

_DESK_PORT: Final = 8600
_STOPPING: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
_INTERRUPTED: Final = 130  # what a shell says of a program that Ctrl-C ended


class Installed(click.ParamType[str]):
    """A system that is installed as a connector, and as a mock unless it is live."""

    name = "name"

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def choices(self) -> list[str]:
        """Name them."""
        from importlib.metadata import entry_points

        from crossdock.demo import crms, erps

        told = crms.CRMS if self._kind == "crms" else erps.ERPS
        live = {} if self._kind == "crms" else erps.LIVE
        groups = ("crossdock.mocks", "crossdock.connectors")
        installed = [{entry.name for entry in entry_points(group=group)} for group in groups]
        return sorted(set(told).intersection(*installed) | (set(live) & installed[1]))

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check a name."""
        known = self.choices()
        if value not in known:
            self.fail(f"{value!r} is not installed; there are: {', '.join(known)}", param, ctx)
        return value

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - the signature is click's
        param: click.Parameter,  # noqa: ARG002 - the same
        incomplete: str,
    ) -> list[CompletionItem]:
        """Offer the names that begin so."""
        return [CompletionItem(name) for name in self.choices() if name.startswith(incomplete)]


@click.command("demo")
@click.option("--once", is_flag=True, help="Play the quote to cash and end.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Play on your own data: a data set folder, as `crossdock data import` makes it.",
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
    "--crm",
    type=Installed("crms"),
    default="crm",
    show_default=True,
    help="Which CRM it is played on: crm is our reference CRM; hubspot, ... are mocks of vendors'.",
)
@click.option(
    "--erp",
    type=Installed("erps"),
    default="erp",
    show_default=True,
    help="Which ERP it is played on: erp is our reference ERP; quickbooks, ... are mocks of "
    "vendors', tryton is a real one, installed when it is first asked for.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=_DESK_PORT,
    show_default=True,
    help="Port of the desk; 0 takes a free one.",
)
@click.option(
    "--plugin",
    "plugins",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A plugin of your own that takes part, a folder or one file; may be given again.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    help="Keep configuration, store and logs in this folder; without it they are thrown away.",
)
def command(
    once: bool,
    data: Path | None,
    seed: int,
    scale: float,
    crm: str,
    erp: str,
    port: int,
    plugins: Sequence[Path],
    keep: Path | None,
) -> None:
    """Play one quote to cash on mock systems, then stay up to be looked at.

    Starts a mock CRM and a mock ERP, a worker and the desk as processes of their own, needs no
    configuration, and leaves nothing behind.

    \b
    Examples:
      crossdock demo
      crossdock demo --once --data ./northwind
      crossdock demo --plugin ./my-plugin
      crossdock demo --crm hubspot --erp quickbooks
    """
    from crossdock.host.loading.projects import plugin_in

    places = [plugin_in(each) for each in plugins]
    _check(data, port, places)
    folder = _folder(keep)
    stopping = _Stopping()
    try:
        _run(
            folder,
            stopping,
            once=once,
            data=data,
            seed=seed,
            scale=scale,
            crm=crm,
            erp=erp,
            port=port,
            plugins=places,
        )
    except KeyboardInterrupt:
        click.echo("\nStopped before its end.")
        sys.exit(_INTERRUPTED)
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _check(data: Path | None, port: int, plugins: Sequence[Path]) -> None:
    """Say what cannot work before anything is started."""
    from crossdock.cli.desk import listen
    from crossdock.host.loading.manifest import Manifest

    if data is not None and not data.is_dir():
        raise ConfigError(f"there is no folder {data}; --data takes a data set folder")
    for folder in plugins:
        Manifest.read(folder)
    listen(port).close()


def _folder(keep: Path | None) -> Path:
    if keep is None:
        return Path(tempfile.mkdtemp(prefix="crossdock-demo-"))
    try:
        keep.mkdir(parents=True, exist_ok=True)
        used = any(keep.iterdir())
    except OSError as error:
        raise ConfigError(f"--keep: {keep} cannot be a folder: {error.strerror}") from error
    if used:
        # Its store would speak of orders that fresh mocks never had.
        raise ConfigError(f"--keep: {keep} is not empty; name a new folder, or empty it first")
    return keep


class _Stopping:
    """A stopped demo stops its parts too, whichever way it was asked to stop."""

    def __init__(self) -> None:
        self._asked = False
        for number in _STOPPING:
            signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        # Once is enough: a second Ctrl-C must not stop the stopping.
        for number in _STOPPING:
            signal.signal(number, signal.SIG_IGN)
        # Nothing is raised here: Python drops what a handler raises while a finalizer or a
        # callback of the garbage collector runs, and the request would be lost.
        self._asked = True

    def check(self) -> None:
        """Stop if it was asked for; called wherever the demo waits."""
        if self._asked:
            raise KeyboardInterrupt


def _run(
    folder: Path,
    stopping: _Stopping,
    *,
    once: bool,
    data: Path | None,
    seed: int,
    scale: float,
    crm: str,
    erp: str,
    port: int,
    plugins: Sequence[Path],
) -> None:
    from crossdock.demo.crms import CRMS
    from crossdock.demo.erps import ERPS, LIVE
    from crossdock.demo.processes import Processes
    from crossdock.demo.setting import write_configuration
    from crossdock.demo.story import Story
    from crossdock.host import Host

    tell = _Narrator()
    played_on = {**ERPS, **LIVE}[erp]
    with ExitStack() as live, Processes(folder, check=stopping.check) as parts:
        source = ["--data", str(data)] if data else ["--seed", str(seed), "--scale", str(scale)]
        names = (crm,) if erp in LIVE else (crm, erp)
        with tell.waiting("starting the mock CRM and ERP"):
            mocks = parts.start("mocks", "mock", *names, "--json", *source, seconds=600)
        crm_url = mocks.ready["mocks"][crm]
        if erp in LIVE:
            erp_url = live.enter_context(_tryton(folder, tell, data=data, seed=seed, scale=scale))
        else:
            erp_url = mocks.ready["mocks"][erp]
        as_of = datetime.fromisoformat(mocks.ready["as_of"])
        tell.fact("Company", f"{mocks.ready['company']} ({mocks.ready['data']})")
        tell.fact("As of", f"{as_of:%d %B %Y}")
        if (crm, erp) != ("crm", "erp"):
            tell.fact("Systems", f"{CRMS[crm].title} and {played_on.title}")
        tell.fact("Mock CRM", crm_url)
        tell.fact("Live ERP" if erp in LIVE else "Mock ERP", erp_url)
        config = write_configuration(
            folder,
            crm_url=crm_url,
            erp_url=erp_url,
            crm=crm,
            erp=erp,
            # A live ERP's day is today; mocks have the day of their data.
            now=None if erp in LIVE else datetime.fromisoformat(mocks.ready["now"]),
            plugins=plugins,
            more=("data-quality", "watch-list"),
        )
        with Host.open(config, role="demo") as host:
            if host.quarantined:
                reasons = "; ".join(f"{aside.id}: {aside.reason}" for aside in host.quarantined)
                raise CrossdockError(f"a plugin could not be loaded: {reasons}")
            if prepared := CRMS[crm].prepare(host):
                tell.fact(CRMS[crm].title, prepared)
            with tell.waiting("starting the worker and the desk"):
                worker = parts.start("worker", "worker", "--config", str(config), "--json")
                desk = parts.start(
                    "desk", "desk", "--config", str(config), "--port", str(port), "--json"
                )
            tell.fact("Worker", f"process {worker.pid}")
            tell.fact("Desk", desk.ready["url"])
            click.echo()
            systems = (CRMS[crm], crm_url), (played_on, erp_url)
            story = Story(host, *systems, tell.step, parts.check)
            proof = story.play(mocks.ready["story"])
        parts.check()
        click.echo()
        tell.fact(
            "Order", f"{proof.crm_order} in the CRM, {', '.join(proof.erp_orders)} in the ERP"
        )
        tell.fact("Placed by", "; ".join(proof.placed_by) or "nobody")
        tell.fact("Status", proof.status)
        tell.fact("Timeline", " > ".join(proof.timeline))
        if not proof.holds:
            raise CrossdockError(
                "the order is not what it should be: one ERP order, placed once by the plugin in "
                f"the worker, and paid; found {proof}"
            )
        done = (
            "placed once, shipped, invoiced and paid"
            if played_on.ships
            else "placed once, invoiced and paid"
        )
        click.secho(f"\nOne order, {done}.", fg="green", bold=True)
        if once:
            return
        click.echo(f"\nThe desk is at {desk.ready['url']} - Ctrl-C stops everything.")
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                parts.check()
                time.sleep(0.2)
        click.echo("\nStopped.")


@contextlib.contextmanager
def _tryton(
    folder: Path, tell: _Narrator, *, data: Path | None, seed: int, scale: float
) -> Iterator[str]:
    """Run a Tryton of our own on the same company; gives its address."""
    from crossdock.demo.tryton.packages import installed
    from crossdock.demo.tryton.preparing import prepared
    from crossdock.demo.tryton.server import TrytonServer
    from crossdock_mocks.datasets import DataSet, generate

    def progress(what: str) -> None:
        tell.fact("Tryton", f"{what} ...")

    place = folder / "tryton"
    place.mkdir()
    environment = installed(progress)
    company = DataSet.load(data) if data else generate(seed=seed, scale=scale)
    database = prepared(environment, company, progress, today=datetime.now(UTC).date())
    with tell.waiting("starting Tryton"):
        server = TrytonServer(environment, place, database)
        server.start()
    try:
        yield server.url
    finally:
        server.stop()


class _Narrator:
    """Says what happens: facts in two columns, steps with a number."""

    def __init__(self) -> None:
        self._steps = 0

    def fact(self, label: str, text: str) -> None:
        click.echo(click.style(f"{label:<10}", dim=True) + f" {text}")

    def step(self, headline: str, lines: Sequence[str]) -> None:
        self._steps += 1
        click.secho(f"{self._steps:>2}. {headline}", bold=True)
        for line in lines:
            click.echo(f"    {line}")

    def waiting(self, what: str) -> Any:
        from rich.console import Console

        return Console(stderr=True, quiet=not sys.stderr.isatty()).status(what)
