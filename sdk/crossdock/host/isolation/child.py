"""A plugin's own process: protects itself, imports the plugin's code, and serves the host's calls.

Started by `process` as `python -I -c "..."`, so that neither the host's `__main__` nor its
environment is here. It ends when the host closes the channel, or dies.
"""

from __future__ import annotations

import faulthandler
import inspect
import itertools
import json
import logging
import os
import re
import signal
import socket
import sys
import traceback
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from crossdock import decisions, hookspecs
from crossdock.errors import PluginFault, PluginNotLoaded
from crossdock.host.isolation.child_context import ChildContext, ChildEventContext
from crossdock.host.isolation.failures import describe, message_of
from crossdock.host.isolation.link import Link
from crossdock.host.isolation.protection import Protections, protect, watch
from crossdock.host.isolation.protocol import BadFrame, Channel, Closed
from crossdock.host.isolation.wire import decode, encode
from crossdock.host.loading.code import Code, import_code
from crossdock.host.loading.hooks import hooks_of
from crossdock.host.loading.plugin import Hook
from crossdock.records.plain import prepare

_KEPT: Final = 64
_OUT_OF_MEMORY: Final = 86


class _Notices(logging.Handler):
    """Hands log records to the host, which knows where they go."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self._link = link

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + "".join(traceback.format_exception(*record.exc_info))
        place = [record.pathname, record.lineno, record.funcName]
        self._link.notice({"log": [record.levelno, record.name, text[:8_000], place]})


class _Functions:
    """The functions in tabs, cards, segments and jobs that were answered last.

    A function is addressed by point, record and field. The process that is asked for it may not be
    the one that gave it, and then the point is asked again; where it is, the very same function is
    called, as it may know what it was made for.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Callable[..., Any]] = OrderedDict()
        self._numbers = itertools.count(1)
        self._here = f"{os.getpid()}-{os.urandom(4).hex()}"

    def keep(self, record: Any, field: str) -> str:
        """Remember a function; gives its address."""
        function = getattr(record, field)
        if not callable(function):
            raise TypeError(f"{type(record).__name__}.{field} must be a function")
        address = f"{self._here}-{next(self._numbers)}"
        self._kept[address] = function
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return address

    def get(self, address: object) -> Callable[..., Any] | None:
        """Give the function, if this process gave it and still has it."""
        return self._kept.get(address) if isinstance(address, str) else None


@cache
def _subjects(point: str) -> tuple[str, ...]:
    """Name the arguments of a point but `ctx`, in order."""
    names = inspect.signature(getattr(hookspecs, point)).parameters
    return tuple(name for name in names if name != "ctx")


class _Server:
    """Serves calls, one at a time."""

    def __init__(
        self, link: Link, plugin_id: str, config: Mapping[str, Any], hooks: Mapping[str, Hook]
    ) -> None:
        self._link = link
        self._plugin_id = plugin_id
        self._config = config
        self._hooks = hooks
        # The host sends what a hook takes besides its context, and nothing else.
        self._taken = {
            point: [name for name in hook.argument_names if name != "ctx"]
            for point, hook in hooks.items()
        }
        self._functions = _Functions()
        self._log = logging.getLogger(f"crossdock.plugin.{plugin_id}")
        self._level = 0
        # What most guards say takes no thought.
        self._nothing = None
        self._proceed = encode(decisions.Proceed())

    def serve(self, frame: Mapping[str, Any]) -> None:
        """Serve one call and answer it."""
        point = frame["point"]
        given = frame["ctx"]
        if given["level"] != self._level:
            self._level = given["level"]
            logging.getLogger().setLevel(self._level)
        link = self._link
        link.begin(frame["call"])
        make = ChildContext if given["key"] is None else ChildEventContext
        ctx = make(link, self._config, self._log, given)
        try:
            args = [decode(each) for each in frame["args"]]
            wanted = frame.get("function")
            if wanted is None:
                answer = self._ask(point, ctx, self._taken[point], args)
            else:
                answer = self._function(point, wanted, ctx, args)(ctx, *args)
            if answer is None or type(answer) is decisions.Proceed:
                link.end()
                said = self._nothing if answer is None else self._proceed
                link.send({"answer": said, "call": link.call})
            else:
                self._answer(point, answer)
        except (Closed, BadFrame):
            raise
        except MemoryError as error:
            # What is left of the process is not to be trusted with another call.
            self._raised(error, over=True)
            os._exit(_OUT_OF_MEMORY)
        except Exception as error:  # noqa: BLE001 - the boundary to foreign code: the host is told
            self._raised(error)
        except BaseException as error:  # noqa: BLE001 - as above; SystemExit must not end the process
            fault = PluginFault(
                f"it raised {type(error).__name__}: {message_of(error)}",
                plugin_id=self._plugin_id,
                point=point,
            ).with_traceback(error.__traceback__)
            self._raised(fault)

    def _ask(self, point: str, ctx: ChildContext, names: Sequence[str], args: Sequence[Any]) -> Any:
        hook = self._hooks[point]
        given = {"ctx": ctx, **dict(zip(names, args, strict=False))}
        return hook.function(*[given[name] for name in hook.argument_names])

    def _function(
        self, point: str, wanted: Mapping[str, Any], ctx: ChildContext, args: Sequence[Any]
    ) -> Callable[..., Any]:
        """Give a function that a tab, card, segment or job came with."""
        function = self._functions.get(wanted["address"])
        if function is not None:
            return function
        # A tab's function is called with ctx and the record; so is the point that names it.
        for each in self._ask(point, ctx, _subjects(point), args) or ():
            if getattr(each, "id", None) == wanted["id"]:
                found: Callable[..., Any] = getattr(each, wanted["field"])
                return found
        raise PluginFault(
            f"{point} did not name {wanted['id']!r} when it was asked again",
            plugin_id=self._plugin_id,
            point=point,
        )

    def _answer(self, point: str, answer: Any) -> None:
        try:
            self._link.answer(answer, self._functions.keep)
        except (TypeError, ValueError, RecursionError, BadFrame) as wrong:
            raise PluginFault(
                f"{point} answered what cannot leave its process: {message_of(wrong)}",
                plugin_id=self._plugin_id,
                point=point,
            ) from wrong

    def _raised(self, error: BaseException, *, over: bool = False) -> None:
        self._link.end()
        self._link.send({"raised": describe(error), "over": over, "call": self._link.call})


def main() -> None:
    """Run until the host hangs up."""
    start = json.loads(sys.argv[1])
    last_words = os.fdopen(start["last_words"], "wb", buffering=0)
    # The stacks of all threads, for the host to read after a crash, and before it kills.
    faulthandler.enable(last_words)
    faulthandler.register(signal.SIGUSR2, last_words)
    end = socket.socket(fileno=start["channel"])
    channel = Channel(end, start["limit"])
    link = Link(channel, start["limit"])
    try:
        _serve_all(link, channel.receive())
    except Closed:
        os._exit(0)  # the host has gone, or wants no more; whatever threads there are


def _serve_all(link: Link, given: Mapping[str, Any]) -> None:
    protections = protect(
        memory_mb=given["memory_mb"], host_pid=given["host_pid"], kernel=given["kernel"]
    )
    plugin_id = given["plugin_id"]
    root = logging.getLogger()
    root.addHandler(_Notices(link))
    root.setLevel(given["level"])
    watch(lambda scope: link.notice({"refused": scope}))
    try:
        module = import_code(Code.from_plain(given["code"]), plugin_id).module
        hooks, notes = hooks_of(module, tuple(given["points"]))
    except PluginNotLoaded as refused:
        link.send({"failed": str(refused), "detail": refused.detail})
        return
    except (Closed, BadFrame):
        raise
    except BaseException as raised:  # noqa: BLE001 - the boundary to foreign code: the host is told
        reason = (
            f"its code raised {type(raised).__name__} while it was imported: {message_of(raised)}"
        )
        link.send({"failed": reason, "detail": describe(raised)["traceback"]})
        return
    link.send(_hello(hooks, notes, protections))
    prepare("User", *_records(hooks))  # nobody waits for it
    server = _Server(link, plugin_id, decode(given["config"]), hooks)
    while True:
        server.serve(link.receive())


def _records(points: Iterable[str]) -> Iterator[str]:
    """Name the records that points are called with."""
    for point in points:
        for parameter in inspect.signature(getattr(hookspecs, point)).parameters.values():
            yield from re.findall(r"\w+", str(parameter.annotation))


def _hello(hooks: Mapping[str, Hook], notes: list[str], protections: Protections) -> dict[str, Any]:
    return {
        "hello": {
            name: [list(hook.argument_names), hook.tryfirst, hook.trylast]
            for name, hook in hooks.items()
        },
        "notes": notes,
        "in_force": [*protections.names, "audit_hook"],
        "missing": protections.missing,
    }
