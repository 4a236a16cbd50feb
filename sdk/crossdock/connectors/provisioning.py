"""What a remote system must have for us before it can be worked with.

Some systems have places of their own for all that the port names; others must be given them first:
custom properties, fields, objects. A connector of such a system has an attribute `provisioning`.
`crossdock doctor` tells what is missing, and `crossdock provision` makes it when it is asked to.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from attrs import frozen


@frozen(kw_only=True)
class Lacking:
    """One thing that a system lacks.

    Attributes:
        name: what it is called there.
        problem: what is wrong with one that is there; empty where there is none.
        makeable: whether `provision` makes it; otherwise a person has to.
    """

    name: str
    problem: str = ""
    makeable: bool = True


@runtime_checkable
class Provisioning(Protocol):
    """Finds and makes what a system lacks."""

    def lacking(self) -> tuple[Lacking, ...]:
        """Name what is missing or unfit; nothing is changed."""

    def provision(self) -> tuple[str, ...]:
        """Make what is missing; gives the names of what was made. Again, it makes nothing."""
