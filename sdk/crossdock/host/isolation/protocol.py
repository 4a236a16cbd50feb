"""Frames between the host and a plugin's process: four bytes of length, then JSON.

Both ends of a socket pair use one `Channel`. A frame is an object with one key that says what it
is, read by `child` and `conversation`. There is no pickle: what comes is data, whatever it says.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import time
from typing import Any, Final

import orjson

_HEAD: Final = 4
_PIECE: Final = 1 << 18


class ChannelError(Exception):
    """A channel cannot be used any more."""


class Closed(ChannelError):  # noqa: N818 - named for what happened
    """The other side is gone, or has closed its end."""


class TimeUp(ChannelError):  # noqa: N818
    """The other side did not say, or take, anything in time."""


class BadFrame(ChannelError):  # noqa: N818
    """What came is no frame, or is larger than a frame may be."""


class Channel:
    """Sends and receives frames; one thread at a time for each direction.

    Args:
        end: this side's end of a socket pair; the channel owns it from now on.
        limit: the largest frame in bytes.
    """

    def __init__(self, end: socket.socket, limit: int) -> None:
        end.setblocking(False)
        self._end = end
        self._limit = limit
        self._pending = bytearray()
        self._readable = select.poll()
        self._readable.register(end, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(end, select.POLLOUT)

    def send(self, frame: dict[str, Any], ends: float | None = None) -> None:
        """Send a frame.

        Args:
            frame: JSON data.
            ends: until when the other side must have taken it, on the scale of `time.monotonic`;
                `None` waits for as long as it lives.

        Raises:
            TypeError: it is not JSON data.
            BadFrame: it is too large; nothing was sent.
            Closed: the other side is gone.
            TimeUp: it did not take the frame in time; the channel is of no use then.
        """
        body = orjson.dumps(frame)
        if len(body) > self._limit:
            raise BadFrame(
                f"a message of {len(body):,} bytes; the largest that goes between host and "
                f"plugin is {self._limit:,} ([isolation] frame_mb)"
            )
        left = memoryview(len(body).to_bytes(_HEAD, "big") + body)
        while left:
            try:
                left = left[self._end.send(left) :]
            except BlockingIOError:
                self._wait(self._writable, ends)
            except OSError as gone:
                raise Closed(f"cannot send: {gone.strerror}") from None

    def receive(self, ends: float | None = None) -> Any:
        """Receive a frame.

        Args:
            ends: until when, as in `send`.

        Raises:
            Closed: the other side is gone.
            TimeUp: nothing, or not all of a frame, came in time.
            BadFrame: what came is not a frame.
        """
        pending = self._pending
        while len(pending) < _HEAD:
            pending += self._piece(ends, _PIECE)
        size = int.from_bytes(pending[:_HEAD], "big")
        if size > self._limit:
            raise BadFrame(f"a message that says it has {size:,} bytes")
        whole = _HEAD + size
        while len(pending) < whole:
            pending += self._piece(ends, max(_PIECE, whole - len(pending)))
        body = bytes(memoryview(pending)[_HEAD:whole])
        del pending[:whole]
        try:
            frame = orjson.loads(body)
        except ValueError as wrong:
            raise BadFrame(f"a message that is not JSON: {wrong}") from None
        if not isinstance(frame, dict):
            raise BadFrame(f"a message that is a {type(frame).__name__}")
        return frame

    def waiting(self) -> bool:
        """Whether something has come, or the other side is gone."""
        return bool(self._pending) or bool(self._readable.poll(0))

    def duplicate(self) -> int:
        """Give another descriptor of this side's end, for somebody who watches it."""
        return os.dup(self._end.fileno())

    def hang_up(self) -> None:
        """End the channel in both directions; whoever waits on it is told at once."""
        try:
            self._end.shutdown(socket.SHUT_RDWR)
        except OSError as gone:
            if gone.errno not in (errno.ENOTCONN, errno.EBADF):
                raise

    def close(self) -> None:
        """Close this side's end."""
        self._end.close()

    def _piece(self, ends: float | None, size: int) -> bytes:
        self._wait(self._readable, ends)
        try:
            piece = self._end.recv(size)
        except BlockingIOError:
            return b""
        except OSError as gone:
            raise Closed(f"cannot receive: {gone.strerror}") from None
        if not piece:
            raise Closed("the other side has closed its end")
        return piece

    @staticmethod
    def _wait(readiness: select.poll, ends: float | None) -> None:
        milliseconds = None if ends is None else max(0.0, (ends - time.monotonic()) * 1000)
        if not readiness.poll(milliseconds):
            raise TimeUp("no answer in time")
