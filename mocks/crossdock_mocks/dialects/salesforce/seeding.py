"""Filling an organization from a data set: the same companies as all other mocks tell of.

The custom fields say where records come from: the number of the ERP's customer stands on the
account, and the data set's own id on whatever has no number of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Protocol, final

from crossdock_mocks.dialects.salesforce import ids
from crossdock_mocks.dialects.salesforce.login import INTEGRATION
from crossdock_mocks.dialects.salesforce.model import FieldType, money, picklist, text
from crossdock_mocks.dialects.salesforce.organization import (
    define_field,
    organization,
)
from crossdock_mocks.dialects.salesforce.package import deployed
from crossdock_mocks.dialects.salesforce.rules import opportunities, quotes
from crossdock_mocks.dialects.salesforce.rules.base import exact, rounded, total
from crossdock_mocks.dialects.salesforce.soql.values import stored
from crossdock_mocks.engine import World

Row = dict[str, Any]

CUSTOMER_NUMBER: Final = "ERP_Customer_Number__c"
ORDER_NUMBER: Final = "ERP_Order_Number__c"
EXTERNAL_KEY: Final = "External_Key__c"

FIELDS: Final[tuple[tuple[str, FieldType], ...]] = (
    ("Account", text(CUSTOMER_NUMBER, 40, external=True, unique=True,
                     label="ERP Customer Number")),
    ("Account", text("Tax_Number__c", 40, label="Tax Number")),
    ("Opportunity", text(EXTERNAL_KEY, 80, external=True, unique=True, label="External Key")),
    ("Opportunity", FieldType("Contract_Starts_On__c", "date", label="Contract Starts On")),
    ("Quote", text(EXTERNAL_KEY, 80, external=True, unique=True, label="External Key")),
    ("Order", text(EXTERNAL_KEY, 80, external=True, unique=True, label="External Key")),
    ("Order", text(ORDER_NUMBER, 40, external=True, unique=True, label="ERP Order Number")),
    ("Order", picklist("ERP_Status__c", ["open", "hold", "partly_shipped", "shipped", "invoiced",
                                         "closed", "cancelled"], label="ERP Status")),
    ("Order", money("ERP_Total__c", label="ERP Total")),
    ("Task", text(EXTERNAL_KEY, 80, external=True, unique=True, label="External Key")),
    ("Contact", text(EXTERNAL_KEY, 80, external=True, unique=True, label="External Key")),
    ("Lead", text(EXTERNAL_KEY, 80, external=True, unique=True, label="External Key")),
    ("Campaign", text(EXTERNAL_KEY, 80, external=True, unique=True, label="External Key")),
    ("OrderItem", text("ERP_Line__c", 20, label="ERP Line")),
)  # fmt: skip
"""Custom fields that every world of this mock begins with."""

# What a role of the data set is called among an organization's profiles.
_PROFILES: Final = {
    "admin": "System Administrator", "sales": "Sales User", "manager": "Sales Manager",
    "service": "Service User", "accounting": "Accounting User",
}  # fmt: skip
_STANDARD_STAGES: Final = (
    ("Prospecting", 10, "Pipeline", False, False),
    ("Qualification", 10, "Pipeline", False, False),
    ("Needs Analysis", 20, "Pipeline", False, False),
    ("Value Proposition", 50, "Pipeline", False, False),
    ("Id. Decision Makers", 60, "Pipeline", False, False),
    ("Perception Analysis", 70, "Pipeline", False, False),
    ("Proposal/Price Quote", 75, "Pipeline", False, False),
    ("Negotiation/Review", 90, "Pipeline", False, False),
    ("Closed Won", 100, "Closed", True, True),
    ("Closed Lost", 0, "Omitted", True, False),
)
_CATEGORIES: Final = {
    "omitted": ("Omitted", "Omitted"), "pipeline": ("Pipeline", "Pipeline"),
    "best_case": ("BestCase", "Best Case"), "commit": ("Forecast", "Commit"),
    "closed": ("Closed", "Closed"),
}  # fmt: skip
_KINDS: Final = {
    "prospect": "Prospect", "customer": "Customer - Direct",
    "partner": "Channel Partner / Reseller", "former": "Other",
}  # fmt: skip
_QUOTE_STATUS: Final = {
    "draft": "Draft", "sent": "Presented", "accepted": "Accepted", "declined": "Denied",
    "ordered": "Accepted",
}  # fmt: skip
_LEAD_STATUS: Final = {
    "new": "Open - Not Contacted", "working": "Working - Contacted",
    "qualified": "Working - Contacted", "converted": "Closed - Converted",
    "lost": "Closed - Not Converted", "unqualified": "Closed - Not Converted",
}  # fmt: skip


class Source(Protocol):
    """What an organization needs of a data set: typed rows by record kind."""

    @property
    def company(self) -> str:
        """The company that sells."""

    def rows(self, kind: str, /) -> Iterator[dict[str, Any]]:
        """The rows of a record kind."""


def seed(world: World, source: Source | None) -> None:
    """Fill the tables of a world; without a data set only with what every organization has."""
    for owner, field in (*FIELDS, *deployed()):
        define_field(world, owner, field, indexed=field.external)
    _Seeding(world, source).run()


@final
class _Seeding:
    def __init__(self, world: World, source: Source | None) -> None:
        self._world = world
        self._source = source
        self._objects = organization(world)
        self._at = stored(world.now)
        self._keys: dict[tuple[str, str], str] = {}
        self._user = ""

    def run(self) -> None:
        self._organization()
        self._users()
        self._stages()
        self._put("Pricebook2", [{"Name": "Standard Price Book", "IsActive": True,
                                  "IsStandard": True}])  # fmt: skip
        if self._source is None:
            return
        self._products()
        self._companies()
        self._campaigns()
        deals = self._deals()
        self._quotes_and_orders(deals)
        self._activities()
        self._logins()

    # Writing

    def _rows(self, kind: str) -> Iterator[dict[str, Any]]:
        return iter(()) if self._source is None else self._source.rows(kind)

    def _key(self, kind: str, key: Any) -> str | None:
        """The id of a record that was made for a row of the data set."""
        return None if key is None else self._keys.get((kind, str(key)))

    def _made(self, entity: str, values: Row, at: str | None = None) -> Row:
        """A record with all fields of its object."""
        kind = self._objects.objects[entity]
        row: Row = {each.name: each.default for each in kind.all_fields if not each.parts}
        row.update(values)
        row["Id"] = ids.make(kind.prefix, int(self._world.sequence(f"sf_{entity}")))
        for field in kind.fields:
            if field.auto is not None:
                number = int(self._world.sequence(f"sf_{entity}.{field.name}"))
                row[field.name] = field.auto.format(number)
            elif field.name == "OwnerId":
                row["OwnerId"] = row["OwnerId"] or self._user
            elif field.is_text and isinstance(row[field.name], str):
                row[field.name] = row[field.name][: field.length]
        stamp, who = at or self._at, self._user or row["Id"]
        row.update(IsDeleted=False, CreatedDate=stamp, CreatedById=who, LastModifiedDate=stamp,
                   LastModifiedById=who, SystemModstamp=stamp)  # fmt: skip
        return row

    def _put(self, entity: str, rows: list[Row]) -> list[Row]:
        """Write records; those that are given as values only are made first."""
        made = [each if "Id" in each else self._made(entity, each) for each in rows]
        self._world.table(f"sf_{entity}").insert_many(made)
        return made

    # What every organization has

    def _organization(self) -> None:
        name = "Crossdock" if self._source is None else self._source.company
        self._put(
            "Organization",
            [{"Name": name, "OrganizationType": "Developer Edition", "InstanceName": "XD1",
              "DefaultLocaleSidKey": "en_US", "TimeZoneSidKey": "GMT",
              "LanguageLocaleKey": "en_US", "FiscalYearStartMonth": 1}],
        )  # fmt: skip

    def _users(self) -> None:
        named = self._put("Profile", [{"Name": name} for name in _PROFILES.values()])
        profiles = {role: row["Id"] for role, row in zip(_PROFILES, named, strict=True)}
        first = self._made(
            "User",
            {"Username": INTEGRATION, "LastName": "Integration", "FirstName": "Crossdock",
             "Name": "Crossdock Integration", "Email": INTEGRATION, "Alias": "integr",
             "ProfileId": profiles["admin"]},
        )  # fmt: skip
        self._user = first["Id"]
        rows = [first]
        given = list(self._rows("users"))
        for row in given:
            start, _, last = row["name"].rpartition(" ")
            tail = row["id"].partition("-")[2] or row["id"]
            made = self._made(
                "User",
                {
                    "Username": row["email"] or f"{tail}@crossdock.example",
                    "FirstName": start or None, "LastName": last, "Name": row["name"],
                    "Email": row["email"] or f"{tail}@crossdock.example", "Alias": tail[:8],
                    "IsActive": row["active"] is not False, "Title": row["role"],
                    "Division": row["team"], "EmployeeNumber": row["id"],
                    "ProfileId": profiles.get(row["role"], profiles["sales"]),
                },
            )  # fmt: skip
            self._keys["users", row["id"]] = made["Id"]
            rows.append(made)
        for row, made in zip(given, rows[1:], strict=True):
            made["ManagerId"] = self._key("users", row["manager_id"])
        self._put("User", rows)

    def _stages(self) -> None:
        given = sorted(self._rows("stages"), key=lambda row: row["position"])
        if not given:
            rows: list[Row] = [
                {"MasterLabel": name, "DefaultProbability": float(chance),
                 "ForecastCategory": category, "ForecastCategoryName": category,
                 "IsClosed": closed, "IsWon": won}
                for name, chance, category, closed, won in _STANDARD_STAGES
            ]  # fmt: skip
        else:
            rows = [self._stage(row) for row in given]
        for place, row in enumerate(rows, 1):
            row.update(ApiName=row["MasterLabel"], SortOrder=place)
        self._put("OpportunityStage", rows)
        self._objects = organization(self._world)

    def _stage(self, row: Row) -> Row:
        category = _CATEGORIES.get(row["forecast_category"] or "", ("Pipeline", "Pipeline"))
        return {
            "MasterLabel": row["name"],
            "DefaultProbability": float((row["probability"] or Decimal(0)) * 100),
            "ForecastCategory": category[0],
            "ForecastCategoryName": category[1],
            "IsClosed": row["kind"] != "open",
            "IsWon": row["kind"] == "won",
        }

    # What is sold

    def _products(self) -> None:
        (book,) = self._world.table("sf_Pricebook2").find()
        products, prices = [], []
        for row in self._rows("items"):
            product = self._made(
                "Product2",
                {"Name": row["name"], "ProductCode": row["id"], "StockKeepingUnit": row["id"],
                 "Description": row["description"], "Family": row["product_line"],
                 "IsActive": row["active"] is not False, "QuantityUnitOfMeasure": row["unit"]},
            )  # fmt: skip
            price = self._made(
                "PricebookEntry",
                {"Pricebook2Id": book["Id"], "Product2Id": product["Id"],
                 "UnitPrice": float(row["list_price"] or 0), "IsActive": product["IsActive"],
                 "Name": product["Name"], "ProductCode": row["id"]},
            )  # fmt: skip
            self._keys["items", row["id"]] = product["Id"]
            self._keys["prices", row["id"]] = price["Id"]
            products.append(product)
            prices.append(price)
        self._put("Product2", products)
        self._put("PricebookEntry", prices)

    # To whom

    def _companies(self) -> None:
        given = list(self._rows("accounts"))
        rows = []
        for row in given:
            place = {
                "Street": row["street"], "City": row["city"], "State": row["region"],
                "PostalCode": row["postcode"], "Country": row["country"],
            }  # fmt: skip
            made = self._made(
                "Account",
                {
                    "Name": row["name"], "AccountNumber": row["id"],
                    "Type": _KINDS.get(row["kind"] or ""), "Industry": row["industry"],
                    "OwnerId": self._key("users", row["owner_id"]), "Phone": row["phone"],
                    "Website": row["website"], "Tax_Number__c": row["tax_number"],
                    CUSTOMER_NUMBER: row["customer_id"],
                    **{f"Billing{name}": value for name, value in place.items()},
                },
                _at(row["created_at"]),
            )  # fmt: skip
            self._keys["accounts", row["id"]] = made["Id"]
            rows.append(made)
        for row, made in zip(given, rows, strict=True):
            made["ParentId"] = self._key("accounts", row["parent_id"])
        self._put("Account", rows)
        people = []
        for row in self._rows("contacts"):
            made = self._made(
                "Contact",
                {
                    "AccountId": self._key("accounts", row["account_id"]),
                    **_named(row["first_name"], row["last_name"]), "Title": row["job_title"],
                    "Email": row["email"], "Phone": row["phone"], EXTERNAL_KEY: row["id"],
                },
            )  # fmt: skip
            self._keys["contacts", row["id"]] = made["Id"]
            people.append(made)
        self._put("Contact", people)
        self._put("Lead", [self._lead(row) for row in self._rows("leads")])

    def _lead(self, row: Row) -> Row:
        first, _, last = (row["contact_name"] or "Unknown").rpartition(" ")
        account = self._key("accounts", row["converted_account_id"])
        made = self._made(
            "Lead",
            {
                "Company": row["company"], **_named(first or None, last), "Email": row["email"],
                "LeadSource": row["source"],
                "Status": _LEAD_STATUS.get(row["status"] or "", "Open - Not Contacted"),
                "OwnerId": self._key("users", row["owner_id"]), "IsConverted": account is not None,
                "ConvertedAccountId": account, EXTERNAL_KEY: row["id"],
            },
            _at(row["created_at"]),
        )  # fmt: skip
        if account is not None:
            made["ConvertedDate"] = made["CreatedDate"][:10]
        self._keys["leads", row["id"]] = made["Id"]
        return made

    def _campaigns(self) -> None:
        rows = []
        for row in self._rows("campaigns"):
            made = self._made(
                "Campaign",
                {"Name": row["name"], "Type": row["kind"], "StartDate": _day(row["starts_on"]),
                 "EndDate": _day(row["ends_on"]), "ActualCost": _amount(row["cost"]),
                 "IsActive": True, "Status": "In Progress", EXTERNAL_KEY: row["id"]},
            )  # fmt: skip
            self._keys["campaigns", row["id"]] = made["Id"]
            rows.append(made)
        members = []
        tally: dict[str, Row] = {each["Id"]: each for each in rows}
        for row in self._rows("campaign_members"):
            lead, contact = (
                self._key("leads", row["lead_id"]), self._key("contacts", row["contact_id"])
            )  # fmt: skip
            answered = row["responded_at"] is not None
            key = self._key("campaigns", row["campaign_id"])
            members.append(
                {"CampaignId": key, "LeadId": lead, "ContactId": None if lead else contact,
                 "Status": "Responded" if answered else "Sent", "HasResponded": answered,
                 "FirstRespondedDate": _day(row["responded_at"])}
            )  # fmt: skip
            campaign = tally.get(key or "")
            if campaign is not None:
                campaign["NumberOfLeads" if lead else "NumberOfContacts"] += 1
                campaign["NumberOfResponses"] += answered
        self._put("Campaign", rows)
        self._put("CampaignMember", members)

    # What comes of it

    def _deals(self) -> dict[str, Row]:
        names = {row["id"]: row["name"] for row in self._rows("stages")}
        stages = {
            row["MasterLabel"]: row for row in self._world.table("sf_OpportunityStage").find()
        }
        deals: dict[str, Row] = {}
        for row in self._rows("opportunities"):
            stage = stages[names[row["stage_id"]]]
            made = self._made(
                "Opportunity",
                {
                    "AccountId": self._key("accounts", row["account_id"]), "Name": row["name"],
                    "OwnerId": self._key("users", row["owner_id"]),
                    "StageName": stage["MasterLabel"], "Amount": _amount(row["amount"]),
                    "CloseDate": _day(row["close_on"]) or self._at[:10],
                    "CampaignId": self._key("campaigns", row["campaign_id"]),
                    "Contract_Starts_On__c": _day(row["contract_starts_on"]),
                    "Probability": stage["DefaultProbability"],
                    "ForecastCategory": stage["ForecastCategory"],
                    "ForecastCategoryName": stage["ForecastCategoryName"],
                    "IsClosed": stage["IsClosed"], "IsWon": stage["IsWon"],
                    EXTERNAL_KEY: row["id"],
                },
                _at(row["created_at"]),
            )  # fmt: skip
            opportunities.formulas(made)
            self._keys["opportunities", row["id"]] = made["Id"]
            deals[row["id"]] = made
        self._history(deals, names, stages)
        self._put("Opportunity", list(deals.values()))
        self._campaign_sums(list(deals.values()))
        return deals

    def _history(self, deals: dict[str, Row], names: Row, stages: dict[str, Row]) -> None:
        rows = []
        for entry in sorted(self._rows("stage_history"), key=lambda each: each["entered_at"]):
            deal = deals.get(entry["opportunity_id"])
            if deal is None:
                continue
            stage = stages[names[entry["stage_id"]]]
            at = stored(entry["entered_at"])
            deal["LastStageChangeDate"] = at
            rows.append(
                self._made(
                    "OpportunityHistory",
                    {"OpportunityId": deal["Id"], "StageName": stage["MasterLabel"],
                     "Amount": deal["Amount"], "CloseDate": deal["CloseDate"],
                     "Probability": stage["DefaultProbability"],
                     "ForecastCategory": stage["ForecastCategory"],
                     "ExpectedRevenue": None if deal["Amount"] is None else rounded(
                         exact(deal["Amount"]) * exact(stage["DefaultProbability"]) / 100)},
                    at,
                )
            )  # fmt: skip
        self._put("OpportunityHistory", rows)

    def _campaign_sums(self, deals: list[Row]) -> None:
        table = self._world.table("sf_Campaign")
        for campaign in table.find():
            mine = [each for each in deals if each["CampaignId"] == campaign["Id"]]
            won = [each for each in mine if each["IsWon"]]
            campaign.update(
                NumberOfOpportunities=len(mine), NumberOfWonOpportunities=len(won),
                AmountAllOpportunities=rounded(total(each["Amount"] for each in mine)),
                AmountWonOpportunities=rounded(total(each["Amount"] for each in won)),
            )  # fmt: skip
            table.replace(campaign)

    def _quotes_and_orders(self, deals: dict[str, Row]) -> None:
        by_quote: dict[str, list[Row]] = defaultdict(list)
        for row in self._rows("quote_lines"):
            by_quote[row["quote_id"]].append(row)
        (book,) = self._world.table("sf_Pricebook2").find()
        erp = {row["id"]: row for row in self._rows("orders")}
        made: dict[str, list[Row]] = {
            name: [] for name in ("Quote", "QuoteLineItem", "Order", "OrderItem")
        }
        for row in self._rows("quotes"):
            deal = deals.get(row["opportunity_id"] or "")
            quote = None
            if deal is not None:
                quote = self._quote(row, deal, by_quote[row["id"]], book["Id"], made)
            if row["status"] == "ordered":
                self._order(row, deal, quote, by_quote[row["id"]], book["Id"], erp, made)
        for name, rows in made.items():
            self._put(name, rows)

    def _quote(
        self, row: Row, deal: Row, given: list[Row], book: str, made: dict[str, list[Row]]
    ) -> Row:
        quote = self._made(
            "Quote",
            {
                "Name": f"{deal['Name']} {row['id']}"[:255], "OpportunityId": deal["Id"],
                "AccountId": deal["AccountId"], "Pricebook2Id": book,
                "ContactId": self._key("contacts", row["contact_id"]),
                "Status": _QUOTE_STATUS.get(row["status"] or "", "Draft"),
                "ExpirationDate": _day(row["valid_until"]),
                "OwnerId": self._key("users", row["owner_id"]), EXTERNAL_KEY: row["id"],
            },
            _at(row["created_at"]),
        )  # fmt: skip
        lines = [
            self._line("QuoteLineItem", "QuoteId", quote, each, discounted=True) for each in given
        ]
        quote.update(quotes.sums(quote, lines))
        made["Quote"].append(quote)
        made["QuoteLineItem"] += lines
        return quote

    def _line(self, entity: str, link: str, head: Row, row: Row, *, discounted: bool) -> Row:
        quantity, price = row["quantity"], row["unit_price"] or Decimal(0)
        discount = row["discount_percent"] or Decimal(0)
        gross = quantity * price
        net = gross - gross * discount / 100
        values: Row = {
            link: head["Id"], "Product2Id": self._key("items", row["item_id"]),
            "PricebookEntryId": self._key("prices", row["item_id"]),
            "Quantity": float(quantity), "UnitPrice": rounded(price),
            "ListPrice": self._list_price(row["item_id"]), "Description": row["description"],
            "TotalPrice": rounded(net),
        }  # fmt: skip
        if discounted:
            values.update(Discount=float(discount) or None, Subtotal=rounded(gross))
        elif discount:
            # Lines of orders know no discount: it is in the price.
            values["UnitPrice"] = rounded(price - price * discount / 100)
            values["TotalPrice"] = rounded(quantity * exact(values["UnitPrice"]))
        return self._made(entity, values, head["CreatedDate"])

    def _list_price(self, item: str) -> float | None:
        key = self._key("prices", item)
        row = self._world.table("sf_PricebookEntry").get(key) if key else None
        return None if row is None else float(row["UnitPrice"])

    def _order(
        self, row: Row, deal: Row | None, quote: Row | None, given: list[Row], book: str,
        erp: dict[str, Row], made: dict[str, list[Row]],
    ) -> None:  # fmt: skip
        known = erp.get(row.get("order_id") or "")
        created = _at(row["created_at"])
        start = known["ordered_on"] if known is not None else None
        order = self._made(
            "Order",
            {
                "AccountId": self._key("accounts", row["account_id"]),
                "OpportunityId": None if deal is None else deal["Id"],
                "QuoteId": None if quote is None else quote["Id"], "Pricebook2Id": book,
                "Name": f"Order of {row['id']}", "Status": "Activated", "StatusCode": "Activated",
                "EffectiveDate": _day(start) or (created or self._at)[:10],
                "OwnerId": self._key("users", row["owner_id"]), EXTERNAL_KEY: row["id"],
                "ActivatedDate": created or self._at, "ActivatedById": self._user,
                ORDER_NUMBER: row.get("order_id"),
                "ERP_Status__c": None if known is None else known["status"],
                "PoNumber": None if known is None else known["reference"],
            },
            created,
        )  # fmt: skip
        lines = [
            self._line("OrderItem", "OrderId", order, each, discounted=False) for each in given
        ]
        order["TotalAmount"] = rounded(total(each["TotalPrice"] for each in lines))
        if not lines:
            order.update(Status="Draft", StatusCode="Draft", ActivatedDate=None,
                         ActivatedById=None)  # fmt: skip
        made["Order"].append(order)
        made["OrderItem"] += lines

    # What people do

    def _activities(self) -> None:
        tasks, events = [], []
        latest: dict[str, str] = {}
        for row in self._rows("activities"):
            account = self._key("accounts", row["account_id"])
            about = self._key("opportunities", row["opportunity_id"]) or account
            shared = {
                "Subject": row["subject"], "OwnerId": self._key("users", row["owner_id"]),
                "WhatId": about, "WhoId": self._key("contacts", row["contact_id"]),
                "AccountId": account,
            }  # fmt: skip
            created = _at(row["created_at"])
            day = _day(row["due_at"] or row["created_at"])
            if row["kind"] == "meeting":
                starts = row["due_at"] or row["created_at"] or self._world.now
                events.append(
                    self._made(
                        "Event",
                        {**shared, "Type": "Meeting", "StartDateTime": stored(starts),
                         "ActivityDateTime": stored(starts), "ActivityDate": _day(starts),
                         "EndDateTime": stored(starts + timedelta(hours=1)),
                         "DurationInMinutes": 60},
                        created,
                    )
                )  # fmt: skip
            else:
                done = row["completed_at"]
                kind = {"call": "Call", "email": "Email"}.get(row["kind"], "Other")
                tasks.append(
                    self._made(
                        "Task",
                        {**shared, "ActivityDate": day, "Type": kind,
                         "TaskSubtype": kind if kind != "Other" else "Task",
                         "Status": "Not Started" if done is None else "Completed",
                         "IsClosed": done is not None, EXTERNAL_KEY: row["id"],
                         "CompletedDateTime": None if done is None else stored(done)},
                        created,
                    )
                )  # fmt: skip
            if account and day and (row["kind"] == "meeting" or row["completed_at"]):
                latest[account] = max(latest.get(account, ""), day)
        self._put("Task", tasks)
        self._put("Event", events)
        table = self._world.table("sf_Account")
        for key, last in latest.items():
            table.update(key, LastActivityDate=last)

    def _logins(self) -> None:
        rows, latest = [], {}
        for row in self._rows("logins"):
            user, at = self._key("users", row["user_id"]), stored(row["at"])
            latest[user] = at
            rows.append(
                self._made(
                    "LoginHistory",
                    {"UserId": user, "LoginTime": at, "LoginType": "Application",
                     "SourceIp": "127.0.0.1", "Status": "Success", "Application": "Browser"},
                    at,
                )
            )  # fmt: skip
        self._put("LoginHistory", rows)
        table = self._world.table("sf_User")
        for key, last in latest.items():
            if key is not None:
                table.update(key, LastLoginDate=last)


def _named(first: str | None, last: str) -> Row:
    return {
        "FirstName": first, "LastName": last,
        "Name": " ".join(each for each in (first, last) if each),
    }  # fmt: skip


def _at(value: datetime | None) -> str | None:
    return None if value is None else stored(value)


def _day(value: date | datetime | None) -> str | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).date().isoformat()
    return None if value is None else value.isoformat()


def _amount(value: Decimal | None) -> float | None:
    return None if value is None else rounded(value)
