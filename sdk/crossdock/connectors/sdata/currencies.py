"""What currency a document is in: a code, or a reference to a list of currencies."""

from __future__ import annotations

from typing import Any

from crossdock.connectors.remembering import Remembered
from crossdock.connectors.sdata.contract import Contract
from crossdock.connectors.sdata.sheets import Form, Sheet
from crossdock.connectors.sdata.values import Reference
from crossdock.connectors.writing import Unwritable


class Currencies:
    """Reads and writes the word `currency` of documents.

    Args:
        contract: the CRM.
        default: of what names none.
        form: the list that references lead into, with a word `code`; `None` where documents carry
            the code themselves.
    """

    def __init__(self, contract: Contract, default: str, form: Form | None = None) -> None:
        self._contract = contract
        self._default = default
        self._form = form
        self._listed: Remembered[str, dict[str, str]] = Remembered()

    def of(self, sheet: Sheet) -> str:
        """Read the currency of a document."""
        if self._form is None:
            return sheet.text("currency", self._default)
        key = sheet.reference("currency")
        return self._codes().get(key, self._default) if key else self._default

    def written(self, code: str | None) -> dict[str, Any]:
        """Write the currency of a document.

        Raises:
            Unwritable: the CRM does not have it.
        """
        if self._form is None:
            return {"currency": code}
        wanted = code or self._default
        for key, known in self._codes().items():
            if known == wanted:
                return {"currency": Reference(key)}
        raise Unwritable("currency", f"the CRM has no currency {wanted}; add it there")

    def _codes(self) -> dict[str, str]:
        known = self._listed.get("")
        if known is None:
            form = self._form
            if form is None:
                return {}
            sheets = [Sheet(row, form) for row in self._contract.rows(form)]
            known = {sheet.id: sheet.text("code") for sheet in sheets}
            self._listed.put("", known)
        return known
