"""The world that a plugin is developed in: mock systems on ports, and a host beside them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from crossdock.errors import ConfigError
from crossdock.testing.mock import Mock, Shelf

if TYPE_CHECKING:
    from crossdock.host import Host
    from crossdock_mocks.datasets import DataSet


@frozen(kw_only=True)
class Stage:
    """Mocks and a host, all in this process.

    Attributes:
        host: the host, with the plugins in processes of their own.
        crm: the mock CRM.
        erp: the mock ERP.
        urls: where they are, by name.
        story: accounts, quotes and users that the data set has for a demonstration.
    """

    host: Host
    crm: Mock
    erp: Mock
    urls: Mapping[str, str]
    story: Mapping[str, str]


@contextmanager
def staged(
    folder: Path,
    plugins: Sequence[Path],
    *,
    crm: str,
    erp: str,
    data: DataSet,
    settings: Mapping[str, Any],
) -> Iterator[Stage]:
    """Set it up for as long as the block runs.

    Args:
        folder: for configuration and store.
        plugins: folders or files of the plugins that are developed.
        crm: which mock stands for the CRM.
        erp: which mock stands for the ERP.
        data: the company that both tell of.
        settings: of the first plugin.

    Raises:
        ConfigError: there is no such mock or connector, or a setting cannot be used.
        ManifestError: a plugin's manifest cannot be read at all.
    """
    from crossdock.demo.crms import CRMS
    from crossdock.demo.erps import ERPS
    from crossdock.demo.setting import write_configuration
    from crossdock.host import Host
    from crossdock_mocks.engine import serve_in_thread

    for name, known, kind in ((crm, CRMS, "CRM"), (erp, ERPS, "ERP")):
        if name not in known:
            raise ConfigError(f"there is no {kind} {name!r}; there are: {', '.join(known)}")
    shelf = Shelf()
    with ExitStack() as opened:
        opened.callback(shelf.close)
        mocks = [shelf.open(name, data) for name in (crm, erp)]
        clock = mocks[0].clock
        clock.tick()
        for mock in mocks:
            mock.world.clock = clock
            mock.world.seal()  # a reset goes back to this moment
            opened.callback(mock.world.close)
        at = opened.enter_context(serve_in_thread(*(mock.served for mock in mocks)))
        urls = {name: address.base_url for name, address in zip((crm, erp), at, strict=True)}
        config = write_configuration(
            folder,
            crm_url=urls[crm],
            erp_url=urls[erp],
            crm=crm,
            erp=erp,
            now=clock.now,
            plugins=plugins,
        )
        _add_settings(config, plugins, settings)
        host = opened.enter_context(Host.open(config, role="dev"))
        CRMS[crm].prepare(host)
        yield Stage(host=host, crm=mocks[0], erp=mocks[1], urls=urls, story=data.story)


def _add_settings(config: Path, plugins: Sequence[Path], settings: Mapping[str, Any]) -> None:
    if not settings:
        return
    from crossdock.host.loading.manifest import Manifest

    lines = [f"\n[plugins.config.{Manifest.read(plugins[0]).id}]"]
    lines += [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    with config.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


@contextmanager
def working(host: Host, report: Any) -> Iterator[None]:
    """Deliver events from a thread for as long as the block runs."""
    from crossdock.host.deliveries.staff import worker_of
    from crossdock.host.deliveries.worker import WorkerSettings, new_worker_id

    worker = worker_of(
        host,
        worker_id=new_worker_id(),
        settings=WorkerSettings(**{**host.config.worker, "drain_seconds": 2.0}),
        report=report,
    )
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,), name="crossdock-worker")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
