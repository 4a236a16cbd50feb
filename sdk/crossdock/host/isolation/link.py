"""The plugin's end of the channel: what its code asks of the host while it serves a call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

from crossdock.errors import AccessDenied
from crossdock.host.isolation.failures import describe, rebuild
from crossdock.host.isolation.protocol import Channel
from crossdock.host.isolation.wire import Keep, decode, encode
from crossdock.records.plain import from_plain, to_plain

_MOST_NOTICES: Final = 1_000


class Link:
    """Asks the host, one question at a time, and only while a call is being served.

    Threads that the plugin started may ask too; one that outlives its call is refused, and the
    host is told.

    Attributes:
        call: counts the calls that were served; what is asked names the one it belongs to.
    """

    def __init__(self, channel: Channel, limit: int) -> None:
        self._channel = channel
        self._limit = limit
        self._asking = threading.RLock()
        self._writing = threading.Lock()
        self._serving = False
        self._notices = 0
        self.call = 0

    def receive(self) -> Any:
        """Wait for the next call."""
        return self._channel.receive()

    def send(self, frame: dict[str, Any]) -> None:
        """Send a frame."""
        with self._writing:
            self._channel.send(frame)

    def begin(self, call: int) -> None:
        """Begin to serve a call of this number."""
        self.call = call
        self._serving = True
        self._notices = 0

    def end(self) -> None:
        """End the call; waits until a question that another thread asked is answered."""
        with self._asking:
            self._serving = False

    def ask(self, frame: dict[str, Any], scope: str = "", *, call: int) -> Any:
        """Ask something and give the host's answer.

        Args:
            frame: the question.
            scope: what it needs, for the refusal after the call.
            call: the number of the call that it belongs to.

        Raises:
            AccessDenied: the call that it belongs to is over.
            Exception: whatever the host raised.
        """
        with self._asking:
            if not self._serving or call != self.call:
                self.notice({"refused": scope})
                raise AccessDenied(
                    "this call is over; a port cannot be kept for later", scope=scope
                )
            self.send(frame)
            return _answer(self._channel.receive())

    def step(self, name: str, fn: Callable[..., Any], args: tuple[Any, ...], *, call: int) -> Any:
        """Ask the host to record a step, which is done here if the host wants it done."""
        with self._asking:
            if not self._serving or call != self.call:
                raise AccessDenied(
                    "this call is over; a step cannot be recorded any more", scope=""
                )
            self.send({"step": name})
            raised: BaseException | None = None
            while True:
                answer = self._channel.receive()
                if "run" not in answer:
                    if raised is not None and answer.get("yours"):
                        raise raised
                    return _answer(answer)
                try:
                    # As an inline step's result: records and plain data, nothing else.
                    done = {"stepped": to_plain(fn(*args))}
                except Exception as error:  # noqa: BLE001 - the host is told, and tells us to raise it
                    raised = error
                    done = {"step_raised": describe(error)}
                self.send(done)

    def notice(self, frame: dict[str, Any]) -> None:
        """Tell the host something that needs no answer; too many in one call are dropped."""
        self._notices += 1
        if self._notices <= _MOST_NOTICES:
            self.send(frame)

    def answer(self, value: Any, keep: Keep) -> None:
        """End the call with an answer.

        Raises:
            TypeError: it cannot be sent.
        """
        frame = {"answer": encode(value, keep), "call": self.call}
        self.end()
        self.send(frame)


class Line:
    """The link, for one call: what is kept of it is of no use in the next one."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._call = link.call

    def ask(self, frame: dict[str, Any], scope: str = "") -> Any:
        """Ask something and give the host's answer; see `Link.ask`."""
        return self._link.ask(frame, scope, call=self._call)

    def step(self, name: str, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Ask the host to record a step; see `Link.step`."""
        return self._link.step(name, fn, args, call=self._call)


def _answer(frame: Any) -> Any:
    if "error" in frame:
        raise rebuild(frame["error"])
    if "plain" in frame:
        return from_plain(frame["plain"])
    return decode(frame["reply"])
