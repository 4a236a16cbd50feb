"""Plain values that look right for their name, and are right for their schema."""

from __future__ import annotations

import math
import random
import re
import uuid
from datetime import datetime, timedelta

from crossdock_mocks.inference.naming import parts
from crossdock_mocks.inference.patterns import matching
from crossdock_mocks.inference.schemas import Schema

FIRST = ("Ada", "Bruno", "Carla", "Dinesh", "Elif", "Farah", "Goran", "Hana", "Ivo", "Jun", "Kim",
         "Lena", "Mateo", "Nadia", "Omar", "Pia", "Quinn", "Rosa", "Sven", "Tara")  # fmt: skip
LAST = ("Abbott", "Brandt", "Castro", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito",
        "Jansen", "Kowalski", "Lindgren", "Moreau", "Novak", "Okafor", "Patel",
        "Rossi")  # fmt: skip
_FIRMS = ("Alder", "Birch", "Cobalt", "Delta", "Ember", "Fjord", "Granite", "Harbour", "Iris",
          "Juniper", "Kestrel", "Lumen", "Meridian", "Northgate", "Orchard",
          "Pinnacle")  # fmt: skip
_TRADES = ("Tools", "Supply", "Foods", "Systems", "Works", "Trading", "Labs", "Logistics")
_THINGS = ("bearing", "bracket", "cable", "drill", "filter", "gasket", "hinge", "lamp", "panel",
           "pump", "sensor", "switch", "valve", "wrench")  # fmt: skip
_KINDS = ("blue", "compact", "heavy", "light", "outdoor", "precision", "small", "steel", "wide")
_STREETS = ("Mill Lane", "Station Road", "Harbour Street", "Oak Avenue", "Market Square")
_CITIES = (("Leeds", "GB"), ("Bonn", "DE"), ("Lyon", "FR"), ("Porto", "PT"), ("Austin", "US"))
_TEXTS = ("Please call back before noon.", "Agreed with the customer.", "To be checked again.",
          "Second attempt.", "As discussed last week.", "Waiting for parts.")  # fmt: skip
_COUNTRIES = ("DE", "GB", "FR", "US", "PT")
_PAST = re.compile(r"created|updated|modified|opened|started|received|joined|signed")
_FUTURE = re.compile(r"due|expire|valid_until|renew|ends?$|end_|deadline|scheduled|until")


def instant(rng: random.Random, name: str, now: datetime) -> datetime:
    """An instant that fits its name: before now, unless it is one that is waited for."""
    span = timedelta(seconds=rng.randrange(3600, 300 * 86400))
    words = "_".join(parts(name))
    if _FUTURE.search(words) and not _PAST.search(words):
        return now + span
    if "created" in words:
        span += timedelta(days=301)  # before all that happened to it
    return (now - span).replace(microsecond=0)


def text(flat: Schema, name: str, rng: random.Random, now: datetime, noun: str = "") -> str:
    """A text for a schema of type string."""
    made = _formatted(flat.get("format", ""), name, rng, now)
    if made is not None:
        return _sized(made, flat, rng) if flat.get("format") == "password" else made
    pattern = flat.get("pattern")
    made = _named(parts(name), rng, noun)
    if pattern:
        if not re.search(_python(pattern), made) or not _fits(made, flat):
            for _ in range(20):
                candidate = matching(pattern, rng)
                if candidate is not None and _fits(candidate, flat):
                    return candidate
        return made
    return _sized(made, flat, rng)


def _python(pattern: str) -> str:
    return pattern.replace("\\p{L}", "[a-zA-Z]")


def _fits(made: str, flat: Schema) -> bool:
    return bool(flat.get("minLength", 0) <= len(made) <= flat.get("maxLength", math.inf))


def _sized(made: str, flat: Schema, rng: random.Random) -> str:
    least, most = flat.get("minLength", 0), flat.get("maxLength", math.inf)
    if len(made) > most:
        letters = {2: rng.choice(_COUNTRIES), 3: "EUR"}
        made = letters.get(int(most), made[: int(most)].strip() or made[: int(most)])
    while len(made) < least:
        made += rng.choice("abcdefghkmnpqrstuvwxyz")
    return made


def _formatted(form: str, name: str, rng: random.Random, now: datetime) -> str | None:
    if form == "date-time":
        return instant(rng, name, now).strftime("%Y-%m-%dT%H:%M:%SZ")
    if form == "date":
        return instant(rng, name, now).date().isoformat()
    if form == "time":
        return f"{rng.randrange(8, 18):02}:{rng.choice((0, 15, 30)):02}:00Z"
    if form == "duration":
        return f"PT{rng.randrange(1, 60)}M"
    if form in ("uuid", "guid"):
        return str(uuid.UUID(int=rng.getrandbits(128), version=4))
    if form in ("email", "idn-email"):
        return f"{rng.choice(FIRST)}.{rng.choice(LAST)}{rng.randrange(100)}@example.test".lower()
    if form in ("uri", "url", "iri", "uri-reference", "iri-reference", "uri-template"):
        return f"https://example.test/{'-'.join(parts(name)) or 'x'}/{rng.randrange(1000, 9999)}"
    if form in ("hostname", "idn-hostname"):
        return f"{rng.choice(_FIRMS).lower()}.example.test"
    if form == "ipv4":
        return f"192.0.2.{rng.randrange(1, 255)}"
    if form == "ipv6":
        return f"2001:db8::{rng.randrange(1, 65535):x}"
    if form == "byte":
        return "Q3Jvc3Nkb2Nr"
    if form == "json-pointer":
        return "/" + "/".join(parts(name))
    if form == "regex":
        return "^[a-z]+$"
    if form in ("decimal", "numeric", "money"):
        return f"{rng.randrange(100, 99999) / 100:.2f}"
    return None


def _named(words: tuple[str, ...], rng: random.Random, noun: str) -> str:
    """A text for what a property is called: a flat list of cases, the telling ones first."""
    joined = "_".join(words)
    last = words[-1] if words else ""
    if "email" in words:
        return f"{rng.choice(FIRST)}.{rng.choice(LAST)}{rng.randrange(100)}@example.test".lower()
    if last in ("url", "uri", "href", "link", "website", "homepage"):
        return f"https://example.test/{'-'.join(words[:-1]) or 'x'}/{rng.randrange(1000, 9999)}"
    if joined in ("first_name", "given_name", "firstname"):
        return rng.choice(FIRST)
    if joined in ("last_name", "family_name", "surname", "lastname"):
        return rng.choice(LAST)
    if last in ("login", "username", "handle"):
        return f"{rng.choice(FIRST)}{rng.choice(LAST)}{rng.randrange(100)}".lower()
    if "phone" in words or last in ("mobile", "fax"):
        return f"+44 1632 96{rng.randrange(10000):04}"
    if "currency" in words:
        return rng.choice(("EUR", "GBP", "USD"))
    if last in ("country", "region") or joined.endswith("country_code"):
        return rng.choice(_COUNTRIES)
    if last in ("city", "town"):
        return rng.choice(_CITIES)[0]
    if last in ("state", "province"):
        return rng.choice(("Saxony", "Kent", "Texas", "Alsace"))
    if last in ("postcode", "zip", "zipcode") or "postal" in words:
        return f"{rng.randrange(10000, 99999)}"
    if last in ("street", "line1", "address1", "address") or joined.endswith("address_line"):
        return f"{rng.randrange(1, 99)} {rng.choice(_STREETS)}"
    if last in ("amount", "price", "total", "subtotal", "tax", "cost", "balance"):
        return f"{rng.randrange(100, 99999) / 100:.2f}"
    if last in ("sku", "code") or joined in ("item_code", "part_number"):
        return f"{rng.choice(_THINGS)[:3].upper()}-{rng.randrange(1000, 9999)}"
    if last in ("sha", "hash", "digest", "checksum"):
        return f"{rng.getrandbits(160):040x}"
    if last in ("locale", "language"):
        return rng.choice(("en-GB", "de-DE", "fr-FR"))
    if "timezone" in words or joined.endswith("time_zone"):
        return rng.choice(("Europe/London", "Europe/Berlin"))
    if last in ("color", "colour"):
        return f"{rng.randrange(0x1000000):06x}"
    if last == "version":
        return f"{rng.randrange(1, 4)}.{rng.randrange(10)}.0"
    if last in ("company", "organization", "organisation", "vendor", "firm", "supplier"):
        return f"{rng.choice(_FIRMS)} {rng.choice(_TRADES)}"
    if last in ("description", "body", "note", "notes", "comment", "text", "memo", "bio", "message",
                "content", "summary", "reason", "instructions"):  # fmt: skip
        return rng.choice(_TEXTS)
    if last == "name" and _is_person(words[:-1], noun):
        return f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    if last == "name" and _is_firm(words[:-1], noun):
        return f"{rng.choice(_FIRMS)} {rng.choice(_TRADES)}"
    if last in ("title", "subject", "name", "label", "full"):
        return f"{rng.choice(_KINDS).capitalize()} {rng.choice(_THINGS)} {rng.randrange(100, 999)}"
    return f"{rng.choice(_KINDS)}-{rng.choice(_THINGS)}-{rng.randrange(100, 999)}"


def _is_person(words: tuple[str, ...], noun: str) -> bool:
    people = ("user", "contact", "person", "agent", "author", "owner", "employee", "member",
              "requester", "assignee", "customer", "full", "display", "lead",
              "candidate")  # fmt: skip
    return any(each in people for each in (*words, noun.rpartition("_")[2]))


def _is_firm(words: tuple[str, ...], noun: str) -> bool:
    firms = ("company", "account", "organization", "organisation", "vendor", "supplier", "business")
    return any(each in firms for each in (*words, noun.rpartition("_")[2]))


def number(flat: Schema, name: str, rng: random.Random, now: datetime, *, whole: bool) -> float:
    """A number within the limits of its schema."""
    words = parts(name)
    last = words[-1] if words else ""
    if whole and (last in ("created", "updated", "timestamp") or "_at" in name or "_start" in name
                  or "_end" in name):  # fmt: skip
        moment = int(instant(rng, name, now).timestamp())
        if flat.get("minimum", 0) <= moment <= flat.get("maximum", math.inf):
            return moment
    low, high = _limits(flat, whole=whole)
    guess: tuple[float, float] = (0, 100)
    if last in ("amount", "price", "total", "subtotal", "balance", "cost"):
        guess = (100, 50_000)
    elif last in ("quantity", "qty", "count"):
        guess = (1, 12)
    elif "rate" in words or "percent" in last:
        guess = (0, 25)
    elif last in ("id", "number"):
        guess = (1, 9_999)
    elif last in ("latitude", "lat", "longitude", "lng", "lon"):
        guess = (-80, 80)
    least = max(low, guess[0]) if guess[0] <= high else max(low, high - 100)
    most = min(high, max(guess[1], least + 10))
    step = flat.get("multipleOf")
    if step:
        first = math.ceil(least / step)
        count = first + rng.randrange(max(1, int((most - first * step) // step) + 1))
        made: float = round(count * step, 10)
        return made
    if whole:
        return rng.randint(math.ceil(least), max(math.ceil(least), math.floor(most)))
    return min(max(round(rng.uniform(least, most), 2), least), most)


def _limits(flat: Schema, *, whole: bool) -> tuple[float, float]:
    gap = 1 if whole else 0.01
    low, high = flat.get("minimum", -math.inf), flat.get("maximum", math.inf)
    if "exclusiveMinimum" in flat:
        low = max(low, flat["exclusiveMinimum"] + gap)
    if "exclusiveMaximum" in flat:
        high = min(high, flat["exclusiveMaximum"] - gap)
    return low, high
