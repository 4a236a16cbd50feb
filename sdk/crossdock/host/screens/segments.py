"""Named lists of accounts of all plugins; one that fails leaves its own out, with the reason."""

from __future__ import annotations

import time
from typing import Any

from attrs import frozen

from crossdock.host.asking.context import CallContext
from crossdock.host.asking.offers import MakeContext, Missing, missing, offers, sentence, tell
from crossdock.host.loading.plan import Plan
from crossdock.records import User
from crossdock.views import Segment


@frozen(kw_only=True)
class SegmentHandle:
    """A list that a user may open."""

    plugin_id: str
    plugin_name: str
    segment: Segment

    @property
    def address(self) -> str:
        """What opens it: `watch-list/overdue`."""
        return f"{self.plugin_id}/{self.segment.id}"


@frozen(kw_only=True)
class SegmentList:
    """The lists that there are, and the plugins that could not name theirs."""

    segments: tuple[SegmentHandle, ...] = ()
    missing: tuple[Missing, ...] = ()


@frozen(kw_only=True)
class OpenedSegment:
    """A list that was opened.

    Attributes:
        account_ids: the CRM's accounts, in the plugin's order, each once.
        fault: why they could not be told; a list of nobody has none.
        seconds: how long it took.
    """

    segment: Segment
    account_ids: tuple[str, ...]
    seconds: float
    fault: str | None = None


def list_segments(plan: Plan, user: User, context: MakeContext) -> SegmentList:
    """Ask every plugin for its lists and keep those that the user's roles may see (F4)."""
    handles: list[SegmentHandle] = []
    failed: list[Missing] = []
    for offer in offers(plan, "account_segments", Segment, {}, context):
        if offer.fault is not None:
            failed.append(missing(offer))
        handles.extend(
            SegmentHandle(
                plugin_id=offer.plugin.id, plugin_name=offer.plugin.manifest.name, segment=segment
            )
            for segment in offer.items
            if not segment.roles or set(segment.roles) & set(user.roles)
        )
    return SegmentList(segments=tuple(handles), missing=tuple(failed))


def open_segment(handle: SegmentHandle, ctx: CallContext) -> OpenedSegment:
    """Ask for the accounts of a list; what its plugin raises is told instead."""
    started = time.perf_counter()
    fault: str | None = None
    ids: tuple[str, ...] = ()
    try:
        answer: Any = handle.segment.account_ids(ctx)
        if isinstance(answer, str) or not all(isinstance(each, str) for each in answer):
            raise TypeError("account_ids must answer a sequence of account ids")
        ids = tuple(dict.fromkeys(answer))
    except Exception as raised:  # noqa: BLE001 - the boundary to foreign code
        fault = sentence(handle.plugin_id, raised)
        tell(handle.plugin_id, f"segment {handle.address}", raised, fault)
    finally:
        ctx.close()
    seconds = time.perf_counter() - started
    return OpenedSegment(segment=handle.segment, account_ids=ids, seconds=seconds, fault=fault)
