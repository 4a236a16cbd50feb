"""What people change in both systems, written down so that policies can be tried on it later.

A recording is the file of changes that a rehearsal takes. Its first lines say what the pairs of
accounts and customers have when it begins; each later run reads both change feeds from where the
run before left them, reads what they tell of, and adds what is different from what the file says.
The file is all that it needs: a line says how far the feeds were read, and what a run was killed
over is left off at the next one.

What this host wrote itself is what the policy of that time did, and no change to try another one
on. It is recorded as such, where the system tells who wrote, and not played.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field, frozen

from crossdock.connectors.calling import calling_as
from crossdock.errors import ConfigError
from crossdock.host.initial_load.deciding import record_of
from crossdock.host.sync_rehearsal.staging import named_system, staged
from crossdock.rules.ownership import Side, account_side, customer_side
from crossdock.synchronising.keeping import kept_by, there

if TYPE_CHECKING:
    from crossdock.host import Host
    from crossdock.host.initial_load.reading import Tell
    from crossdock.ports import CrmPort, ErpPort
    from crossdock.records import Change

_PAGE: Final = 200
_AT_ONCE: Final = 100
_ENTITIES: Final = ("account", "trading_account")

Line = dict[str, Any]


@frozen(kw_only=True)
class Recorded:
    """What one run added.

    Attributes:
        begun: whether the file was begun.
        pairs: that it begins with.
        changes: by people, or by whom nobody knows.
        own: by this host.
        gone: records that the feeds told of and that are not there any more; they are left out.
        silent: systems that do not tell who wrote.
    """

    begun: bool = False
    pairs: int = 0
    changes: int = 0
    own: int = 0
    gone: int = 0
    silent: tuple[str, ...] = ()


@define
class _Known:
    """What a file says until its last whole run."""

    read_to: dict[str, str] = field(factory=dict)
    values: dict[tuple[str, str], dict[str, str]] = field(factory=dict)
    length: int = 0  # bytes


class Recording:
    """One file, and the two systems that it follows."""

    def __init__(self, host: Host, file: Path, system: str = "") -> None:
        """Make it.

        Raises:
            ConfigError: there is no such ERP.
        """
        self._host = host
        self._file = file
        self._crm: CrmPort = host.crm
        self._erp: ErpPort = host.erp.using(named_system(host, system))

    def run(self, tell: Tell = lambda _step: None) -> Recorded:
        """Begin the file, or add what changed since the last run.

        Raises:
            ConfigError: the file is no recording of these two systems.
            RemoteError: a system did not answer; the file is as it was.
        """
        known = self._read()
        with calling_as("crossdock-recording"):
            silent = tuple(port.system for port in (self._crm, self._erp) if not port.writes_as())
            if known is None:
                # First, so that what changes while the lists are read is read once more.
                read_to = {port.system: _end(port) for port in (self._crm, self._erp)}
                lines = list(self._pairs(tell))
                self._write(lines, read_to, at=0)
                return Recorded(begun=True, pairs=len(lines), silent=silent)
            gone = 0
            found: list[tuple[datetime, Line]] = []
            read_to = {}
            for port in (self._crm, self._erp):
                changes, read_to[port.system] = _since(port, known.read_to[port.system])
                for change in changes:
                    side = self._side(change)
                    gone += side is None
                    if side and (line := self._line(change, side, port.writes_as(), known)):
                        found.append((change.at, line))
        lines = [line for _, line in sorted(found, key=lambda each: each[0])]
        self._write(lines, read_to, at=known.length)
        own = sum(1 for line in lines if line.get("own"))
        return Recorded(changes=len(lines) - own, own=own, gone=gone, silent=silent)

    def _pairs(self, tell: Tell) -> Iterator[Line]:
        """Give what all that are linked have now; of others a change tells all when it comes."""
        links = [
            link
            for link in self._host.store.links.of_crm(self._crm.system)
            if link.erp_system == self._erp.system and link.default and not link.lost
        ]
        with staged(self._host, self._erp.system, tell) as (rows, load):
            for first in range(0, len(links), _AT_ONCE):
                piece = links[first : first + _AT_ONCE]
                accounts = rows.some(load.id, "crm", [each.account_id for each in piece])
                customers = rows.some(load.id, "erp", [each.customer_id for each in piece])
                for link in piece:
                    account = accounts.get(link.account_id)
                    customer = customers.get(link.customer_id)
                    if account is not None and customer is not None:
                        yield {
                            "pair": [link.account_id, link.customer_id],
                            "crm": dict(self._of(record_of(account), in_crm=True).values),
                            "erp": dict(self._of(record_of(customer), in_crm=False).values),
                        }

    def _side(self, change: Change) -> Side | None:
        """Read the record of a change; `None` where it is not there any more."""
        in_crm = change.entity == "account"
        read: Callable[[str], Any] = self._crm.account if in_crm else self._erp.customer
        record = None if change.action == "deleted" else there(read, change.id)
        return None if record is None else self._of(record, in_crm=in_crm)

    def _of(self, record: Any, *, in_crm: bool) -> Side:
        if in_crm:
            return account_side(record, self._crm.system, kept_by(self._crm, "account"))
        return customer_side(record, kept_by(self._erp, "trading_account"))

    def _line(self, change: Change, side: Side, me: str, known: _Known) -> Line | None:
        before = known.values.get((side.system, side.id), {})
        values = {
            name: value for name, value in side.values.items() if before.get(name, "") != value
        }
        if not values:
            return None
        by = change.by or side.changed_by
        line: Line = {
            "at": change.at.isoformat(),
            "system": side.system,
            "id": side.id,
            "by": by,
            "values": values,
        }
        if other := self._other(side):
            line["of"] = other
        if me and by == me:
            line["own"] = True
        return line

    def _other(self, side: Side) -> str:
        """Give the id of the record that it is linked with."""
        links = self._host.store.links
        if side.system != self._crm.system:
            link = links.of_customer(side.system, side.id)
            return link.account_id if link else ""
        mine = links.of_account(side.system, side.id)
        return next((e.customer_id for e in mine if e.erp_system == self._erp.system), "")

    # The file.

    def _read(self) -> _Known | None:
        try:
            content = self._file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigError(f"{self._file} cannot be read: {error}") from None
        known, length = _Known(), 0
        waiting: list[Line] = []
        for written in content.splitlines(keepends=True):
            length += len(written)
            line = _parsed(written)
            if line is None:
                continue  # a run that was killed over it; what it told is read once more
            if "read_to" not in line:
                waiting.append(line)
                continue
            known.read_to, known.length = dict(line["read_to"]), length
            for each in waiting:
                _apply(known, each, self._crm.system, self._erp.system)
            waiting.clear()
        if set(known.read_to) != {self._crm.system, self._erp.system}:
            raise ConfigError(
                f"{self._file} is no recording of {self._crm.system} and {self._erp.system}: "
                "name a file that is not there yet, to begin one"
            )
        return known

    def _write(self, lines: list[Line], read_to: Mapping[str, str], *, at: int) -> None:
        texts = [json.dumps(each, ensure_ascii=False) for each in (*lines, {"read_to": read_to})]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("r+b" if at else "wb") as stream:
            stream.truncate(at)
            stream.seek(at)
            stream.write("".join(f"{text}\n" for text in texts).encode())
            stream.flush()
            os.fsync(stream.fileno())


def _parsed(written: bytes) -> Line | None:
    try:
        line = json.loads(written)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def _apply(known: _Known, line: Line, crm: str, erp: str) -> None:
    if "pair" in line:
        for system, record_id, side in zip((crm, erp), line["pair"], ("crm", "erp"), strict=True):
            known.values[system, record_id] = dict(line[side])
    else:
        known.values.setdefault((line["system"], line["id"]), {}).update(line["values"])


def _end(port: CrmPort | ErpPort) -> str:
    """Read a feed to its end, whatever it tells."""
    cursor: str | None = None
    while True:
        piece = port.changes(cursor, limit=_PAGE)
        cursor = piece.cursor
        if not piece.more:
            return cursor


def _since(port: CrmPort | ErpPort, cursor: str) -> tuple[list[Change], str]:
    """Give the last change of each account or customer since then, and where the feed stands."""
    last: dict[str, Change] = {}
    while True:
        piece = port.changes(cursor, limit=_PAGE)
        last |= {each.id: each for each in piece.changes if each.entity in _ENTITIES}
        cursor = piece.cursor
        if not piece.more:
            return list(last.values()), cursor
