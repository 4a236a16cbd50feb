"""The operations of `specs/quickbooks.openapi.yaml` that this connector uses."""

from __future__ import annotations

from typing import Final

from crossdock.connectors.operations import Operation, a_file, ids, read_only

DOCUMENT: Final = "quickbooks.openapi.yaml"
_COMPANY: Final = "/v3/company/{realmId}"

# Not repeatable by itself: the answer carries the next refresh token. The credentials say when.
REFRESH_TOKEN: Final = Operation("issueTokens", "POST", "/oauth2/v1/tokens/bearer")

READ_PREFERENCES: Final = read_only("readPreferences", f"{_COMPANY}/preferences")
QUERY: Final = read_only("query", f"{_COMPANY}/query")
READ_CUSTOMER: Final = read_only("readCustomer", f"{_COMPANY}/customer/{{id}}")
READ_ESTIMATE: Final = read_only("readEstimate", f"{_COMPANY}/estimate/{{id}}")
READ_INVOICE: Final = read_only("readInvoice", f"{_COMPANY}/invoice/{{id}}")
READ_SALES_RECEIPT: Final = read_only("readSalesReceipt", f"{_COMPANY}/salesreceipt/{{id}}")
READ_CREDIT_MEMO: Final = read_only("readCreditMemo", f"{_COMPANY}/creditmemo/{{id}}")
READ_PAYMENT: Final = read_only("readPayment", f"{_COMPANY}/payment/{{id}}")
PRINT_INVOICE: Final = a_file("printInvoice", f"{_COMPANY}/invoice/{{id}}/pdf", "application/pdf")
PRINT_RECEIPT: Final = a_file(
    "printSalesReceipt", f"{_COMPANY}/salesreceipt/{{id}}/pdf", "application/pdf"
)
# Each call sends it once more.
SEND_INVOICE: Final = Operation("sendInvoice", "POST", f"{_COMPANY}/invoice/{{id}}/send")
CHANGED: Final = read_only("readChanges", f"{_COMPANY}/cdc")
# Of queries only, so twice is once.
BATCH: Final = Operation("batch", "POST", f"{_COMPANY}/batch", repeatable=True)

# Creates, and changes too. Repeatable only with a `requestid`, which the call says.
WRITE_CUSTOMER: Final = Operation("writeCustomer", "POST", f"{_COMPANY}/customer")
WRITE_ESTIMATE: Final = Operation("writeEstimate", "POST", f"{_COMPANY}/estimate")
WRITE_INVOICE: Final = Operation("writeInvoice", "POST", f"{_COMPANY}/invoice")

USED: Final = ids(tuple(globals().values()))
