"""One rule: which calls go wrong, and how."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Final, Literal

import attrs

from crossdock_mocks.engine.faults.kinds import KINDS, READS, TIMEOUTS, TOKENS, WEBHOOKS, Kind

DAY: Final = 86_400.0
_PATIENCE: Final = 300.0

Moment = datetime | float
"""An instant, or so many seconds after the rule was armed, by the world's clock."""


def _moment(value: Any) -> Moment | None:
    if value is None or isinstance(value, datetime):
        at = value
    elif isinstance(value, str):
        at = datetime.fromisoformat(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    else:
        raise ValueError(f"{value!r} is neither an instant nor a number of seconds")
    if at is not None and at.tzinfo is None:
        raise ValueError(f"{value} has no offset from UTC; write it with a Z at its end")
    return at


def _status(fault: Fault) -> int:
    return 429 if fault.kind == "quota" else 503


def _seconds(fault: Fault) -> float:
    return _PATIENCE if fault.kind in TIMEOUTS else 0.0


@attrs.frozen
class Asked:
    """What a rule may look at in a call.

    Attributes:
        operation: Operation id; for a webhook, the event.
        method: Upper-case method.
        path: Path as sent.
        tags: Tags of the operation.
        credential: Digest of the credential that came, if one did.
        follows: Whether a page of the same list was answered before, with another query.
        webhook: Whether this is a webhook that goes out.
    """

    operation: str
    method: str = "GET"
    path: str = ""
    tags: tuple[str, ...] = ()
    credential: str | None = None
    follows: bool = False
    webhook: bool = False


@attrs.frozen
class Fault:
    """One rule. What it leaves out, it does not ask for.

    Attributes:
        kind: What goes wrong.
            `latency_before`: the request waits `seconds` before anything happens.
            `latency_after_commit`: the work is done and kept, the answer comes `seconds` late.
            `timeout_before`: nothing happens, and no answer comes while the client waits.
            `timeout_after_commit`: the work is done and kept, and no answer comes.
            `status`: nothing happens, the answer is this status.
            `status_after_commit`: the work is done and kept, the answer is this status.
            `quota`: after `limit` calls in a `period` the answer is 429 until the period ends.
            `drop_before`: nothing happens, the connection is cut without an answer.
            `drop_after_commit`: the work is done and kept, the connection is cut.
            `half_body`: the work is done and kept, the connection is cut within the body.
            `wrong_content_type`: the answer is labelled as `content_type`.
            `malformed_json`: the answer's JSON breaks off, in a body of the right length.
            `expired_token`, `revoked_token`: the credential that came is good no more, for this
            call and for all later ones.
            `stale_read`: a GET is answered from the state `behind` commits ago.
            `shifting_page`: while the client walked, a row of this page moved to the front: the
            last row of the page before comes again, and the moved one is never seen.
            `clock_skew`: the system's clock is wrong by `seconds` for this call: its `Date`, and
            every instant that it writes.
            `schema_drift`: `field` is renamed (`to` a name), retyped (`to` a type) or removed,
            wherever it stands in the answer.
            `webhook_duplicate`, `webhook_late` (by `seconds`), `webhook_out_of_order` (sent after
            the one that follows it): of webhooks, by `event`.
        operation: The operation it applies to; `*` and `?` as in file names.
        tag: Tag of the operation, with the same wildcards.
        path: Path as sent, with the same wildcards.
        method: Method.
        world: Name of the world, with the same wildcards.
        event: Event of a webhook, with the same wildcards.
        nth: Only the nth call (from 1), counted from when the rule was added.
        every: Each so-many-th call.
        probability: Share of the calls, from 0 to 1, drawn from the plan's seed and the world's
            name: the same in each run.
        since: From when on; see `Moment`.
        until: Until when, exclusive.
        times: How often it may strike; `None` without limit.
        seconds: How long a wait lasts, or how wrong the clock is.
        status: The status to answer; 503, for a quota 429.
        retry_after: Seconds for the `Retry-After` header of a status.
        limit: Calls that a quota allows.
        period: Seconds after which a quota begins anew, from midnight UTC; a day.
        content_type: What the answer is said to be.
        behind: How many commits a stale read is late.
        change: What happens to `field`: `rename`, `retype` or `remove`.
        field: Name of a member, at any depth of the answer.
        to: The new name, or `string`, `number`, `boolean`, `array`, `object` or `null`.
    """

    kind: Kind = attrs.field(validator=attrs.validators.in_(KINDS))
    operation: str | None = None
    nth: int | None = None
    every: int | None = None
    times: int | None = None
    seconds: float = attrs.Factory(_seconds, takes_self=True)
    status: int = attrs.Factory(_status, takes_self=True)
    retry_after: int | None = None
    tag: str | None = attrs.field(default=None, kw_only=True)
    path: str | None = attrs.field(default=None, kw_only=True)
    method: str | None = attrs.field(default=None, kw_only=True)
    world: str | None = attrs.field(default=None, kw_only=True)
    event: str | None = attrs.field(default=None, kw_only=True)
    probability: float | None = attrs.field(default=None, kw_only=True)
    since: Moment | None = attrs.field(default=None, kw_only=True, converter=_moment)
    until: Moment | None = attrs.field(default=None, kw_only=True, converter=_moment)
    limit: int | None = attrs.field(default=None, kw_only=True)
    period: float = attrs.field(default=DAY, kw_only=True)
    content_type: str = attrs.field(default="text/html", kw_only=True)
    behind: int = attrs.field(default=1, kw_only=True)
    change: Literal["rename", "retype", "remove"] | None = attrs.field(default=None, kw_only=True)
    field: str | None = attrs.field(default=None, kw_only=True)
    to: str | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        for complaint in self._complaints():
            raise ValueError(complaint)

    def _complaints(self) -> list[str]:
        found = [
            f"{name} counts from 1, not {value}"
            for name in ("nth", "every", "times", "limit", "behind")
            if (value := getattr(self, name)) is not None and value < 1
        ]
        if sum(each is not None for each in (self.nth, self.every, self.probability)) > 1:
            found.append("give one of nth, every and probability")
        if self.probability is not None and not 0 < self.probability <= 1:
            found.append(f"probability is above 0 and at most 1, not {self.probability}")
        waits = (*TIMEOUTS, "latency_before", "latency_after_commit", "webhook_late")
        if self.kind in waits and self.seconds <= 0:
            found.append(f"{self.kind} needs seconds above 0")
        if self.kind == "clock_skew" and not self.seconds:
            found.append("clock_skew needs seconds, above or below 0")
        if not 400 <= self.status <= 599:
            found.append(f"a fault answers 400 to 599, not {self.status}")
        if self.period <= 0:
            found.append("period is a number of seconds above 0")
        if (self.kind == "quota") != (self.limit is not None):
            found.append("a quota needs a limit, and nothing else has one")
        if self.event is not None and self.kind not in WEBHOOKS:
            found.append("event is of webhooks; a call has an operation, a path or a tag")
        if self.kind in WEBHOOKS and (self.operation or self.path or self.tag or self.method):
            found.append(f"{self.kind} is told by its event, not by an operation")
        return [*found, *self._drift_complaints()]

    def _drift_complaints(self) -> list[str]:
        if self.kind != "schema_drift":
            given = self.change or self.field or self.to
            return ["change, field and to are of schema_drift"] if given else []
        if self.change is None or not self.field:
            return ["schema_drift needs change (rename, retype or remove) and field"]
        if (self.change == "remove") == (self.to is not None):
            return ["to is the new name or type; a removed field has none"]
        if self.change == "retype" and self.to not in TYPES:
            return [f"a field is retyped to one of {', '.join(TYPES)}, not {self.to}"]
        return []

    def meets(self, asked: Asked, world: str) -> bool:
        """Whether a call is one of those that this rule counts."""
        if (self.kind in WEBHOOKS) != asked.webhook:
            return False
        if self.kind in READS and asked.method != "GET":
            return False
        if self.kind == "shifting_page" and not asked.follows:
            return False
        if self.kind in TOKENS and asked.credential is None:
            return False
        return (
            _like(self.operation, asked.operation)
            and (self.event is None or fnmatchcase(asked.operation, self.event))
            and _like(self.path, asked.path)
            and (self.method is None or self.method.upper() == asked.method)
            and _like(self.world, world)
            and (self.tag is None or any(fnmatchcase(each, self.tag) for each in asked.tags))
        )

    def within(self, now: datetime, armed: datetime) -> bool:
        """Whether an instant lies in the rule's window."""
        return (self.since is None or _at(self.since, armed) <= now) and (
            self.until is None or now < _at(self.until, armed)
        )

    def told(self) -> dict[str, Any]:
        """The rule as plain data: what was asked for, and no more."""
        plain = attrs.asdict(self)
        for name in ("since", "until"):
            if isinstance(plain[name], datetime):
                plain[name] = plain[name].astimezone(UTC).isoformat()
        return {
            name: value
            for name, value in plain.items()
            if name in _ALWAYS or value != _DEFAULTS.get(name)
        }

    def reason(self) -> str:
        """What goes wrong, in a few words."""
        if self.kind in ("status", "status_after_commit", "quota"):
            return f"{self.kind} {self.status}"
        if self.kind == "schema_drift":
            how = {"rename": f"renamed to {self.to}", "retype": f"made a {self.to}"}
            return f"schema_drift: {self.field} {how.get(self.change or '', 'removed')}"
        if self.kind == "clock_skew":
            return f"clock_skew {self.seconds:+g} s"
        return self.kind


TYPES: Final = ("string", "number", "boolean", "array", "object", "null")

_ALWAYS: Final = ("kind", "operation", "status", "seconds")
_DEFAULTS: Final[Mapping[str, Any]] = {
    each.name: each.default for each in attrs.fields(Fault) if each.default is not attrs.NOTHING
}


def _like(pattern: str | None, text: str) -> bool:
    return pattern is None or pattern == text or fnmatchcase(text, pattern)


def _at(moment: Moment, armed: datetime) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime.fromtimestamp(armed.timestamp() + moment, UTC)
