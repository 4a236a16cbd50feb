"""How likely an opportunity is won: providers are asked in order, and the first answer counts."""

from __future__ import annotations

import time
import traceback
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from crossdock.host.asking.calls import Calls
from crossdock.host.asking.context import given_to
from crossdock.host.asking.offers import MakeContext, sentence, tell
from crossdock.host.asking.verdict import Fault
from crossdock.host.gateway import Arguments
from crossdock.host.loading.plan import Implementation
from crossdock.records import Opportunity, User
from crossdock.views import Score

_POINT: Final = "score_opportunity"


@frozen(kw_only=True)
class Scored:
    """What the providers said.

    Attributes:
        score: the first answer; `None` where nobody had one.
        plugin_id: whose it is.
        faults: the providers that failed before; the next was asked in their place.
        seconds: how long it took.
    """

    score: Score | None
    seconds: float
    plugin_id: str = ""
    faults: tuple[Fault, ...] = ()


def score_opportunity(calls: Calls, opportunity: Opportunity, user: str | User) -> Scored:
    """Ask for a score; see `Host.score_opportunity`."""
    context = calls.view(_POINT, calls.user(user))
    started = time.perf_counter()
    faults: list[Fault] = []
    with calls.lease() as snapshot:
        for implementation in snapshot.plan.of(_POINT):
            score = _ask(implementation, opportunity, context, faults)
            if score is not None:
                return Scored(
                    score=score,
                    plugin_id=implementation.plugin.id,
                    faults=tuple(faults),
                    seconds=time.perf_counter() - started,
                )
    return Scored(score=None, faults=tuple(faults), seconds=time.perf_counter() - started)


def _ask(
    implementation: Implementation,
    opportunity: Opportunity,
    context: MakeContext,
    faults: list[Fault],
) -> Score | None:
    """Ask one provider; a failure is noted, and is no answer."""
    plugin_id = implementation.plugin.id
    ctx = context(implementation.plugin)
    try:
        given = given_to(ctx, Arguments({"opportunity": opportunity}))
        answer = implementation.function(*implementation.pick(given))
        return None if answer is None else _checked(answer)
    except Exception as raised:  # noqa: BLE001 - the boundary to foreign code
        fault = sentence(plugin_id, raised)
        tell(plugin_id, f"{_POINT} of {plugin_id}", raised, fault)
        detail = "".join(traceback.format_exception(raised))
        faults.append(Fault(plugin_id=plugin_id, message=fault, closes=False, detail=detail))
        return None
    finally:
        ctx.close()


def _checked(answer: object) -> Score:
    if not isinstance(answer, Score):
        raise TypeError(f"{_POINT} must answer a Score or None, not {type(answer).__name__}")
    probability: Any = answer.probability
    if not (isinstance(probability, Decimal) and 0 <= probability <= 1):
        raise ValueError(f"a probability is a Decimal from 0 to 1, not {probability!r}")
    return answer
