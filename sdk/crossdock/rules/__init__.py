"""The numbers of the business: pure functions on records, without input or output.

Each says which rule it follows and where the rule comes from. Amounts of several currencies are
never added up; a function that may meet them answers once for each currency.
"""

from crossdock.rules.aging import (
    BASES,
    BUCKETS,
    AgedDocument,
    Aging,
    Basis,
    Unexplained,
    age,
    bucket_labels,
    bucket_of,
    total_aging,
)
from crossdock.rules.credit import (
    NEAR,
    CreditAssessment,
    CreditState,
    assess,
    credit_in_words,
    exposure,
    headroom,
)
from crossdock.rules.likelihood import Evidence, likelihood
from crossdock.rules.order_status import (
    LateLine,
    LineStatus,
    OrderStatus,
    contradictions,
    late_lines,
    line_status,
    open_quantity,
    order_status,
    to_invoice,
)
from crossdock.rules.price_difference import (
    Cause,
    CauseKind,
    PriceDifference,
    explain_difference,
)
from crossdock.rules.product_lines import ProductLines, ProductLineSales, product_line_sales
from crossdock.rules.purchases import PurchasedItem, PurchaseHistory, purchase_history
from crossdock.rules.rhythm import PurchaseRhythm, mean_interval, purchase_rhythm
from crossdock.rules.rounding import (
    RoundAt,
    TaxedDocument,
    TaxedLine,
    line_net,
    spread,
    tax_by_document,
    tax_by_line,
)
from crossdock.rules.sales_history import (
    Sale,
    SalesHistory,
    YearToDate,
    sales_history,
    sales_of_invoices,
    sales_of_orders,
)
from crossdock.rules.sold_lines import (
    SoldLine,
    counts_as_sale,
    kept_net,
    lines_of_invoices,
    lines_of_orders,
)
from crossdock.rules.standing import days_overdue, days_quiet, pays_itself
from crossdock.rules.trend import MannKendall, Trend, mann_kendall, sen_slope, trend

__all__ = [
    "BASES",
    "BUCKETS",
    "NEAR",
    "AgedDocument",
    "Aging",
    "Basis",
    "Cause",
    "CauseKind",
    "CreditAssessment",
    "CreditState",
    "Evidence",
    "LateLine",
    "LineStatus",
    "MannKendall",
    "OrderStatus",
    "PriceDifference",
    "ProductLineSales",
    "ProductLines",
    "PurchaseHistory",
    "PurchaseRhythm",
    "PurchasedItem",
    "RoundAt",
    "Sale",
    "SalesHistory",
    "SoldLine",
    "TaxedDocument",
    "TaxedLine",
    "Trend",
    "Unexplained",
    "YearToDate",
    "age",
    "assess",
    "bucket_labels",
    "bucket_of",
    "contradictions",
    "counts_as_sale",
    "credit_in_words",
    "days_overdue",
    "days_quiet",
    "explain_difference",
    "exposure",
    "headroom",
    "kept_net",
    "late_lines",
    "likelihood",
    "line_net",
    "line_status",
    "lines_of_invoices",
    "lines_of_orders",
    "mann_kendall",
    "mean_interval",
    "open_quantity",
    "order_status",
    "pays_itself",
    "product_line_sales",
    "purchase_history",
    "purchase_rhythm",
    "sales_history",
    "sales_of_invoices",
    "sales_of_orders",
    "sen_slope",
    "spread",
    "tax_by_document",
    "tax_by_line",
    "to_invoice",
    "total_aging",
    "trend",
]
