"""What an extension point promises besides its signature, so that a machine can read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeAlias, TypeVar

from attrs import field, frozen
from pluggy import HookimplMarker, HookspecMarker

Kind: TypeAlias = Literal["view", "guard", "event", "job", "provider"]
Status: TypeAlias = Literal["v1", "provisional"]
_Spec = TypeVar("_Spec", bound=Callable[..., Any])

hookspec = HookspecMarker("crossdock")
hookimpl = HookimplMarker("crossdock")

POINTS: Final[dict[str, Point]] = {}
"""Every extension point by name, in the order in which they are declared."""

_DEADLINES: Final[Mapping[str, str]] = {"job": "event", "provider": "view"}


@frozen(kw_only=True)
class Point:
    """One extension point.

    Attributes:
        name: of the function that implements it.
        kind: what the host does with the answer.
        status: a `v1` point keeps its name, its arguments, their kinds and what is answered for as
            long as there is a v1; it may only grow arguments. A `provisional` one may change with
            a minor version.
        since: the first version that asked it.
        fails: of a guard, whether a plugin that itself fails stops the save (`closed`) or not
            (`open`), where the host's policy does not say otherwise.
        away: of a guard, what happens when a remote system is away: a draft is kept unchecked
            (`draft`), nothing passes whatever the policy (`closed`), or it counts as a failure.
        deprecated: the version since which it should not be used any more, and what to use.
        removed_in: the version that will not have it.
    """

    name: str
    kind: Kind
    status: Status
    since: str
    fails: Literal["open", "closed"] = "closed"
    away: Literal["draft", "closed", "failure"] = "failure"
    deprecated: str = ""
    removed_in: str = ""

    @property
    def deadline(self) -> str:
        """The setting under `[deadlines]` that bounds a call, without `_seconds`."""
        return _DEADLINES.get(self.kind, self.kind)


@frozen(kw_only=True)
class Deprecation:
    """What is deprecated, since when, and until when it works.

    Attributes:
        since: the version that deprecated it.
        removed_in: the version that will not have it.
        instead: what to write instead, as a sentence.
    """

    since: str
    removed_in: str
    instead: str = field(default="")

    def warning(self, what: str) -> DeprecationWarning:
        """Say it to whoever still implements it."""
        return DeprecationWarning(
            f"{what} is deprecated since {self.since} and gone in {self.removed_in}. "
            f"{self.instead}".rstrip()
        )


def point(
    kind: Kind,
    *,
    status: Status,
    since: str,
    fails: Literal["open", "closed"] = "closed",
    away: Literal["draft", "closed", "failure"] = "failure",
    deprecated: Deprecation | None = None,
    deprecated_arguments: Mapping[str, Deprecation] | None = None,
    into: dict[str, Point] = POINTS,
) -> Callable[[_Spec], _Spec]:
    """Declare an extension point.

    Args:
        kind: see `Point`.
        status: see `Point`.
        since: see `Point`.
        fails: see `Point`.
        away: see `Point`.
        deprecated: where nobody should implement it any more; who does is told by pluggy.
        deprecated_arguments: the same for single arguments.
        into: where the point is noted.
    """

    def declare(function: _Spec) -> _Spec:
        name = function.__name__
        into[name] = Point(
            name=name,
            kind=kind,
            status=status,
            since=since,
            fails=fails,
            away=away,
            deprecated=f"{deprecated.since}: {deprecated.instead}" if deprecated else "",
            removed_in=deprecated.removed_in if deprecated else "",
        )
        return hookspec(
            function,
            firstresult=kind == "provider",
            warn_on_impl=deprecated.warning(name) if deprecated else None,
            warn_on_impl_args={
                argument: each.warning(f"the argument {argument} of {name}")
                for argument, each in (deprecated_arguments or {}).items()
            },
        )

    return declare
