"""Documents of ERPs, opened by people by their address, by the rights of their roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from crossdock.connectors.calling import calling_as
from crossdock.errors import AccessDenied
from crossdock.host.gateway.masking import mask
from crossdock.host.gateway.refusals import Refusal, Refusals
from crossdock.host.gateway.rights import RightsByRole
from crossdock.host.systems import Router
from crossdock.ports import ErpPort, scopes_of
from crossdock.records import CreditNote, Invoice, Order, Payment, Return, Shipment, User

ErpDocument: TypeAlias = Order | Invoice | Shipment | CreditNote | Payment | Return

_METHODS: Final[Mapping[str, str]] = {
    "order": "order",
    "invoice": "invoice",
    "shipment": "shipment",
    "credit_note": "credit_note",
    "payment": "payment",
    "return": "goods_return",
}
KINDS: Final = frozenset(_METHODS)
"""What can be opened: the words that views' links begin with."""
_SCOPES: Final = scopes_of(ErpPort)
_WHERE: Final = "documents"


class ErpDocuments:
    """Documents in the hands of people: read by the scope of the port's method, masked by role."""

    def __init__(
        self, erp: Router, *, identity: str, rights: RightsByRole, refusals: Refusals
    ) -> None:
        self._erp = erp
        self._identity = identity
        self._rights = rights
        self._refusals = refusals

    def may_read(self, kind: str, user: User) -> bool:
        """Whether a user may open documents of a kind."""
        scope = _SCOPES[_METHODS[kind]]
        return scope in self._rights.of(frozenset({scope}), user).scopes

    def read(self, system: str, kind: str, document_id: str, user: User) -> ErpDocument:
        """Give a document as the user may see it.

        Args:
            system: the ERP.
            kind: one of `KINDS`.
            document_id: its id there.
            user: who opens it.

        Raises:
            AccessDenied: the user's roles do not have the scope; nothing was asked of the ERP.
            NotFound: there is no such document.
            NotSupported: the ERP has no such documents.
        """
        if not self.may_read(kind, user):
            scope = _SCOPES[_METHODS[kind]]
            self._refusals.record(
                Refusal(
                    plugin_id="", point=_WHERE, user_id=user.id, scope=scope,
                    reason=f"{kind} {document_id} of {system}",
                )
            )  # fmt: skip
            raise AccessDenied(
                f"{user.name} may not open this: it needs the scope {scope} in one of the user's "
                "roles",
                scope=scope,
            )
        with calling_as(self._identity):
            found = getattr(self._erp.using(system), _METHODS[kind])(document_id)
        seen: ErpDocument = mask(found, self._rights.hidden_from(user))
        return seen
