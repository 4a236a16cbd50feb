"""A view that says of each figure when it was really read (A12).

A plugin states when its figures count from: now, or a day. Where a part of them was read a moment
before the view was made, now would not be true, so the host puts the instant in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from attrs import evolve

from crossdock.views import Component, Provenance, View


def dated(view: View, read_when: Mapping[str, datetime]) -> View:
    """Give a view with the instants at which its figures were read.

    Args:
        view: as the plugin rendered it.
        read_when: by system, the earliest instant at which something was read of it that this view
            was made of, where that was before the view began.
    """
    if not read_when:
        return view
    return View([_component(component, read_when) for component in view.components])


def _component(component: Component, read_when: Mapping[str, datetime]) -> Component:
    provenance = getattr(component, "provenance", None)
    if not isinstance(provenance, Provenance):
        return component
    systems = [system.strip() for system in provenance.source.split(",")]
    instants = [read_when[system] for system in systems if system in read_when]
    if not instants:
        return component
    return cast(
        Component, evolve(cast(Any, component), provenance=_read_at(provenance, min(instants)))
    )


def _read_at(provenance: Provenance, instant: datetime) -> Provenance:
    if isinstance(provenance.as_of, datetime):
        return evolve(provenance, as_of=min(provenance.as_of, instant))
    # The figures count as of a day of their own choosing; what they are made of was read then.
    read = f"read at {instant:%H:%M:%S} UTC"
    return evolve(provenance, note=f"{provenance.note}; {read}" if provenance.note else read)
