"""How often each plugin was called at each point, how it went, and how long it took.

Always on, so it costs a guard next to nothing: what was measured is put into a queue (one atomic
append, no lock) and added up when the queue is long, when a call was slow, or when somebody looks.
"""

from __future__ import annotations

import logging
import math
import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal

from attrs import frozen

from crossdock import tracing

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter

    from crossdock.host.asking.verdict import Fault, Finding

Outcome = Literal["ok", "veto", "fault", "away"]

BUCKETS: Final = (
    0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
    0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
)  # fmt: skip
"""Upper bounds of the histogram, in seconds."""

SLOW_SHARE: Final = 0.5
SLOW_CALLS: Final = 3
_REMEMBERED: Final = 512  # durations by plugin and point, for percentiles
_QUEUED: Final = 256
_log = logging.getLogger("crossdock.telemetry")

# point, seconds allowed, (plugin, seconds) of each, outcome by plugin where it was not "ok"
_Heard = tuple[str, float, Sequence[tuple[str, float]], Mapping[str, Outcome]]
_ALL_WELL: Final[Mapping[str, Outcome]] = {}


@frozen(kw_only=True)
class PointStatistics:
    """What one plugin did at one point, since the process began.

    Attributes:
        faults: calls in which the plugin itself failed.
        vetoes: calls in which it said no, which is a business answer.
        away: calls that a remote system kept it from answering.
        total_seconds: of all calls.
        longest_seconds: of any call.
        median_seconds, p95_seconds, p99_seconds: of the last 512 calls.
        slow: calls that took more than the slow share of what was allowed.
        allowed_seconds: the point's deadline; infinite where there is none.
        buckets: how many calls took at most as long as each of `BUCKETS`, and infinity.
    """

    plugin_id: str
    point: str
    calls: int
    faults: int
    vetoes: int
    away: int
    total_seconds: float
    longest_seconds: float
    median_seconds: float
    p95_seconds: float
    p99_seconds: float
    slow: int
    allowed_seconds: float
    buckets: tuple[int, ...]


@frozen(kw_only=True)
class PortStatistics:
    """How often one plugin called one operation of a port.

    Attributes:
        operation: such as `erp.open_invoices`.
        faults: calls that raised, refusals by the gateway included.
    """

    plugin_id: str
    operation: str
    calls: int
    faults: int
    total_seconds: float


@frozen(kw_only=True)
class TelemetrySnapshot:
    """Everything that was counted, at one moment; slowest plugins first."""

    points: tuple[PointStatistics, ...]
    ports: tuple[PortStatistics, ...]


class Telemetry:
    """Counts and times the calls of plugins; any number of threads may use it at once.

    Args:
        slow_share: a call that takes more than this share of its deadline is slow.
        slow_calls: so many slow calls in a row are warned of.
        report: takes each warning: plugin, point, seconds, seconds allowed, slow calls in a row.
    """

    def __init__(
        self,
        *,
        slow_share: float = SLOW_SHARE,
        slow_calls: int = SLOW_CALLS,
        report: Callable[[str, str, float, float, int], None] | None = None,
    ) -> None:
        self._report: Final = report
        self._slow_share: Final = slow_share
        self._slow_calls: Final = slow_calls
        self._queue: Final[deque[_Heard]] = deque()
        self._ports_queue: Final[deque[tuple[str, str, float, bool]]] = deque()
        self._adding_up: Final = threading.Lock()
        self._series: Final[dict[tuple[str, str], _Series]] = {}
        self._ports: Final[dict[tuple[str, str], _Port]] = {}
        self._instruments: _Instruments | None = None

    def guards(
        self,
        point: str,
        timings: Sequence[tuple[str, float]],
        *,
        faults: Sequence[Fault],
        vetoes: Sequence[Finding],
        seconds: float,
        allowed: float,
    ) -> None:
        """Take what the guards of one call took.

        Args:
            point: the extension point.
            timings: plugin and seconds of each.
            faults: as a verdict has them.
            vetoes: as a verdict has them.
            seconds: what the whole call took.
            allowed: what it may take.
        """
        outcomes = _ALL_WELL
        if faults or vetoes:
            said: dict[str, Outcome] = dict.fromkeys((each.plugin_id for each in vetoes), "veto")
            for fault in faults:
                said[fault.plugin_id] = "away" if fault.remote else "fault"
            outcomes = said
        self._queue.append((point, allowed, timings, outcomes))
        if len(self._queue) > _QUEUED or seconds > self._slow_share * allowed or _metered():
            self._add_up()

    def observe(
        self,
        point: str,
        plugin_id: str,
        seconds: float,
        outcome: Outcome = "ok",
        *,
        allowed: float = math.inf,
    ) -> None:
        """Take what one call of one plugin took.

        Args:
            point: the extension point, or `tab <plugin>/<tab>`.
            plugin_id: whose code it was.
            seconds: how long it took.
            outcome: how it went; a veto is a business answer, a fault never is.
            allowed: how long it may take.
        """
        outcomes = _ALL_WELL if outcome == "ok" else {plugin_id: outcome}
        self._queue.append((point, allowed, ((plugin_id, seconds),), outcomes))
        if len(self._queue) > _QUEUED or seconds > self._slow_share * allowed or _metered():
            self._add_up()

    def port(self, plugin_id: str, operation: str, seconds: float, failed: bool = False) -> None:
        """Take what one call of a port took, such as `erp.open_invoices`."""
        self._ports_queue.append((plugin_id, operation, seconds, failed))
        if len(self._ports_queue) > _QUEUED or _metered():
            self._add_up()

    def snapshot(self) -> TelemetrySnapshot:
        """Give everything that was counted so far."""
        self._add_up()
        with self._adding_up:
            points = tuple(series.statistics() for series in self._series.values())
            ports = tuple(port.statistics() for port in self._ports.values())
        return TelemetrySnapshot(
            points=tuple(sorted(points, key=lambda each: -each.p95_seconds)),
            ports=tuple(sorted(ports, key=lambda each: (each.plugin_id, each.operation))),
        )

    def _add_up(self) -> None:
        told: list[tuple[_Series, float]] = []
        with self._adding_up:
            meter = tracing.meter()
            if meter is not None and self._instruments is None:
                self._instruments = _Instruments(meter)
            heard = [self._queue.popleft() for _ in range(len(self._queue))]
            if self._instruments is not None:
                for point, _, timings, outcomes in heard:
                    for plugin_id, seconds in timings:
                        outcome = outcomes.get(plugin_id, "ok")
                        self._instruments.call(plugin_id, point, seconds, outcome)
            for (point, allowed), calls in _grouped(heard).items():
                for plugin_id, (durations, unusual) in calls.items():
                    series = self._series.get((plugin_id, point))
                    if series is None:
                        series = self._series[plugin_id, point] = _Series(plugin_id, point)
                    series.allowed = allowed
                    told.extend(self._add(series, durations, unusual))
            while self._ports_queue:
                plugin_id, operation, seconds, failed = self._ports_queue.popleft()
                port = self._ports.setdefault((plugin_id, operation), _Port(plugin_id, operation))
                port.add(seconds, failed=failed)
                if self._instruments is not None:
                    self._instruments.port(plugin_id, operation, failed=failed)
        for series, seconds in told:
            _log.warning(
                "the plugin %s is slow: %.3g s of the %.3g s that %s may take, and so %d times in "
                "a row",
                series.plugin_id,
                seconds,
                series.allowed,
                series.point,
                series.slow_in_a_row,
                extra={"plugin": series.plugin_id, "point": series.point, "seconds": seconds},
            )
            if self._report is not None:
                self._report(
                    series.plugin_id, series.point, seconds, series.allowed, series.slow_in_a_row
                )

    def _add(
        self, series: _Series, durations: Sequence[float], outcomes: Sequence[Outcome]
    ) -> Iterable[tuple[_Series, float]]:
        """Add the calls of one plugin up; gives the series where it is to be warned of."""
        series.add(durations, outcomes)
        slow_from = self._slow_share * series.allowed
        if max(durations) <= slow_from:
            series.slow_in_a_row = 0
            return
        for seconds in durations:
            if seconds <= slow_from:
                series.slow_in_a_row = 0
                continue
            series.slow += 1
            series.slow_in_a_row += 1
            # Told once when it has become a habit, and then each time that it has doubled.
            habit, rest = divmod(series.slow_in_a_row, self._slow_calls)
            if not rest and habit & (habit - 1) == 0:
                yield series, seconds


def _grouped(
    heard: Sequence[_Heard],
) -> dict[tuple[str, float], dict[str, tuple[list[float], list[Outcome]]]]:
    """Gather durations and unusual outcomes by point, deadline and plugin."""
    grouped: dict[tuple[str, float], dict[str, tuple[list[float], list[Outcome]]]] = {}
    for point, allowed, timings, outcomes in heard:
        calls = grouped.setdefault((point, allowed), {})
        for plugin_id, seconds in timings:
            try:
                calls[plugin_id][0].append(seconds)
            except KeyError:
                calls[plugin_id] = ([seconds], [])
        if outcomes:
            for plugin_id, outcome in outcomes.items():
                if plugin_id in calls:
                    calls[plugin_id][1].append(outcome)
    return grouped


def _metered() -> bool:
    return tracing.meter() is not None


class _Series:
    """What one plugin did at one point."""

    __slots__ = (
        "allowed", "away", "buckets", "calls", "faults", "longest", "plugin_id", "point", "recent",
        "slow", "slow_in_a_row", "total", "vetoes",
    )  # fmt: skip

    def __init__(self, plugin_id: str, point: str) -> None:
        self.plugin_id = plugin_id
        self.point = point
        self.calls = self.faults = self.vetoes = self.away = self.slow = self.slow_in_a_row = 0
        self.total = self.longest = 0.0
        self.allowed = math.inf
        self.recent: deque[float] = deque(maxlen=_REMEMBERED)
        self.buckets = [0] * (len(BUCKETS) + 1)

    def add(self, durations: Sequence[float], outcomes: Sequence[Outcome]) -> None:
        """Add calls up; `outcomes` has only those that were not well."""
        self.calls += len(durations)
        if outcomes:
            self.faults += outcomes.count("fault")
            self.vetoes += outcomes.count("veto")
            self.away += outcomes.count("away")
        self.total += sum(durations)
        self.recent.extend(durations)
        ordered = sorted(durations)
        self.longest = max(self.longest, ordered[-1])
        below = 0
        for place, bound in enumerate(BUCKETS):
            upto = bisect_right(ordered, bound, below)
            self.buckets[place] += upto - below
            below = upto
            if below == len(ordered):
                return
        self.buckets[-1] += len(ordered) - below

    def statistics(self) -> PointStatistics:
        ordered = sorted(self.recent)
        below = 0
        cumulated = [below := below + count for count in self.buckets]
        return PointStatistics(
            plugin_id=self.plugin_id,
            point=self.point,
            calls=self.calls,
            faults=self.faults,
            vetoes=self.vetoes,
            away=self.away,
            total_seconds=self.total,
            longest_seconds=self.longest,
            median_seconds=_quantile(ordered, 0.5),
            p95_seconds=_quantile(ordered, 0.95),
            p99_seconds=_quantile(ordered, 0.99),
            slow=self.slow,
            allowed_seconds=self.allowed,
            buckets=tuple(cumulated),
        )


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Give the nearest-rank quantile; nothing was measured for an empty sequence, so zero."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


class _Port:
    """How often one plugin called one operation."""

    __slots__ = ("calls", "faults", "operation", "plugin_id", "total")

    def __init__(self, plugin_id: str, operation: str) -> None:
        self.plugin_id = plugin_id
        self.operation = operation
        self.calls = self.faults = 0
        self.total = 0.0

    def add(self, seconds: float, *, failed: bool) -> None:
        self.calls += 1
        self.faults += failed
        self.total += seconds

    def statistics(self) -> PortStatistics:
        return PortStatistics(
            plugin_id=self.plugin_id,
            operation=self.operation,
            calls=self.calls,
            faults=self.faults,
            total_seconds=self.total,
        )


class _Instruments:
    """The same as OpenTelemetry's metrics, where somebody configured those."""

    def __init__(self, meter: Meter) -> None:
        self._calls = meter.create_counter(
            "crossdock.plugin.calls", "{call}", "Calls of plugins, by point and outcome"
        )
        self._faults = meter.create_counter(
            "crossdock.plugin.faults", "{call}", "Calls in which a plugin failed"
        )
        self._vetoes = meter.create_counter(
            "crossdock.plugin.vetoes", "{call}", "Calls in which a plugin said no"
        )
        self._duration = meter.create_histogram(
            "crossdock.plugin.duration",
            "s",
            "How long calls of plugins took",
            explicit_bucket_boundaries_advisory=BUCKETS,
        )
        self._ports = meter.create_counter(
            "crossdock.port.calls", "{call}", "Calls of ports, by plugin and operation"
        )

    def call(self, plugin_id: str, point: str, seconds: float, outcome: Outcome) -> None:
        about = {"crossdock.plugin.id": plugin_id, "crossdock.point": point}
        self._calls.add(1, {**about, "crossdock.outcome": outcome})
        self._duration.record(seconds, about)
        if outcome == "fault":
            self._faults.add(1, about)
        elif outcome == "veto":
            self._vetoes.add(1, about)

    def port(self, plugin_id: str, operation: str, *, failed: bool) -> None:
        self._ports.add(
            1,
            {
                "crossdock.plugin.id": plugin_id,
                "crossdock.operation": operation,
                "crossdock.outcome": "fault" if failed else "ok",
            },
        )
