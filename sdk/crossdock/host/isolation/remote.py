"""A plugin whose code runs in processes of its own, as the host calls it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from functools import partial
from typing import Any

from attrs import frozen

from crossdock.errors import CrossdockError, PluginFault, PluginPaused
from crossdock.host.isolation.breaker import Breaker, State
from crossdock.host.isolation.pool import Pool
from crossdock.host.isolation.process import Hello, Launch
from crossdock.host.isolation.settings import IsolationSettings
from crossdock.host.isolation.wire import encode
from crossdock.host.loading.code import Code
from crossdock.host.loading.plugin import Hook, Plugin, Started
from crossdock.secret import Secret


@frozen(kw_only=True)
class ProcessStatus:
    """How a plugin's processes are doing.

    Attributes:
        pids: of those that live.
        in_force, missing: see `Hello`.
        circuit: of its breaker.
        would_have_refused: calls that the breaker let through in a dry run only.
    """

    pids: tuple[int, ...]
    in_force: tuple[str, ...]
    missing: Mapping[str, str]
    circuit: State
    would_have_refused: int


class RemotePlugin:
    """Asks a plugin in its processes; each of `hooks` may be called from any thread."""

    def __init__(self, launch: Launch) -> None:
        self._id = launch.plugin_id
        self._pool = Pool(launch)
        self._breaker = Breaker(launch.plugin_id, launch.settings.breaker)
        self._hello = Hello(hooks={})
        self._nested: ContextVar[int] = ContextVar("crossdock_isolation_nested", default=0)

    def start(self) -> None:
        """Start its first process.

        Raises:
            PluginNotLoaded: none can be started at all.
        """
        self._pool.start()

    def started(self) -> Started:
        """Wait until its code is imported, and give its hooks.

        Raises:
            PluginNotLoaded: it cannot be imported, does not fit its manifest, or took too long.
        """
        self._hello = self._pool.await_hello()
        return Started(
            hooks={
                point: Hook(
                    function=RemoteFunction(self, point),
                    # A call needs its context here, whether or not the plugin's function takes it.
                    argument_names=("ctx", *(name for name in names if name != "ctx")),
                    tryfirst=tryfirst,
                    trylast=trylast,
                )
                for point, (names, tryfirst, trylast) in self._hello.hooks.items()
            },
            close=self.close,
            notes=self._hello.notes + tuple(_lacks(self._hello.missing)),
        )

    def close(self) -> None:
        """Kill its processes, those in use when their calls are over."""
        self._pool.close()

    def status(self) -> ProcessStatus:
        """Say how its processes are doing."""
        return ProcessStatus(
            pids=tuple(process.pid for process in self._pool.processes()),
            in_force=self._hello.in_force,
            missing=self._hello.missing,
            circuit=self._breaker.state,
            would_have_refused=self._breaker.would_have_refused,
        )

    def ask(
        self, point: str, ctx: Any, *args: Any, function: Mapping[str, Any] | None = None
    ) -> Any:
        """Call a hook, or a function that came from one, in one of the plugin's processes.

        Raises:
            PluginPaused: its circuit is open, or it dies as often as it is started.
            DeadlineExceeded: it did not answer within `ctx.deadline`.
            PluginFault: it died, or said what makes no sense.
            Exception: whatever the plugin raised.
        """
        frame = {
            "point": point,
            "args": [encode(each) for each in args],
            "ctx": _context(ctx),
        }
        if function is not None:
            frame["function"] = function
        self._breaker.admit(point)
        try:
            answer = self._call(frame, ctx, point)
        except Exception as raised:
            if isinstance(raised, PluginPaused):
                self._breaker.withdrawn()
            elif isinstance(raised, CrossdockError) and not isinstance(raised, PluginFault):
                # Refused by a port, or a remote system is away: the plugin did what it should.
                self._breaker.succeeded()
            else:
                self._breaker.failed()
            raise
        except BaseException:
            self._breaker.withdrawn()
            raise
        self._breaker.succeeded()
        return answer

    def _call(self, frame: dict[str, Any], ctx: Any, point: str) -> Any:
        ends = time.monotonic() + ctx.deadline
        nested = self._nested.get()
        process = self._pool.lend(ctx.rights, ends, point, nested)
        # What the plugin does in the CRM may lead to the next call of it, in this very thread.
        deeper = self._nested.set(nested + 1)
        while process.late:
            ctx.refuse(process.late.pop(), "asked for after an earlier call was over")
        frame["ctx"]["seconds"] = max(0.0, ends - time.monotonic())
        died = True
        try:
            answer = process.call(frame, ctx, ends, point, partial(self._restore, point))
            died = False
        except BaseException:
            died = not process.alive
            raise
        finally:
            self._nested.reset(deeper)
            self._pool.give_back(process, died=died)
        return answer

    def _restore(
        self, point: str, record_id: str, field: str, address: object
    ) -> Callable[..., Any]:
        """Give what asks for a function in a tab, card, segment or job."""
        wanted = {"id": record_id, "field": field, "address": address}
        return RemoteFunction(self, point, wanted)


@frozen
class RemoteFunction:
    """A plugin's function, called in one of its processes.

    Attributes:
        plugin: whose.
        point: the extension point.
        wanted: the address of a function that came with a tab, card, segment or job.
    """

    plugin: RemotePlugin
    point: str
    wanted: Mapping[str, Any] | None = None

    def __call__(self, ctx: Any, *args: Any) -> Any:
        """Call it; see `RemotePlugin.ask`."""
        return self.plugin.ask(self.point, ctx, *args, function=self.wanted)


def status_of(plugin: Plugin) -> ProcessStatus | None:
    """Say how a plugin's processes are doing; `None` for one that runs inline."""
    for hook in plugin.hooks.values():
        if isinstance(hook.function, RemoteFunction):
            return hook.function.plugin.status()
    return None


def _lacks(missing: Mapping[str, str]) -> Iterator[str]:
    for name, reason in missing.items():
        yield f"its process runs without {name}: {reason}"


def _context(ctx: Any) -> dict[str, Any]:
    """Give what of a context is the same for the whole call; the rest is asked for."""
    return {
        "user": encode(ctx.user),
        "now": ctx.now.isoformat(),
        "hidden": sorted(ctx.hidden),
        "key": getattr(ctx, "idempotency_key", None),
        "level": ctx.log.getEffectiveLevel(),
    }


def remote_plugin(
    plugin_id: str,
    code: Code,
    points: tuple[str, ...],
    config: Mapping[str, Any],
    settings: IsolationSettings,
) -> RemotePlugin:
    """Give a plugin whose code is to run in processes of its own; `start` starts the first.

    Args:
        plugin_id: whose.
        code: what was read of it; none of it runs here.
        points: the extension points that its manifest names.
        config: its settings, defaults filled in; secrets among them are revealed to it alone.
        settings: the limits.
    """
    return RemotePlugin(
        Launch(
            plugin_id=plugin_id,
            code=code.plain(),
            points=points,
            config=encode(_revealed(config)),
            settings=settings,
        )
    )


def start_in_process(
    plugin_id: str,
    code: Code,
    points: tuple[str, ...],
    config: Mapping[str, Any],
    settings: IsolationSettings,
) -> Started:
    """Start a plugin in a process of its own, and wait until its code is imported there.

    Raises:
        PluginNotLoaded: it cannot be imported, does not fit its manifest, or took too long.
    """
    plugin = remote_plugin(plugin_id, code, points, config, settings)
    plugin.start()
    return plugin.started()


def _revealed(value: Any) -> Any:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Mapping):
        return {key: _revealed(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_revealed(each) for each in value]
    return value
