"""What the guards of a point said together."""

from __future__ import annotations

from typing import Any

from attrs import frozen


@frozen(kw_only=True)
class Finding:
    """A veto, a warning, a note or a wanted approval, with the plugin that it came from.

    Attributes:
        field: where it belongs, dotted: `lines.0.quantity`; empty for the whole record.
        role: who may approve; only on a wanted approval.
    """

    plugin_id: str
    message: str
    code: str = ""
    field: str = ""
    role: str = ""


@frozen(kw_only=True)
class FieldChange:
    """One field that a guard changed; `field` is dotted."""

    field: str
    old: Any
    new: Any


@frozen(kw_only=True)
class Amendment:
    """What one guard changed, and why."""

    plugin_id: str
    reason: str
    changes: tuple[FieldChange, ...]


@frozen(kw_only=True)
class Fault:
    """A guard that failed.

    Attributes:
        message: what happened, for a person.
        closes: whether the failure stops what was asked for.
        remote: whether a remote system was away, rather than the plugin being broken.
        detail: the traceback, for a developer.
    """

    plugin_id: str
    message: str
    closes: bool
    remote: bool = False
    detail: str = ""


@frozen(kw_only=True)
class Verdict:
    """The answer of all guards of a point.

    Attributes:
        point: the extension point that was asked; empty where nothing had to be asked.
        record: the record with all amendments.
        notes: what guards tell without standing against anything.
        timings: plugin and seconds, in the order in which they were asked.
        unchecked: a remote system was away, so the record was not judged in full; a draft may be
            saved, but must show it (C7).
    """

    record: Any
    point: str = ""
    vetoes: tuple[Finding, ...] = ()
    approvals: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    faults: tuple[Fault, ...] = ()
    timings: tuple[tuple[str, float], ...] = ()
    unchecked: bool = False

    @property
    def allowed(self) -> bool:
        """Whether nothing stands against it."""
        return not (self.vetoes or self.approvals or any(fault.closes for fault in self.faults))

    @property
    def objections(self) -> tuple[Finding, ...]:
        """Everything that stands against it, as sentences for the user."""
        broken = tuple(
            Finding(plugin_id=fault.plugin_id, message=fault.message, code="plugin.fault")
            for fault in self.faults
            if fault.closes
        )
        return self.vetoes + self.approvals + broken
