"""Who sells and who buys: users with roles and logins, accounts, contacts, leads, campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from crossdock_mocks.datasets.columns import Value
from crossdock_mocks.datasets.generator.customers import Party
from crossdock_mocks.datasets.generator.names import Namer, ascii_name, countries

__all__ = ["SELLERS", "Row", "accounts", "campaigns_and_leads", "contacts", "instant", "users"]

Row = Mapping[str, Value]

_USERS = (
    ("mara", "Mara Leitgeb-Holm", "manager", "Sales", None, 0.9),
    ("kim", "Kim Áronffy", "sales", "Sales North", "mara", 0.95),
    ("tomas", "Tomáš Hradilek", "sales", "Sales North", "mara", 0.8),
    ("giulia", "Giulia Ferrandini", "sales", "Sales South", "mara", 0.7),
    ("jon", "Jón Sölvason", "sales", "Sales South", "mara", 0.25),
    ("petra", "Petra Wöhlgemut", "service", "Service", "mara", 0.6),
    ("otto", "Otto Zeilingbauer", "accounting", "Accounting", "mara", 0.5),
    ("ines", "Inês Carvalhosa", "admin", "Office", None, 0.4),
    ("rolf", "Rolf Ähnlich", "sales", "Sales South", "mara", 0.0),
)
"""Login name, name, role, team, manager, chance to log in on a working day."""

SELLERS = ("U-kim", "U-tomas", "U-giulia", "U-jon")

_JOBS = (
    "Head of purchasing",
    "Buyer",
    "Plant manager",
    "Maintenance engineer",
    "Managing director",
)


def instant(day: date, rng: Random) -> datetime:
    """A moment in the working hours of a day."""
    clock = time(rng.randint(6, 15), rng.randint(0, 59), rng.randint(0, 59))
    return datetime.combine(day, clock, UTC)


def users(rng: Random, as_of: date) -> dict[str, list[Row]]:
    """The users, and their logins of the last 120 days."""
    rows: list[Row] = []
    logins: list[Row] = []
    for login, name, role, team, manager, chance in _USERS:
        rows.append(
            {
                "id": f"U-{login}",
                "name": name,
                "email": f"{login}@havelbrueck.example",
                "role": role,
                "team": team,
                "manager_id": f"U-{manager}" if manager else None,
                "active": chance > 0,
            }
        )
        for back in range(120, -1, -1):
            day = as_of - timedelta(days=back)
            if day.weekday() < 5 and rng.random() < chance:
                logins.append({"user_id": f"U-{login}", "at": instant(day, rng)})
    logins.sort(key=lambda row: (str(row["at"]), str(row["user_id"])))
    return {"users": rows, "logins": logins}


def accounts(
    rng: Random, parties: list[Party], first_day: date, as_of: date
) -> tuple[list[Row], dict[str, str]]:
    """The accounts of all companies, and who owns which."""
    rows: list[Row] = []
    owners: dict[str, str] = {}
    for position, party in enumerate(parties):
        owner = "U-kim" if position < 3 else rng.choice(SELLERS)
        owners[party.id] = owner
        recent = party.kind == "prospect"
        created = as_of - timedelta(days=rng.randint(20, 300)) if recent else first_day
        rows.append(
            {
                "id": party.id,
                "name": party.name,
                "kind": party.kind,
                "industry": party.industry,
                "owner_id": owner,
                "email": f"info@{party.domain}",
                "phone": party.phone,
                "website": f"https://www.{party.domain}",
                "tax_number": party.tax_number,
                **party.address,
                "currency": "EUR",
                "parent_id": party.parent.id if party.parent else None,
                "customer_id": party.customer.id if party.customer else None,
                "created_at": instant(created, rng),
            }
        )
    return rows, owners


def contacts(rng: Random, namer: Namer, parties: list[Party]) -> dict[str, list[Row]]:
    """One to four people at each account, by account."""
    found: dict[str, list[Row]] = {}
    number = 1000
    for party in parties:
        people: list[Row] = []
        for job in rng.sample(_JOBS, rng.randint(1, 4)):
            number += 1
            first, last = namer.person(party.country)
            mailbox = f"{ascii_name(first)}.{ascii_name(last)}"
            people.append(
                {
                    "id": f"P-{number}",
                    "account_id": party.id,
                    "first_name": first,
                    "last_name": last,
                    "job_title": job,
                    "email": f"{mailbox}@{party.domain}",
                    "phone": namer.phone(party.country),
                }
            )
        found[party.id] = people
    return found


_CAMPAIGNS = (
    ("Fair in Linz", "fair", 410, 4, 8200),
    ("Bearing replacement weeks", "mailing", 300, 40, 1900),
    ("Webinar: seals that last", "webinar", 190, 1, 650),
    ("Lubrication audit", "mailing", 120, 60, 2400),
    ("Hydraulic hose check", "telephone", 60, 45, 3100),
    ("Autumn promotion", "mailing", 19, 45, 1200),
)
_SOURCES = ("website", "fair", "referral", "telephone", "trade directory")


def campaigns_and_leads(
    rng: Random,
    namer: Namer,
    parties: list[Party],
    people: dict[str, list[Row]],
    as_of: date,
    leads_wanted: int,
) -> dict[str, list[Row]]:
    """Campaigns, whom they addressed and who answered; leads and what became of them."""
    tables: dict[str, list[Row]] = {"campaigns": [], "leads": [], "campaign_members": []}
    prospects = [party for party in parties if party.kind == "prospect"]
    for number in range(leads_wanted):
        country = rng.choice(countries())
        first, last = namer.person(country)
        company = namer.company(country)
        status = rng.choices(("new", "working", "converted", "disqualified"), (25, 30, 20, 25))[0]
        converted = prospects[number % len(prospects)] if prospects else None
        if status == "converted" and converted is None:
            status = "working"
        if status == "converted" and converted is not None:
            company = converted.name
        created = instant(as_of - timedelta(days=rng.randint(1, 400)), rng)
        tables["leads"].append(
            {
                "id": f"L-{1001 + number}",
                "company": company,
                "contact_name": f"{first} {last}",
                "email": f"{ascii_name(last)}@{ascii_name(company.split()[0])}.example",
                "source": rng.choice(_SOURCES),
                "status": status,
                "owner_id": rng.choice(SELLERS),
                "created_at": created,
                "converted_account_id": converted.id
                if converted and status == "converted"
                else None,
            }
        )
    for number, (name, kind, back, length, cost) in enumerate(_CAMPAIGNS):
        starts = as_of - timedelta(days=back)
        campaign = f"CA-{1001 + number}"
        tables["campaigns"].append(
            {
                "id": campaign,
                "name": name,
                "kind": kind,
                "starts_on": starts,
                "ends_on": starts + timedelta(days=length),
                "cost": Decimal(cost),
                "currency": "EUR",
            }
        )
        addressed = [row for party in parties if rng.random() < 0.4 for row in people[party.id][:1]]
        span = max(1, min(length, back))
        for row in addressed:
            answered = rng.random() < 0.22
            day = starts + timedelta(days=rng.randint(0, span))
            tables["campaign_members"].append(
                {
                    "campaign_id": campaign,
                    "contact_id": row["id"],
                    "responded_at": instant(min(day, as_of), rng) if answered else None,
                }
            )
        for row in rng.sample(tables["leads"], len(tables["leads"]) // 6):
            tables["campaign_members"].append({"campaign_id": campaign, "lead_id": row["id"]})
    return tables
