"""What every call of a plugin needs of the host: systems, rights, clock, cross-reference, audit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from crossdock.connectors.calling import calling_as, deadline_in
from crossdock.host.config import RoleConfig
from crossdock.host.systems import Router
from crossdock.host.telemetry import Telemetry
from crossdock.ports import CrmPort
from crossdock.records import Account, TradingAccount

if TYPE_CHECKING:
    from crossdock.host.store import Store

_log = logging.getLogger("crossdock.gateway")


def wall_clock(offset: float) -> Callable[[], datetime]:
    """Give a clock that reads the wall clock, `offset` seconds on."""
    shift = timedelta(seconds=offset)
    return lambda: datetime.now(UTC) + shift


@define(kw_only=True)
class Services:
    """What the host lends to each call.

    Attributes:
        identity: names this process to the remote systems.
        now: the host's clock.
        telemetry: counts and times what plugins do.
    """

    crm: CrmPort
    erp: Router
    store: Store
    roles: Mapping[str, RoleConfig]
    identity: str
    now: Callable[[], datetime]
    telemetry: Telemetry = field(factory=Telemetry)

    def trading_accounts(
        self, account: Account, *, identity: str, seconds: float
    ) -> Sequence[TradingAccount]:
        """Give the ERP customers that an account is linked to, the default first.

        An account that was never linked, but carries an ERP's customer number in its external ids,
        is linked by it, and the cross-reference remembers how it was found.
        """
        links = self.store.links.of_account(self.crm.system, account.id)
        if not links:
            for system in self.erp.systems:
                if customer_id := account.external_ids.get(system):
                    self.store.links.link(
                        crm_system=self.crm.system,
                        account_id=account.id,
                        erp_system=system,
                        customer_id=customer_id,
                        default=system == self._default_system(account),
                        evidence="external id on the account",
                    )
            links = self.store.links.of_account(self.crm.system, account.id)
        found: list[TradingAccount] = []
        with calling_as(identity), deadline_in(seconds):
            for link in links:
                customer = self.erp.using(link.erp_system).customer(link.customer_id)
                found.append(evolve(customer, default=link.default))
        return sorted(found, key=lambda each: not each.default)

    def _default_system(self, account: Account) -> str:
        """Name the ERP that new orders go to: the first configured one that knows the account."""
        return next(system for system in self.erp.systems if account.external_ids.get(system))

    def record_refusal(self, *, plugin_id: str, point: str, user_id: str, scope: str) -> None:
        """Put a refused access into the audit trail (F3)."""
        _log.warning("refused %s to %s in %s for user %s", scope, plugin_id, point, user_id or "-")
        self.store.audit.append(
            actor=f"plugin:{plugin_id}",
            action="access.refused",
            subject=scope,
            detail={"point": point, "user": user_id},
            at=self.now(),
        )
