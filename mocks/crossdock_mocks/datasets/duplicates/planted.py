"""Accounts and customers of two systems that share a few companies, and it is known which."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from attrs import frozen

from crossdock_mocks.datasets.duplicates.companies import Company, companies
from crossdock_mocks.datasets.duplicates.corruptions import Entry, entered, entered_again

__all__ = ["Planted", "plant"]


@frozen(kw_only=True)
class Planted:
    """Two lists with their truth: records of one company have the same `entity`.

    Attributes:
        accounts: what the CRM has.
        customers: what the ERP has: companies that the CRM does not know, and duplicates.
        duplicates: for each customer that is one, what it is a duplicate of, by its place:
            `("account", place)` or `("customer", place)`.
    """

    accounts: tuple[Entry, ...]
    customers: tuple[Entry, ...]
    duplicates: dict[int, tuple[str, int]]


def plant(*, seed: int, size: int = 100_000, share: float = 0.05, twice: float = 0.1) -> Planted:
    """Make a list of accounts and one of customers, with duplicates among the customers.

    Args:
        seed: the same seed gives the same lists.
        size: how many accounts, and how many customers.
        share: of the customers that are duplicates.
        twice: of these, the share that stands twice among the customers; the others are accounts.
    """
    rng = Random(f"{seed}/planted")  # noqa: S311 - sample data, no secret
    made = companies(rng)
    planted = round(size * share)
    fresh = size - planted
    # Companies that mislead come in the order of the stream, so they fall on either side by chance.
    accounts: list[Company] = []
    customers: list[Company] = []
    while len(accounts) < size or len(customers) < fresh:
        company = next(made)
        side = accounts if rng.random() * (2 * size - planted) < size else customers
        if len(side) < (size if side is accounts else fresh):
            side.append(company)
        else:
            (customers if side is accounts else accounts).append(company)
    copies = round(planted * twice)
    of_customers = rng.sample(range(fresh), copies)
    of_accounts = rng.sample(range(size), planted - copies)
    # (what is entered, of whom it is a copy)
    rows: list[tuple[Entry, int | None, tuple[str, int] | None]] = [
        (entered(company), place, None) for place, company in enumerate(customers)
    ]
    rows += [
        (entered_again(accounts[place], rng), None, ("account", place)) for place in of_accounts
    ]
    rows += [
        (entered_again(customers[place], rng), None, ("customer", place)) for place in of_customers
    ]
    rng.shuffle(rows)
    now_at = {before: place for place, (_, before, _of) in enumerate(rows) if before is not None}
    return Planted(
        accounts=tuple(map(entered, accounts)),
        customers=tuple(entry for entry, _, _of in rows),
        duplicates={
            place: (side, now_at[at] if side == "customer" else at)
            for place, (side, at) in _copies(rows)
        },
    )


def _copies(
    rows: list[tuple[Entry, int | None, tuple[str, int] | None]],
) -> Iterator[tuple[int, tuple[str, int]]]:
    for place, (_, _before, of) in enumerate(rows):
        if of is not None:
            yield place, of
