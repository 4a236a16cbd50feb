"""What plugins show: tabs on a record, cards on the dashboard, lists of accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from crossdock.errors import ConfigError
from crossdock.host.asking.calls import Calls
from crossdock.host.loading.snapshot import Snapshot
from crossdock.host.screens.cards import CardHandle, RenderedCard, list_cards, render_card
from crossdock.host.screens.segments import (
    OpenedSegment,
    SegmentHandle,
    SegmentList,
    list_segments,
    open_segment,
)
from crossdock.host.screens.tabs import RenderedTab, TabHandle, list_tabs, render
from crossdock.records import Account, Contact, User

Subject = Literal["account", "contact"]


class Screens:
    """Lists and opens what plugins show, on behalf of users."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def tabs(self, subject: Subject, record_id: str, user: str | User) -> tuple[TabHandle, ...]:
        """Name the tabs of a record that a user may open; see `Host.account_tabs`."""
        person = self._calls.user(user)
        record = self._read(subject, record_id)
        with self._calls.lease() as snapshot:
            return self._tabs(snapshot, subject, record, person)

    def render_tab(
        self,
        subject: Subject,
        address: str,
        record_id: str,
        user: str | User,
        params: Mapping[str, Any],
        *,
        fresh: bool = False,
    ) -> RenderedTab:
        """Open one tab of a record; see `Host.render_tab`."""
        calls = self._calls
        person = calls.user(user)
        record = self._read(subject, record_id)
        with calls.lease() as snapshot:
            handles = self._tabs(snapshot, subject, record, person)
            for handle in handles:
                if handle.address == address:
                    context = calls.view(f"tab {address}", person, fresh=fresh)
                    ctx = context(snapshot.plugin(handle.plugin_id))
                    return render(handle, record, ctx, params)
            raise _unknown(snapshot, "tab", address, person, handles)

    def cards(self, user: str | User) -> tuple[CardHandle, ...]:
        """Name the cards that a user may see; see `Host.dashboard_cards`."""
        person = self._calls.user(user)
        with self._calls.lease() as snapshot:
            return self._cards(snapshot, person)

    def render_card(self, address: str, user: str | User) -> RenderedCard:
        """Open one card; see `Host.render_card`."""
        calls = self._calls
        person = calls.user(user)
        with calls.lease() as snapshot:
            handles = self._cards(snapshot, person)
            for handle in handles:
                if handle.address == address:
                    ctx = calls.view(f"card {address}", person)(snapshot.plugin(handle.plugin_id))
                    return render_card(handle, ctx)
            raise _unknown(snapshot, "card", address, person, handles)

    def segments(self, user: str | User) -> SegmentList:
        """Name the lists of accounts that a user may open; see `Host.segments`."""
        person = self._calls.user(user)
        with self._calls.lease() as snapshot:
            return self._segments(snapshot, person)

    def open_segment(self, address: str, user: str | User) -> OpenedSegment:
        """Open one list of accounts; see `Host.segment_accounts`."""
        calls = self._calls
        person = calls.user(user)
        with calls.lease() as snapshot:
            found = self._segments(snapshot, person)
            for handle in found.segments:
                if handle.address == address:
                    ctx = calls.view(f"segment {address}", person)(
                        snapshot.plugin(handle.plugin_id)
                    )
                    return open_segment(handle, ctx)
            for aside in found.missing:
                if aside.plugin_id == address.partition("/")[0]:
                    raise ConfigError(
                        f"{aside.plugin_name} could not name its lists: {aside.reason}"
                    )
            raise _unknown(snapshot, "segment", address, person, found.segments)

    def _read(self, subject: Subject, record_id: str) -> Account | Contact:
        crm = self._calls.services.crm
        return crm.account(record_id) if subject == "account" else crm.contact(record_id)

    def _tabs(
        self, snapshot: Snapshot, subject: Subject, record: Account | Contact, person: User
    ) -> tuple[TabHandle, ...]:
        point = f"{subject}_tabs"
        context = self._calls.view(point, person)
        return list_tabs(snapshot.plan, point, subject, record, person, context)

    def _cards(self, snapshot: Snapshot, person: User) -> tuple[CardHandle, ...]:
        return list_cards(snapshot.plan, person, self._calls.view("dashboard_cards", person))

    def _segments(self, snapshot: Snapshot, person: User) -> SegmentList:
        return list_segments(snapshot.plan, person, self._calls.view("account_segments", person))


def _unknown(
    snapshot: Snapshot,
    what: str,
    address: str,
    person: User,
    handles: tuple[TabHandle, ...] | tuple[CardHandle, ...] | tuple[SegmentHandle, ...],
) -> ConfigError:
    snapshot.complain_of_quarantine(address.partition("/")[0])
    known = ", ".join(handle.address for handle in handles) or "none"
    return ConfigError(f"there is no {what} {address!r} for {person.name}; there are: {known}")
