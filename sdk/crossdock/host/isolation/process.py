"""One plugin's process, as the host holds it: started, asked one thing at a time, and killed."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import field, frozen

from crossdock.errors import DeadlineExceeded, PluginFault, PluginNotLoaded
from crossdock.host.isolation.blank import take_blank
from crossdock.host.isolation.conversation import Conversation
from crossdock.host.isolation.failures import InThePlugin
from crossdock.host.isolation.nursery import Spawned, nursery
from crossdock.host.isolation.protocol import BadFrame, ChannelError, Closed, TimeUp
from crossdock.host.isolation.settings import IsolationSettings
from crossdock.host.isolation.wire import Restore

_STACKS_SECONDS: Final = 0.05
_BURIAL_SECONDS: Final = 5.0
_MOST_LAST_WORDS: Final = 20_000


@frozen(kw_only=True)
class Launch:
    """What it takes to start a plugin's process.

    Attributes:
        plugin_id: whose.
        code: the plugin's code, as `crossdock.host.loading.code.Code.plain` gives it.
        points: the extension points that its manifest names.
        config: its settings, encoded.
    """

    plugin_id: str
    code: Mapping[str, Any] = field(repr=False)
    points: tuple[str, ...]
    config: Any = field(repr=False)
    settings: IsolationSettings

    @property
    def logger(self) -> logging.Logger:
        """The plugin's logger."""
        return logging.getLogger(f"crossdock.plugin.{self.plugin_id}")


@frozen(kw_only=True)
class Hello:
    """What a process said when the plugin's code was imported.

    Attributes:
        hooks: by point: names of arguments, tryfirst, trylast.
        in_force: the protections that hold in it.
        missing: those that do not, with the reason.
    """

    hooks: Mapping[str, tuple[tuple[str, ...], bool, bool]]
    notes: tuple[str, ...] = ()
    in_force: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(factory=dict)


class PluginProcess:
    """A process that serves one plugin, one call at a time.

    Attributes:
        hello: what it said of itself; `None` until `await_hello`.
        rights: of the users that it serves; `None` until it served one.
        late: scopes of what was refused to it after a call; whoever asks it next tells of them.
    """

    hello: Hello | None = None
    rights: object = None

    def __init__(
        self,
        launch: Launch,
        on_exit: Callable[[], None],
        on_ready: Callable[[], None],
    ) -> None:
        """Start it; `await_hello` says whether the plugin could be imported.

        Args:
            launch: what it takes.
            on_exit: called, in another thread, when it is gone.
            on_ready: called, in another thread, when `ready` has become true.

        Raises:
            OSError: it cannot be started.
        """
        settings = launch.settings
        self._launch = launch
        self._last: Any = None
        self._killed = False
        self.late: list[str] = []
        self._starts_until = time.monotonic() + settings.start_seconds
        blank = take_blank(settings)
        self._spawned: Spawned = blank.spawned
        self._words = blank.words
        self._channel = blank.channel
        blank.belongs_to(launch.logger, lambda: self._exited(on_exit))
        try:
            self._channel.send(
                {
                    "plugin_id": launch.plugin_id,
                    "code": launch.code,
                    "points": list(launch.points),
                    "config": launch.config,
                    "memory_mb": settings.memory_mb,
                    "host_pid": os.getpid(),
                    "kernel": settings.kernel != "off",
                    "level": launch.logger.getEffectiveLevel(),
                },
                self._starts_until,
            )
        except BaseException:
            self.kill()
            raise

        nursery().when_readable(self._channel.duplicate(), on_ready)

    @property
    def starts_until(self) -> float:
        """When its code must have been imported, on the scale of `time.monotonic`."""
        return self._starts_until

    @property
    def ready(self) -> bool:
        """Whether `await_hello` need not wait: it said something, or is gone, or is too late."""
        return (
            self.hello is not None
            or self._killed
            or self._channel.waiting()
            or time.monotonic() >= self._starts_until
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._spawned.pid

    def await_hello(self, ends: float) -> Hello:
        """Wait until the plugin's code is imported.

        Args:
            ends: until when to wait, on the scale of `time.monotonic`.

        Raises:
            PluginNotLoaded: its code cannot be imported, does not fit its manifest, or took longer
                than a start may take; the process is killed.
            TimeUp: it is still starting, and may go on.
        """
        if self.hello is not None:
            return self.hello
        settings = self._launch.settings
        try:
            frame = self._receive_start(min(ends, self._starts_until))
        except TimeUp:
            if time.monotonic() < self._starts_until:
                raise
            detail = self._stop()
            raise PluginNotLoaded(
                f"its code was not imported within {settings.start_seconds:g} s "
                "([isolation] start_seconds)",
                detail=detail,
            ) from None
        except ChannelError as broken:
            detail = self._stop(ask=False)
            raise PluginNotLoaded(
                f"its process ended while its code was imported: {self._end_of(broken)}",
                detail=detail,
            ) from None
        if "failed" in frame:
            self.kill()
            raise PluginNotLoaded(str(frame["failed"]), detail=str(frame.get("detail", "")))
        try:
            self.hello = _hello(frame)
        except (KeyError, TypeError, ValueError, AttributeError):
            self.kill()
            raise PluginNotLoaded("its process said something else than hello") from None
        if settings.kernel == "required" and self.hello.missing:
            self.kill()
            lacking = "; ".join(f"{name}: {why}" for name, why in self.hello.missing.items())
            raise PluginNotLoaded(f"[isolation] kernel is required, but here is no {lacking}")
        self._spawned.searched = "system_call_filter" not in self.hello.in_force
        return self.hello

    def _receive_start(self, ends: float) -> Any:
        conversation = Conversation(self._channel, self._launch.plugin_id)
        while True:
            frame = self._channel.receive(ends)
            if not conversation.notice(frame):
                return frame

    def call(
        self, frame: dict[str, Any], ctx: Any, ends: float, point: str, restore: Restore
    ) -> Any:
        """Ask it something and give the answer; afterwards `alive` says whether it can go on.

        Args:
            frame: the call.
            ctx: the host's context of this call, which answers what the plugin asks.
            ends: until when it must have answered.
            point: what is served, for messages.
            restore: see `wire.decode`.

        Raises:
            DeadlineExceeded: it did not answer in time and was killed.
            PluginFault: it died, or said what makes no sense and was killed.
            Exception: whatever the plugin raised.
        """
        plugin_id = self._launch.plugin_id
        conversation = Conversation(self._channel, plugin_id, ctx, ends, restore)
        self._last = ctx
        try:
            answer = conversation.hold(frame)
        except TimeUp:
            stacks = self._stop()
            raise DeadlineExceeded(
                f"{plugin_id} did not answer {point} in time and was stopped",
                plugin_id=plugin_id,
                point=point,
            ) from _from_plugin(stacks)
        except Closed as closed:
            words = self._stop(ask=False)
            raise PluginFault(
                f"the process of {plugin_id} ended while it served {point}: {self._end_of(closed)}",
                plugin_id=plugin_id,
                point=point,
            ) from _from_plugin(words)
        except (
            BadFrame,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            IndexError,
            RecursionError,
        ) as rubbish:
            if conversation.raised_by_plugin(rubbish):
                raise
            self.kill()
            raise PluginFault(
                f"the process of {plugin_id} said what makes no sense and was stopped: {rubbish}",
                plugin_id=plugin_id,
                point=point,
            ) from None
        except BaseException as raised:
            if not conversation.raised_by_plugin(raised):
                self.kill()  # it is in the middle of something that nobody waits for
            raise
        finally:
            if conversation.over:
                self.kill()
        return answer

    def usable(self) -> bool:
        """Whether it can be asked: it lives, and said nothing but notices since its last call."""
        if not self.alive:
            return False
        # What came after the last call's end was most likely still of that call.
        conversation = Conversation(self._channel, self._launch.plugin_id, self._last)
        try:
            while self._channel.waiting():
                if not conversation.notice(self._channel.receive(time.monotonic())):
                    break
            else:
                self.late += conversation.late
                return True
        except ChannelError:
            pass
        self.kill()
        return False

    @property
    def alive(self) -> bool:
        """Whether nobody has killed it, and it has not ended."""
        return not self._killed and not self._spawned.over.is_set()

    def kill(self) -> None:
        """Kill it with all that it started, at once; the nursery buries it."""
        self._killed = True
        self._spawned.kill()

    def buried(self, seconds: float = _BURIAL_SECONDS) -> bool:
        """Wait until it is gone for good; whether it is."""
        return self._spawned.over.wait(seconds)

    def _exited(self, on_exit: Callable[[], None]) -> None:
        self._channel.hang_up()  # wakes who waits, should something else hold the other end
        on_exit()

    def close(self) -> None:
        """Kill it and give back what the host holds of it; nobody may ask it any more."""
        self.kill()
        self._channel.close()
        if self._words >= 0:
            os.close(self._words)
            self._words = -1

    def _stop(self, *, ask: bool = True) -> str:
        """Kill it; gives the stacks of its threads, or what it said when it crashed."""
        if ask:
            self._spawned.signal(signal.SIGUSR2)
            words = self._last_words(time.monotonic() + _STACKS_SECONDS)
        else:
            # It may just be about to end by itself, which says more than that we killed it.
            self._spawned.over.wait(_STACKS_SECONDS)
            words = self._last_words(0)
        self.kill()
        return words

    def _last_words(self, ends: float) -> str:
        said = b""
        while len(said) < _MOST_LAST_WORDS:
            with contextlib.suppress(BlockingIOError):
                piece = os.read(self._words, _MOST_LAST_WORDS)
                said += piece
                if not piece:
                    break
            if (said and said.endswith(b"\n")) or time.monotonic() >= ends:
                break
            time.sleep(0.002)
        return said.decode("utf-8", "replace")

    def _end_of(self, closed: ChannelError) -> str:
        """Say how it ended, for a person."""
        if not self._spawned.over.wait(_BURIAL_SECONDS):
            return str(closed)
        code = self._spawned.code
        if code is None or (code == -signal.SIGKILL and isinstance(closed, BadFrame)):
            return str(closed)
        if code < 0:
            name = signal.Signals(-code).name
            if name == "SIGKILL":
                return "it closed its end of the channel, or was killed (SIGKILL)"
            return f"it was killed by {name}"
        return f"it exited with code {code}"


def _from_plugin(words: str) -> InThePlugin | None:
    return InThePlugin(words) if words else None


def _hello(frame: Mapping[str, Any]) -> Hello:
    return Hello(
        hooks={
            str(point): (tuple(map(str, names)), tryfirst is True, trylast is True)
            for point, (names, tryfirst, trylast) in frame["hello"].items()
        },
        notes=tuple(map(str, frame["notes"])),
        in_force=tuple(map(str, frame["in_force"])),
        missing={str(name): str(why) for name, why in frame["missing"].items()},
    )
