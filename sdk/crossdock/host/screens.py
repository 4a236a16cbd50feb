"""What plugins show on a record: its tabs, listed and opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.errors import ConfigError
from crossdock.host.calls import Calls
from crossdock.host.snapshot import Snapshot
from crossdock.host.tabs import RenderedTab, TabHandle, list_tabs, render
from crossdock.records import Account, User


class Screens:
    """Lists and opens tabs on behalf of users."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def account_tabs(self, account_id: str, user: str | User) -> tuple[TabHandle, ...]:
        """Name the tabs of an account that a user may open; see `Host.account_tabs`."""
        person = self._calls.user(user)
        account = self._calls.services.crm.account(account_id)
        with self._calls.lease() as snapshot:
            return self._tabs(snapshot, account, person)

    def render_tab(
        self, address: str, account_id: str, user: str | User, params: Mapping[str, Any]
    ) -> RenderedTab:
        """Open one tab of an account; see `Host.render_tab`."""
        calls = self._calls
        person = calls.user(user)
        account = calls.services.crm.account(account_id)
        with calls.lease() as snapshot:
            handles = self._tabs(snapshot, account, person)
            for handle in handles:
                if handle.address == address:
                    ctx = calls.view(f"tab {address}", person)(snapshot.plugin(handle.plugin_id))
                    return render(handle, account, ctx, params)
            snapshot.complain_of_quarantine(address.partition("/")[0])
            known = ", ".join(handle.address for handle in handles) or "none"
            raise ConfigError(f"there is no tab {address!r} for {person.name}; there are: {known}")

    def _tabs(self, snapshot: Snapshot, account: Account, person: User) -> tuple[TabHandle, ...]:
        context = self._calls.view("account_tabs", person)
        return list_tabs(snapshot.plan, "account_tabs", "account", account, person, context)
