"""Invoices as customers get them, for people: downloaded, or sent once more (A14)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from crossdock.connectors.calling import calling_as
from crossdock.errors import AccessDenied, RemoteUnavailable
from crossdock.host.gateway.permission import Permission
from crossdock.host.gateway.refusals import Refusal, Refusals
from crossdock.host.gateway.rights import RightsByRole
from crossdock.host.systems import Router
from crossdock.records import PrintedInvoice, User

if TYPE_CHECKING:
    from crossdock.host.store import Store

SENDING: Final = "invoices:send"
"""The right of a role to let an ERP send an invoice to its customer again."""

_READING: Final = "erp.invoices:read"
_PERSONAL: Final = "personal"  # people and addresses stand on it, and nothing can be taken out
_WHERE: Final = "invoices"


class InvoiceCopies:
    """Copies of invoices in the hands of people, by the rights of their roles.

    What is sent is an entry of the audit trail, and so is what may have been sent.
    """

    def __init__(
        self,
        store: Callable[[], Store],
        erp: Router,
        *,
        identity: str,
        now: Callable[[], datetime],
        rights: RightsByRole,
        refusals: Refusals,
    ) -> None:
        self._store = store
        self._erp = erp
        self._identity = identity
        self._now = now
        self._rights = rights
        self._refusals = refusals
        self._sending = Permission(SENDING, _WHERE, rights=rights, refusals=refusals)

    def may_read(self, user: User) -> bool:
        """Whether a user may have a copy."""
        return _READING in self._rights.of(frozenset({_READING}), user).scopes and (
            _PERSONAL not in self._rights.hidden_from(user)
        )

    def objection(self, user: User) -> str:
        """Say why a user may not let one be sent, and who may; empty where he may."""
        return self._sending.objection(user)

    def read(self, system: str, invoice_id: str, user: User) -> PrintedInvoice:
        """Give a copy.

        Raises:
            AccessDenied: the user's roles do not show all that stands on an invoice.
            NotSupported: the ERP prints none for others.
        """
        if not self.may_read(user):
            self._refusals.record(
                Refusal(
                    plugin_id="", point=_WHERE, user_id=user.id, scope=_READING, reason=invoice_id
                )
            )
            raise AccessDenied(
                f"{user.name} may not have copies of invoices: this needs the scope {_READING} and "
                f"the field {_PERSONAL} in one of the user's roles",
                scope=_READING,
            )
        with calling_as(self._identity):
            return self._erp.using(system).invoice_document(invoice_id)

    def send(self, system: str, invoice_id: str, user: User, *, to: str = "") -> None:
        """Let the ERP send an invoice to its customer once more.

        Args:
            system: the ERP.
            invoice_id: which one.
            user: who wants it.
            to: an e-mail address; empty for the one that the ERP keeps for the customer.

        Raises:
            AccessDenied: the user's roles do not have the right.
            NotSupported: the ERP sends none for others.
            RemoteUnavailable: the answer was lost; `maybe_done` says whether it may be on its way.
        """
        self._sending.require(user, f"send {invoice_id} of {system}")
        port = self._erp.using(system)
        try:
            with calling_as(self._identity):
                port.send_invoice(invoice_id, to=to)
        except RemoteUnavailable as lost:
            if lost.maybe_done:
                self._write("invoice.maybe_sent", port.system, invoice_id, user, to)
            raise
        self._write("invoice.sent", port.system, invoice_id, user, to)

    def _write(self, action: str, system: str, invoice_id: str, user: User, to: str) -> None:
        self._store().audit.append(
            actor=f"user:{user.id}",
            action=action,
            subject=f"{system}:{invoice_id}",
            detail={"to": to or "the customer's own address"},
            at=self._now(),
        )
