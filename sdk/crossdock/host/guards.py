"""Ask the guards of a point, one after the other.

Amendments chain: the next guard sees the amended record. A veto hides nobody else's reasons, and a
guard that fails is a fault of its plugin, never an answer.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs

from crossdock.decisions import Amend, Proceed, RequireApproval, Veto, Warn
from crossdock.errors import RemoteUnavailable
from crossdock.host.context import CallContext
from crossdock.host.loading import Plugin
from crossdock.host.plan import Plan
from crossdock.host.verdict import Amendment, Fault, FieldChange, Finding, Verdict

# What happens when a guard itself fails (DESIGN, table of extension points).
_OPEN_BY_DEFAULT: Final = frozenset({"before_opportunity_save"})
# Where a remote system that is away leaves a draft unchecked instead of refusing it (C7).
_KEEPS_DRAFTS: Final = frozenset({"before_quote_save", "before_order_save"})

_clock = time.perf_counter


def ask_guards(
    plan: Plan,
    point: str,
    subject: str,
    arguments: Mapping[str, Any],
    context: Callable[[Plugin], CallContext],
    policy: Mapping[str, str],
) -> Verdict:
    """Call the guards of a point and gather what they say.

    Args:
        plan: who is called, and in which order.
        point: the extension point.
        subject: the name of the argument that guards judge and may amend.
        arguments: every argument of the point but `ctx`, by name.
        context: makes the context of one plugin.
        policy: `open` or `closed` by point, where it differs from the point's default.
    """
    record = arguments[subject]
    given = dict(arguments)
    vetoes: list[Finding] = []
    approvals: list[Finding] = []
    warnings: list[Finding] = []
    amendments: list[Amendment] = []
    faults: list[Fault] = []
    timings: list[tuple[str, float]] = []
    unchecked = False
    for implementation in plan.of(point):
        plugin_id = implementation.plugin.id
        ctx = context(implementation.plugin)
        given["ctx"] = ctx
        started = _clock()
        try:
            answer = implementation.function(*implementation.pick(given))
        except RemoteUnavailable as away:
            keeps = point in _KEEPS_DRAFTS
            unchecked = unchecked or keeps
            faults.append(
                Fault(plugin_id=plugin_id, message=str(away), closes=not keeps, remote=True)
            )
            continue
        except Exception as raised:  # noqa: BLE001 - the boundary to foreign code
            faults.append(_fault(point, plugin_id, raised, policy))
            continue
        finally:
            timings.append((plugin_id, _clock() - started))
            ctx.close()
        if answer is None or type(answer) is Proceed:
            continue
        for decision in answer if isinstance(answer, list | tuple) else (answer,):
            match decision:
                case Proceed():
                    pass
                case Veto(message, code=code, field=field):
                    vetoes.append(
                        Finding(plugin_id=plugin_id, message=message, code=code, field=field)
                    )
                case RequireApproval(role, reason, code=code, field=field):
                    approvals.append(
                        Finding(
                            plugin_id=plugin_id, message=reason, code=code, field=field, role=role
                        )
                    )
                case Warn(message, code=code, field=field):
                    warnings.append(
                        Finding(plugin_id=plugin_id, message=message, code=code, field=field)
                    )
                case Amend(amended) if type(amended) is type(record):
                    changes = tuple(_changes(record, amended))
                    if changes:
                        amendments.append(
                            Amendment(plugin_id=plugin_id, reason=decision.reason, changes=changes)
                        )
                    record = given[subject] = amended
                case _:
                    wrong = TypeError(
                        f"{point} answered {_described(decision)}; a guard answers Proceed, Amend "
                        f"(with a {type(record).__name__}), Warn, RequireApproval or Veto"
                    )
                    faults.append(_fault(point, plugin_id, wrong, policy))
    return Verdict(
        record=record,
        vetoes=tuple(vetoes),
        approvals=tuple(approvals),
        warnings=tuple(warnings),
        amendments=tuple(amendments),
        faults=tuple(faults),
        timings=tuple(timings),
        unchecked=unchecked,
    )


def _described(decision: object) -> str:
    if isinstance(decision, Amend):
        return f"Amend with a {type(decision.record).__name__}"
    return repr(decision)[:200]


def _fault(point: str, plugin_id: str, raised: Exception, policy: Mapping[str, str]) -> Fault:
    default = "open" if point in _OPEN_BY_DEFAULT else "closed"
    return Fault(
        plugin_id=plugin_id,
        message=f"the plugin {plugin_id} failed: {type(raised).__name__}: {raised}",
        closes=policy.get(point, default) == "closed",
        detail="".join(traceback.format_exception(raised)),
    )


def _changes(old: Any, new: Any, path: str = "") -> Iterator[FieldChange]:
    """Walk two records of one type and name the fields that differ, dotted."""
    if old == new:
        return
    if attrs.has(type(old)) and type(old) is type(new) and path.count(".") < 4:
        nested = [a.name for a in attrs.fields(type(old))]
        # A value such as Money is one field to a reader, although it is a record too.
        if not path or len(nested) > 3:
            for name in nested:
                yield from _changes(getattr(old, name), getattr(new, name), _join(path, name))
            return
    if isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new) and old:
        for index, (was, becomes) in enumerate(zip(old, new, strict=True)):
            yield from _changes(was, becomes, _join(path, str(index)))
        return
    yield FieldChange(field=path, old=old, new=new)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
