"""What every call of a plugin needs of the host: systems, rights, clock, cross-reference, audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from attrs import define, evolve, field

from crossdock.connectors.calling import calling_as, deadline_in
from crossdock.host.gateway import Refusals, RightsByRole
from crossdock.host.settings.config import RoleConfig
from crossdock.host.systems import Router
from crossdock.host.watching.telemetry import Telemetry
from crossdock.ports import CrmPort
from crossdock.records import Account, TradingAccount

if TYPE_CHECKING:
    from crossdock.host.store import Store

_ACCOUNTS_AT_ONCE: Final = 200


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
        rights: of plugins on behalf of users.
        refusals: writes down what was refused.
    """

    crm: CrmPort
    erp: Router
    store: Store
    roles: Mapping[str, RoleConfig]
    identity: str
    now: Callable[[], datetime]
    telemetry: Telemetry = field(factory=Telemetry)
    rights: RightsByRole = field(init=False)
    refusals: Refusals = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.rights = RightsByRole(self.roles)
        self.refusals = Refusals(lambda: self.store.audit, self.now)

    def trading_accounts(
        self, account: Account, *, identity: str, seconds: float, remember: bool = True
    ) -> Sequence[TradingAccount]:
        """Give the ERP customers that an account is linked to, the default first.

        An account that was never linked, but carries an ERP's customer number in its external ids,
        is linked by it, and the cross-reference remembers how it was found, unless it is not to
        be written (`remember`).
        """
        links = self.store.links.of_account(self.crm.system, account.id)
        customers = [(link.erp_system, link.customer_id, link.default) for link in links]
        if not links:
            customers = [
                (system, customer_id, system == self._default_system(account))
                for system in self.erp.systems
                if (customer_id := account.external_ids.get(system))
            ]
            for system, customer_id, default in customers if remember else ():
                self.store.links.link(
                    crm_system=self.crm.system,
                    account_id=account.id,
                    erp_system=system,
                    customer_id=customer_id,
                    default=default,
                    evidence="external id on the account",
                )
        found: list[TradingAccount] = []
        with calling_as(identity), deadline_in(seconds):
            for system, customer_id, default in customers:
                customer = self.erp.using(system).customer(customer_id)
                found.append(evolve(customer, default=default))
        return sorted(found, key=lambda each: not each.default)

    def account_ids(
        self, customers: Sequence[str], *, identity: str, seconds: float
    ) -> Mapping[str, str]:
        """Give the CRM accounts behind ERP customers, by `system:customer`.

        As `trading_accounts`: the cross-reference counts, and the external ids of an account that
        was never linked. One pass over the CRM's accounts finds the latter; none is linked by it.
        """
        wanted = set(customers)
        links = {
            f"{link.erp_system}:{link.customer_id}": link.account_id
            for link in self.store.links.of_crm(self.crm.system)
        }
        found = {ref: links[ref] for ref in wanted & links.keys()}
        linked = set(links.values())
        after: str | None = None
        with calling_as(identity), deadline_in(seconds):
            while len(found) < len(wanted):
                page = self.crm.accounts(after=after, limit=_ACCOUNTS_AT_ONCE)
                for account in page.items:
                    for system, customer_id in account.external_ids.items():
                        ref = f"{system}:{customer_id}"
                        if ref in wanted and ref not in links and account.id not in linked:
                            found.setdefault(ref, account.id)
                after = page.next
                if after is None:
                    break
        return found

    def _default_system(self, account: Account) -> str:
        """Name the ERP that new orders go to: the first configured one that knows the account."""
        return next(system for system in self.erp.systems if account.external_ids.get(system))
