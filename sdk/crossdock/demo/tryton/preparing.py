"""A database of Tryton with a company in it, made once and copied as often as one is needed."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Protocol

from crossdock.connectors.tryton.session import Session
from crossdock.demo.tryton import books, goods
from crossdock.demo.tryton.packages import MODULES, Environment, Tell, TrytonMissing, alone
from crossdock.demo.tryton.server import DATABASE, TrytonServer

_HERE: Final = Path(__file__).parent
#: What of a data set is brought into Tryton.
KINDS: Final = (
    "tax_codes",
    "exchange_rates",
    "items",
    "customers",
    "price_lists",
    "prices",
    "stock",
    "receipts",
)
_ACTIVATION_SECONDS: Final = 600.0
_ADMIN: Final = "admin"


class Company(Protocol):
    """A data set, as far as Tryton takes it over."""

    @property
    def company(self) -> str:
        """The company's name."""

    @property
    def currency(self) -> str:
        """The currency of its books."""

    @property
    def rounding(self) -> str:
        """How it rounds tax: by `line` or by `document`."""

    @property
    def as_of(self) -> date:
        """The day of the data."""

    def rows(self, kind: str) -> Iterator[Mapping[str, Any]]:
        """Give the rows of a kind of record."""


def prepared(environment: Environment, data: Company, tell: Tell, *, today: date) -> Path:
    """Give the file of a database that holds a company; made when it is first asked for.

    Documents are left out: Tryton is its own bookkeeper, and what happened before is not told.

    Args:
        environment: where Tryton is installed.
        data: the company with its customers, items, prices and stock.
        tell: is told what is begun.
        today: books are open for the years around this day.
    """
    kept = environment.cache / f"company-{_fingerprint(environment, data, today)}.sqlite"
    with alone(environment.cache, kept.stem):
        if not kept.is_file():
            empty = _activated(environment, tell)
            tell("opening the books of a company in it, once for each data set")
            with tempfile.TemporaryDirectory(prefix="crossdock-tryton-") as folder:
                _fill(environment, empty, Path(folder), data, today)
                _keep(Path(folder) / f"{DATABASE}.sqlite", kept)
    return kept


def _activated(environment: Environment, tell: Tell) -> Path:
    """Give the file of an empty database with all modules."""
    kept = environment.cache / f"empty-{environment.key}.sqlite"
    with alone(environment.cache, kept.stem):
        if not kept.is_file():
            tell("preparing an empty Tryton, once (half a minute)")
            with tempfile.TemporaryDirectory(prefix="crossdock-tryton-") as folder:
                _activate(environment, Path(folder))
                _keep(Path(folder) / f"{DATABASE}.sqlite", kept)
    return kept


def _activate(environment: Environment, folder: Path) -> None:
    (folder / f"{DATABASE}.sqlite").touch()
    (folder / "trytond.conf").write_text(f"[database]\nuri = sqlite://\npath = {folder}\n")
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text(books.PASSWORD)
    done = subprocess.run(  # noqa: S603 - of the environment that was just made
        [
            environment.program("trytond-admin"), "-c", str(folder / "trytond.conf"),
            "-d", DATABASE, "-u", *MODULES, "--activate-dependencies",
            "--email", "admin@example.com", "--password",
        ],
        env={"TRYTONPASSFILE": str(password), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True, text=True, timeout=_ACTIVATION_SECONDS, check=False,
    )  # fmt: skip
    if done.returncode:
        raise TrytonMissing(f"Tryton could not be prepared: {done.stderr.strip()[-800:]}")


def _fill(environment: Environment, empty: Path, folder: Path, data: Company, today: date) -> None:
    customers = list(data.rows("customers"))
    with (
        TrytonServer(environment, folder, empty) as server,
        Session(server.url, DATABASE, _ADMIN, books.PASSWORD) as session,
    ):
        session.sign_in()
        opened = books.open_books(
            session,
            company=data.company,
            currency=data.currency,
            currencies=(row["currency"] for row in customers),
            worth=_worth(data),
            rates={row["id"]: (row["name"], row["rate"]) for row in data.rows("tax_codes")},
            terms=(row["terms_days"] for row in customers),
            today=today,
            rounding=data.rounding,
        )
        goods.fill(session, data, opened, data.as_of)


def _worth(data: Company) -> dict[str, list[tuple[date, Decimal]]]:
    worth: dict[str, list[tuple[date, Decimal]]] = {}
    for row in data.rows("exchange_rates"):
        if row["currency"] == data.currency:  # its own is worth itself
            continue
        worth.setdefault(row["currency"], []).append((row["valid_from"], row["rate"]))
    return worth


def _keep(made: Path, kept: Path) -> None:
    """Move a database that nobody writes any more into the cache, all of it in one file."""
    with sqlite3.connect(made) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    half = kept.with_suffix(".half")
    shutil.copyfile(made, half)
    half.replace(kept)


def _fingerprint(environment: Environment, data: Company, today: date) -> str:
    digest = hashlib.sha256(
        f"{environment.key} {data.company} {data.rounding} {today.year}".encode()
    )
    for module in sorted(_HERE.glob("*.py")):
        digest.update(module.read_bytes())
    for kind in KINDS:
        for row in data.rows(kind):
            digest.update(repr(sorted(row.items())).encode())
    return digest.hexdigest()[:16]
