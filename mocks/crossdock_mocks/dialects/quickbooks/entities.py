"""What kinds of records there are: their tables, what may be asked of them, what may be written.

Which properties a query may name, and by which operators, is taken from the vendor's reference (as
others have extracted it) and from lists of connectors; what is not there is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, final

import attrs

from crossdock_mocks.engine import TableSpec

Kind: TypeAlias = Literal["text", "reference", "flag", "enum", "number", "id", "day", "instant"]

OPERATORS: Final[Mapping[Kind, frozenset[str]]] = {
    "text": frozenset({"=", "<", ">", "<=", ">=", "in", "like"}),
    "reference": frozenset({"=", "in", "like"}),
    "flag": frozenset({"=", "in"}),
    "enum": frozenset({"=", "in", "like"}),
    "number": frozenset({"=", "<", ">", "<=", ">=", "in"}),
    "id": frozenset({"=", "<", ">", "<=", ">=", "in"}),
    "day": frozenset({"=", "<", ">", "<=", ">=", "in"}),
    "instant": frozenset({"=", "<", ">", "<=", ">=", "in"}),
}
"""The operators that a kind of property takes."""


@final
@attrs.frozen
class Property:
    """A property that a query may name.

    Attributes:
        name: As it is written, with dots.
        kind: What it holds.
        field: Where its value stands in a row, if not under its name.
    """

    name: str
    kind: Kind
    field: str = attrs.field(default=attrs.Factory(lambda self: self.name, takes_self=True))

    @property
    def sortable(self) -> bool:
        """Whether a query may sort by it."""
        return self.kind != "reference"


@final
@attrs.frozen(eq=False)
class Entity:
    """One kind of record.

    Attributes:
        name: Its name.
        properties: What a query may name, by name in small letters.
        known: Properties that it has, and that no query may name, in small letters.
        read_only: What may be sent and is ignored.
        naming: Property that holds its unique name; empty for documents.
        numbering: Whether its ids come from the sequence of all transactions.
        operations: What may be done: create, update, delete, void, send, pdf.
    """

    name: str
    properties: Mapping[str, Property]
    known: frozenset[str]
    read_only: frozenset[str]
    naming: str
    numbering: bool
    operations: frozenset[str]

    @property
    def table(self) -> str:
        """The table of its rows."""
        return f"qbo_{self.name.lower()}"

    @property
    def spec(self) -> TableSpec:
        """How its table is made."""
        if self.numbering:
            indexes: tuple[str, ...] = ("CustomerRef.value", "TxnDate", "MetaData.LastUpdatedTime")
            named = () if self.name == "Payment" else ("DocNumber",)
            return TableSpec(self.table, "Id", indexes=(*indexes, *named))
        return TableSpec(self.table, "Id", indexes=("Active", "MetaData.LastUpdatedTime"))


_HEAD: Final = (
    Property("Id", "id"),
    Property("MetaData.CreateTime", "instant"),
    Property("MetaData.LastUpdatedTime", "instant"),
)
_ALWAYS_READ_ONLY: Final = frozenset({"domain", "MetaData", "status", "sparse"})


def _entity(
    name: str,
    *,
    text: str = "",
    reference: str = "",
    flag: str = "",
    enum: str = "",
    number: str = "",
    day: str = "",
    more: tuple[Property, ...] = (),
    known: str = "",
    read_only: str = "",
    naming: str = "",
    numbering: bool = False,
    operations: str = "create update",
) -> Entity:
    named: dict[Kind, str] = {
        "text": text, "flag": flag, "enum": enum, "number": number, "day": day,
    }  # fmt: skip
    listed = [
        *_HEAD,
        *(Property(each, kind) for kind, names in named.items() for each in names.split()),
        *(Property(each, "reference", f"{each}.value") for each in reference.split()),
        *more,
    ]
    return Entity(
        name,
        {each.name.lower(): each for each in listed},
        frozenset(f"{known} SyncToken MetaData domain sparse".lower().split()),
        frozenset(read_only.split()) | _ALWAYS_READ_ONLY,
        naming,
        numbering,
        frozenset(operations.split()),
    )


_LISTED: Final = "Active"
_SALE_KNOWN: Final = (
    "PrivateNote HomeTotalAmt ExchangeRate ApplyTaxAfterDiscount PrintStatus EmailStatus "
    "GlobalTaxCalculation BillAddr ShipAddr ShipFromAddr BillEmail CurrencyRef CustomerMemo "
    "DepartmentRef ClassRef TxnTaxDetail ShipMethodRef ShipDate TrackingNum FreeFormAddress "
    "RecurDataRef TaxExemptionRef TxnSource DeliveryInfo CustomField LinkedTxn Line"
)
_SALE_READ_ONLY: Final = (
    "TotalAmt HomeTotalAmt TxnTaxDetail RecurDataRef TaxExemptionRef DeliveryInfo FreeFormAddress"
)

CUSTOMER: Final = _entity(
    "Customer",
    text="DisplayName GivenName MiddleName FamilyName Suffix CompanyName FullyQualifiedName "
    "PrintOnCheckName",
    flag="Active Job",
    number="Balance BalanceWithJobs",
    more=(Property("PrimaryEmailAddr", "text", "PrimaryEmailAddr.Address"),),
    known="Title Notes IsProject BillWithParent Taxable PreferredDeliveryMethod ResaleNum Level "
    "OpenBalanceDate PrimaryTaxIdentifier BillAddr ShipAddr PrimaryPhone AlternatePhone Mobile Fax "
    "WebAddr DefaultTaxCodeRef SalesTermRef PaymentMethodRef ParentRef ARAccountRef CurrencyRef",
    read_only="Balance BalanceWithJobs FullyQualifiedName Level OpenBalanceDate IsProject",
    naming="DisplayName",
)
ITEM: Final = _entity(
    "Item",
    text="Name FullyQualifiedName Sku",
    flag="Active SubItem",
    enum="Type",
    number="UnitPrice QtyOnHand",
    reference="ParentRef",
    known="Description Taxable SalesTaxIncluded Level PurchaseDesc PurchaseTaxIncluded "
    "PurchaseCost TrackQtyOnHand InvStartDate AssetAccountRef ExpenseAccountRef IncomeAccountRef "
    "SalesTaxCodeRef PurchaseTaxCodeRef AbatementRate ReverseChargeRate ServiceType "
    "ItemCategoryType",
    read_only="FullyQualifiedName Level",
    naming="Name",
)
ACCOUNT: Final = _entity(
    "Account",
    text="Name Description Classification FullyQualifiedName AccountSubType",
    flag="Active SubAccount",
    enum="AccountType",
    number="CurrentBalance CurrentBalanceWithSubAccounts",
    reference="ParentRef",
    known="AcctNum CurrencyRef TaxCodeRef",
    read_only="FullyQualifiedName CurrentBalance CurrentBalanceWithSubAccounts Classification",
    naming="Name",
)
TERM: Final = _entity(
    "Term",
    text="Name",
    flag=_LISTED,
    known="Type DiscountPercent DueDays DiscountDays DayOfMonthDue DueNextMonthDays "
    "DiscountDayOfMonth",
    read_only="Type",
    naming="Name",
)
CLASS: Final = _entity(
    "Class",
    text="Name FullyQualifiedName",
    flag="Active SubClass",
    reference="ParentRef",
    read_only="FullyQualifiedName",
    naming="Name",
)
DEPARTMENT: Final = _entity(
    "Department",
    text="Name FullyQualifiedName",
    flag="Active SubDepartment",
    reference="ParentRef",
    read_only="FullyQualifiedName",
    naming="Name",
)
PAYMENT_METHOD: Final = _entity(
    "PaymentMethod", text="Name", flag=_LISTED, enum="Type", naming="Name"
)
TAX_AGENCY: Final = _entity(
    "TaxAgency",
    text="DisplayName",
    known="TaxRegistrationNumber TaxTrackedOnSales TaxTrackedOnPurchases",
    naming="DisplayName",
    operations="create",
)
TAX_CODE: Final = _entity(
    "TaxCode",
    text="Name Description",
    flag=_LISTED,
    known="Taxable TaxGroup SalesTaxRateList PurchaseTaxRateList",
    naming="Name",
    operations="",
)
TAX_RATE: Final = _entity(
    "TaxRate",
    text="Name Description",
    flag=_LISTED,
    known="RateValue AgencyRef SpecialTaxType DisplayType",
    naming="Name",
    operations="",
)
ESTIMATE: Final = _entity(
    "Estimate",
    text="DocNumber",
    day="TxnDate DueDate",
    number="TotalAmt",
    reference="CustomerRef ProjectRef",
    known=f"{_SALE_KNOWN} TxnStatus ExpirationDate AcceptedBy AcceptedDate SalesTermRef",
    read_only=_SALE_READ_ONLY,
    numbering=True,
    operations="create update delete pdf send",
)
INVOICE: Final = _entity(
    "Invoice",
    text="DocNumber",
    day="TxnDate DueDate",
    number="TotalAmt Balance",
    reference="CustomerRef ProjectRef SalesTermRef",
    known=f"{_SALE_KNOWN} Deposit DepositToAccountRef HomeBalance AllowIPNPayment InvoiceLink "
    "AllowOnlineCreditCardPayment AllowOnlineACHPayment EInvoiceStatus BillEmailCc BillEmailBcc",
    read_only=f"{_SALE_READ_ONLY} Balance HomeBalance InvoiceLink EInvoiceStatus",
    numbering=True,
    operations="create update delete void pdf send",
)
CREDIT_MEMO: Final = _entity(
    "CreditMemo",
    text="DocNumber",
    day="TxnDate",
    number="TotalAmt Balance",
    reference="CustomerRef ProjectRef",
    known=f"{_SALE_KNOWN} RemainingCredit PaymentMethodRef DepositToAccountRef SalesTermRef",
    read_only=f"{_SALE_READ_ONLY} Balance RemainingCredit LinkedTxn",
    numbering=True,
    operations="create update delete pdf send",
)
SALES_RECEIPT: Final = _entity(
    "SalesReceipt",
    text="DocNumber",
    day="TxnDate",
    number="TotalAmt Balance",
    reference="CustomerRef ProjectRef",
    known=f"{_SALE_KNOWN} PaymentRefNum PaymentMethodRef DepositToAccountRef CreditCardPayment "
    "SalesTermRef",
    read_only=f"{_SALE_READ_ONLY} Balance LinkedTxn",
    numbering=True,
    operations="create update delete void pdf send",
)
PAYMENT: Final = _entity(
    "Payment",
    text="PaymentRefNum",
    day="TxnDate",
    reference="CustomerRef ProjectRef",
    known="TotalAmt UnappliedAmt ExchangeRate TxnSource PrivateNote TxnStatus ProcessPayment "
    "CreditCardPayment ARAccountRef CurrencyRef PaymentMethodRef DepositToAccountRef "
    "TaxExemptionRef TransactionLocationType LinkedTxn Line",
    read_only="UnappliedAmt CurrencyRef TaxExemptionRef TxnStatus LinkedTxn",
    numbering=True,
    operations="create update delete void pdf",
)
COMPANY_INFO: Final = _entity(
    "CompanyInfo",
    known="CompanyName LegalName CompanyAddr CustomerCommunicationAddr LegalAddr "
    "CustomerCommunicationEmailAddr PrimaryPhone CompanyStartDate FiscalYearStartMonth Country "
    "Email WebAddr SupportedLanguages NameValue",
    read_only="CompanyStartDate Country SupportedLanguages NameValue",
    operations="update",
)
PREFERENCES: Final = _entity(
    "Preferences",
    known="AccountingInfoPrefs ProductAndServicesPrefs SalesFormsPrefs EmailMessagesPrefs "
    "VendorAndPurchasesPrefs TaxPrefs TimeTrackingPrefs ReportPrefs CurrencyPrefs OtherPrefs",
    read_only="TaxPrefs CurrencyPrefs",
    operations="update",
)

EXCHANGE_RATE: Final = _entity(
    "ExchangeRate",
    text="SourceCurrencyCode",
    day="AsOfDate",
    known="TargetCurrencyCode Rate",
    operations="",
)
"""No record like the others: it has no Id, and is kept by currency and day (`exchange_rates`)."""

SALES: Final = (ESTIMATE, INVOICE, CREDIT_MEMO, SALES_RECEIPT)
"""Documents with lines of items."""

ENTITIES: Final[Mapping[str, Entity]] = {
    each.name: each
    for each in (
        CUSTOMER, ITEM, ACCOUNT, TERM, CLASS, DEPARTMENT, PAYMENT_METHOD, TAX_AGENCY, TAX_CODE,
        TAX_RATE, *SALES, PAYMENT, COMPANY_INFO, PREFERENCES,
    )
}  # fmt: skip
"""All kinds, by name."""
