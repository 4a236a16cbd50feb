"""Invoices as Tryton prints them for the customer.

Tryton keeps what it printed when an invoice was posted, and gives that again. Its report is a text
in OpenDocument form, for which nothing is needed beside the server. Where somebody chose another
extension for the report, such as PDF, the server has LibreOffice convert it; without LibreOffice
the text comes as it is. Source: `convert` in `report/report.py` of trytond 8.2; `InvoiceReport` and
the report's record in `modules/account_invoice`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock.connectors.reading import unfit
from crossdock.connectors.tryton import operations as use
from crossdock.connectors.tryton.billing import Bill
from crossdock.connectors.tryton.database import Database
from crossdock.records import PrintedInvoice

#: By the extension that the report names; others are files of no type that is told.
_MEDIA: Final[Mapping[str, str]] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html",
    "odt": "application/vnd.oasis.opendocument.text",
    "pdf": "application/pdf",
    "txt": "text/plain",
}


def printed(database: Database, bill: Bill) -> PrintedInvoice:
    """Give the file of a posted invoice."""

    def read(told: Any) -> tuple[str, bytes]:
        match told:
            case [str(extension), bytes(content), *_]:
                return extension, content
            case [str(extension), str(content), *_]:
                return extension, content.encode()
        raise unfit("", "an extension and a file", told)

    extension, content = database.read(use.PRINT_INVOICE, [[bill.id], {}], read)
    return PrintedInvoice(
        invoice_id=bill.name,
        system=database.system,
        name=f"{bill.name}.{extension}",
        media_type=_MEDIA.get(extension, "application/octet-stream"),
        content=content,
    )
