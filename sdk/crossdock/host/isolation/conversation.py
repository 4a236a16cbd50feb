"""One call's talk with a plugin's process: the host's own `ctx` answers what the plugin asks."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any, Final, NoReturn

from crossdock.errors import CrossdockError, NotSupported
from crossdock.host.isolation.failures import describe, rebuild
from crossdock.host.isolation.protocol import BadFrame, Channel, ChannelError
from crossdock.host.isolation.wire import Restore, decode, encode
from crossdock.ports import CrmPort, ErpPort, scopes_of
from crossdock.records.plain import from_plain, to_plain
from crossdock.synchronising.port import SyncPort

_log = logging.getLogger("crossdock.isolation")
_METHODS: Final = {
    "crm": scopes_of(CrmPort),
    "erp": scopes_of(ErpPort),
    "sync": scopes_of(SyncPort),
}
_LOOKS: Final = frozenset({"system", "systems", "guards", "capabilities", "keeps", "policy"})
_MOST_NOTICES: Final = 5_000
_numbers = itertools.count(1)


class Conversation:
    """Everything that is said from a call to its answer.

    Args:
        channel: to the process.
        plugin_id: whose it is.
        ctx: the host's context of the call; without one only notices can come.
        ends: until when the answer must be there.
        restore: see `wire.decode`.

    Attributes:
        over: whether the process said that it must not be asked again.
        late: scopes of what was refused outside of a call.
    """

    over = False

    def __init__(
        self,
        channel: Channel,
        plugin_id: str,
        ctx: Any = None,
        ends: float | None = None,
        restore: Restore | None = None,
    ) -> None:
        self._channel = channel
        self._plugin_id = plugin_id
        self._ctx = ctx
        self._ends = ends
        self._restore = restore
        self._notices = 0
        self._raised: BaseException | None = None
        self.late: list[str] = []

    def hold(self, frame: dict[str, Any]) -> Any:
        """Send a call and give its answer.

        Raises:
            ChannelError: the process is gone, is late, or makes no sense.
            Exception: what the plugin raised; then `raised_by_plugin` knows it.
        """
        number = frame["call"] = next(_numbers)
        self._channel.send(frame, self._ends)
        while True:
            said = self._channel.receive(self._ends)
            if ("answer" in said or "raised" in said) and said.get("call") != number:
                raise BadFrame("an answer to another call")
            if "answer" in said:
                return decode(said["answer"], self._restore)
            if "raised" in said:
                self.over = said.get("over") is True
                self._raise(said["raised"])
            self._reply(said)

    def raised_by_plugin(self, raised: BaseException) -> bool:
        """Whether an exception is the plugin's answer, after which it can be asked again."""
        return raised is self._raised

    def _raise(self, written: Any) -> NoReturn:
        if not isinstance(written, Mapping):
            raise BadFrame("an error that is not described")
        self._raised = rebuild(written)
        raise self._raised

    def _reply(self, said: Mapping[str, Any]) -> None:
        """Answer one question; errors of the host's ports are the plugin's to deal with."""
        if self.notice(said):
            return
        step = said.get("step")
        if isinstance(step, str):
            self._channel.send(self._stepped(step), self._ends)
            return
        try:
            reply = {"reply": encode(self._looked_up(said))}
        except ChannelError:
            raise
        except Exception as raised:  # noqa: BLE001 - it is raised again where it was asked for
            if not isinstance(raised, CrossdockError):
                _log.warning("%s was answered with %r", self._plugin_id, raised, exc_info=raised)
            reply = {"error": describe(raised, with_traceback=False)}
        try:
            self._channel.send(reply, self._ends)
        except BadFrame as large:  # nothing was sent; the plugin may ask for less
            self._channel.send({"error": describe(NotSupported(str(large)))}, self._ends)

    def _looked_up(self, said: Mapping[str, Any]) -> Any:
        if "ask" in said:
            return self._asked(said["ask"])()
        if "together" in said:
            return self._together(said["together"])
        if "anew" in said:
            return self._ctx.read_anew()
        if "look" in said:
            port, system, name = said["look"]
            if name not in _LOOKS:
                raise self._out_of_reach(port, name)
            return getattr(self._port(port, system), name)
        if "accounts" in said:
            return self._ctx.trading_accounts(decode(said["accounts"]))
        if "account" in said:
            account, ref = said["account"]
            return self._ctx.trading_account(decode(account), ref)
        if "links" in said:
            return self._ctx.links(decode(said["links"]))
        if "rates" in said:
            to, on = said["rates"]
            return self._ctx.exchange_rates(to, on=decode(on))
        if "customers" in said:
            return self._ctx.account_ids(decode(said["customers"]))
        raise BadFrame(f"a message that is not known: {', '.join(map(str, said))[:100]}")

    def _asked(self, asked: Any) -> partial[Any]:
        """Give what a question calls, behind the gateway."""
        port, system, name, args, kwargs = asked
        if name not in _METHODS.get(port, ()):
            raise self._out_of_reach(port, name)
        return partial(getattr(self._port(port, system), name), *decode(args), **decode(kwargs))

    def _together(self, asked: Any) -> list[dict[str, Any]]:
        """Ask several things side by side; each comes back as an answer or an error."""
        if not isinstance(asked, list):
            raise BadFrame("questions that are no list")
        return [
            {"reply": answer.value}
            if answer.error is None
            else {"error": describe(answer.error, with_traceback=False)}
            for answer in self._ctx.together(*map(self._asked, asked))
        ]

    def _out_of_reach(self, port: Any, name: Any) -> AttributeError:
        self._ctx.refuse(f"{port}.{name}"[:100], "plugins cannot reach it")
        return AttributeError(f"a port has no {name!r} that plugins can reach")

    def _port(self, port: str, system: Any) -> Any:
        if port == "erp":
            return self._ctx.erp if system is None else self._ctx.erp.using(system)
        return self._ctx.sync if port == "sync" else self._ctx.crm

    def _stepped(self, name: str) -> dict[str, Any]:
        """Let the host record a step that the process does."""
        raised: BaseException | None = None

        def do() -> Any:
            nonlocal raised
            self._channel.send({"run": True}, self._ends)
            while True:
                said = self._channel.receive(self._ends)
                if "stepped" in said:
                    return from_plain(said["stepped"])
                if "step_raised" in said:
                    raised = rebuild(said["step_raised"])
                    raise raised
                self._reply(said)

        try:
            return {"plain": to_plain(self._ctx.step(name, do))}
        except ChannelError:
            raise
        except Exception as error:  # noqa: BLE001 - it is raised again where it was asked for
            return {
                "error": describe(error, with_traceback=False),
                "yours": error is raised,
            }

    def notice(self, said: Mapping[str, Any]) -> bool:
        """Take a log record or a refusal; whether it was one.

        Raises:
            BadFrame: there are far too many of them.
        """
        if "log" not in said and "refused" not in said:
            return False
        self._notices += 1
        if self._notices > _MOST_NOTICES:
            raise BadFrame(f"more than {_MOST_NOTICES} messages for the log in one call")
        if "log" in said:
            level, name, text, (file, line, function) = said["log"]
            logger = logging.getLogger(f"crossdock.plugin.{self._plugin_id}")
            if logger.isEnabledFor(level):
                shown = text if name == logger.name else f"{name}: {text}"
                logger.handle(
                    logger.makeRecord(
                        logger.name, level, file, line, "%s", (shown,), None, func=function
                    )
                )
        elif self._ctx is not None:
            self._ctx.refuse(str(said["refused"]), "in a process of its own")
        else:
            self.late.append(str(said["refused"]))
        return True
