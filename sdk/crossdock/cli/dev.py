"""`crossdock dev`: a plugin under development, beside mock systems, in the desk."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from crossdock.errors import ConfigError

if TYPE_CHECKING:
    from crossdock.dev.reloading import Reloaded, Reloader
    from crossdock.dev.stage import Stage
    from crossdock.dev.trouble import Trouble

_DESK_PORT: Final = 8600
_QUIET: Final = frozenset({"published", "done"})


@click.command("dev")
@click.argument(
    "plugins", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PLUGIN..."
)
@click.option("--crm", default="crm", show_default=True, help="Which mock stands for the CRM.")
@click.option("--erp", default="erp", show_default=True, help="Which mock stands for the ERP.")
@click.option(
    "--data", type=click.Path(path_type=Path), help="A data set folder of your own to begin with."
)
@click.option("--seed", default=1, show_default=True, help="Which company is generated.")
@click.option(
    "--set",
    "settings",
    metavar="NAME=VALUE",
    multiple=True,
    help="A setting of the plugin; the value is JSON, or text. May be given again.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=_DESK_PORT,
    show_default=True,
    help="Port of the desk; 0 takes a free one.",
)
@click.option("--shell", is_flag=True, help="A Python prompt on the running world.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object a line.")
def command(
    plugins: Sequence[Path],
    crm: str,
    erp: str,
    data: Path | None,
    seed: int,
    settings: Sequence[str],
    port: int,
    shell: bool,
    as_json: bool,
) -> None:
    """Run plugins under development on mock systems; each save takes effect at once.

    PLUGIN is a folder with a plugin.toml, or one file. Mocks, host, worker and desk run here, the
    plugin in a process of its own. When one of its files is saved, the process is replaced, calls
    under way finish on the old one, and open pages load anew. What is wrong stands in the page and
    here, with its line, and with whose fault it is: code, manifest, config or server.

    \b
    Examples:
      crossdock dev late-payers
      crossdock dev late_payers --erp quickbooks --set most_discount='"5"'
      crossdock dev late_payers --shell
    """
    from crossdock.cli.desk import listen
    from crossdock.cli.mock import load_data

    given = _settings(settings)
    places = [_place(each) for each in plugins]
    with listen(port) as listener, _thrown_away() as folder:
        from crossdock.dev.stage import staged

        company = load_data(data, seed=seed, scale=0.1)
        with staged(folder, places, crm=crm, erp=erp, data=company, settings=given) as stage:
            _develop(stage, places, listener, _Told(as_json), shell=shell)


def _develop(
    stage: Stage, places: Sequence[Path], listener: Any, tell: _Told, *, shell: bool
) -> None:
    """Serve and watch until Ctrl-C, or until the prompt is left."""
    import uvicorn

    from crossdock.dev.failures import Failures
    from crossdock.dev.page import Pages, with_news
    from crossdock.dev.reloading import Reloader
    from crossdock.dev.stage import working
    from crossdock.host.isolation.blank import one_ahead
    from crossdock.host.watching.faults import hearing
    from crossdock.server.desk import DeskSettings, create_desk
    from crossdock.server.desk.back_office import BackOffice

    port = listener.getsockname()[1]
    pages, stop = Pages(), threading.Event()

    def told(what: Reloaded | Trouble) -> None:
        failures.forget(what.plugin_id)
        tell.change(what)
        pages.refresh()

    reloader = Reloader(stage.host, places, told)
    failures = Failures(stage.host, reloader.plugins, tell.change, pages.refresh)
    desk = create_desk(
        stage.host,
        DeskSettings(cookie=f"crossdock_dev_{port}", **stage.host.config.desk),
        back_office=BackOffice(stage.host.config.erps),
    )
    app = with_news(desk, pages, lambda: (*reloader.troubles.values(), *failures.to_show()))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
    watching = threading.Thread(target=reloader.watch, args=(stop,), name="crossdock-watches")
    with (
        working(stage.host, tell.event),
        hearing(failures.hear),
        one_ahead(stage.host.config.isolation) as reloader.prepare,
    ):
        watching.start()
        try:
            tell.ready(f"http://127.0.0.1:{port}/", stage, reloader)
            if shell:
                _at_the_prompt(stage, reloader, server, listener)
            else:
                _until_interrupted(server, listener, pages)
        finally:
            stop.set()
            pages.close()
            watching.join()
    tell.ended()


def _until_interrupted(server: Any, listener: Any, pages: Any) -> None:
    """Serve; open pages that listen for news do not hold up the end."""
    asked = server.handle_exit

    def handle_exit(*signal: Any) -> None:
        pages.close()
        asked(*signal)

    server.handle_exit = handle_exit
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def _at_the_prompt(stage: Stage, reloader: Reloader, server: Any, listener: Any) -> None:
    """Serve from a thread, and let a person look at the world and change it."""
    import code
    from datetime import timedelta

    def pass_time(**span: float) -> None:
        stage.crm.clock.advance(timedelta(**span))

    names = {
        "host": stage.host,
        "crm": stage.crm,
        "erp": stage.erp,
        "clock": stage.crm.clock,
        "pass_time": pass_time,
        "story": stage.story,
        "troubles": reloader.troubles,
    }
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="desk")
    thread.start()
    try:
        with contextlib.suppress(ImportError):  # line editing, where Python was built with it
            import readline
            import rlcompleter

            readline.set_completer(rlcompleter.Completer(names).complete)
            readline.parse_and_bind("tab: complete")
        banner = f"There are: {', '.join(names)}. Ctrl-D ends everything."
        code.interact(banner=banner, local=names, exitmsg="")
    finally:
        server.should_exit = True
        thread.join()


def _place(plugin: Path) -> Path:
    """Give a plugin's folder or file; of a project of one, its package."""
    from crossdock.host.loading.projects import plugin_in

    if not plugin.exists():
        raise ConfigError(
            f"there is no {plugin}; begin a plugin with: crossdock new {plugin} --kind guard"
        )
    return plugin_in(plugin).absolute()


def _settings(given: Sequence[str]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise click.UsageError(f"--set takes NAME=VALUE, and {each!r} has no name or no =")
        try:
            read[name] = json.loads(value)
        except ValueError:
            read[name] = value
    return read


@contextlib.contextmanager
def _thrown_away() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="crossdock-dev-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Told:
    """Tells what happens: to a person in lines, to a program as JSON."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json

    def ready(self, url: str, stage: Stage, reloader: Reloader) -> None:
        """Say where everything is, and what could not be loaded."""
        loaded = [f"{each.id} {each.manifest.version}" for each in stage.host.plugins]
        if self._as_json:
            self._line("ready", url=url, mocks=dict(stage.urls), plugins=loaded)
        else:
            self._fact("Desk", url)
            for name, at in stage.urls.items():
                self._fact(f"Mock {name}", f"{at}  inspector {at}/_mock/")
            self._fact("Plugins", ", ".join(loaded))
            click.echo("Save a file, and it takes effect. Ctrl-C ends everything.\n")
        for trouble in reloader.troubles.values():
            self.change(trouble)

    def change(self, what: Reloaded | Trouble) -> None:
        """Say what became of a plugin that was saved."""
        from crossdock.dev.reloading import Reloaded

        if isinstance(what, Reloaded):
            text = f"{what.plugin_id} {what.version} taken over in {what.seconds * 1000:.0f} ms"
            if self._as_json:
                self._line("reloaded", plugin=what.plugin_id, seconds=round(what.seconds, 3))
            else:
                click.secho(text, fg="green")
            return
        if self._as_json:
            self._line(
                "trouble",
                plugin=what.plugin_id,
                fault=what.fault,
                place=what.place,
                message=what.message,
                goes_on=what.goes_on,
            )
            return
        first, *rest = what.lines()
        click.secho(first, fg="red", bold=True)
        for line in rest:
            click.echo(f"  {line}")
        click.secho(f"  {what.hint}", dim=True)

    def event(self, kind: str, text: str, **_detail: Any) -> None:
        """Say what the worker does, where it is news."""
        if kind == "ready":  # who waits for that waits for all of it, and for the address
            return
        if self._as_json:
            self._line(kind, text=text)
        elif kind not in _QUIET:
            click.secho(text, dim=True)

    def ended(self) -> None:
        """Say that all is over."""
        if not self._as_json:
            click.echo("\nStopped.")

    @staticmethod
    def _fact(label: str, text: str) -> None:
        click.echo(click.style(f"{label:<10}", dim=True) + f" {text}")

    @staticmethod
    def _line(kind: str, **what: Any) -> None:
        click.echo(json.dumps({"event": kind, **what}, ensure_ascii=False))
