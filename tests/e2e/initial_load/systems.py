"""Both mocks in a process of their own, filled with planted duplicates; they outlive every load."""

from datetime import UTC, datetime, time

from crossdock_mocks.datasets.duplicates import as_data_set, plant
from crossdock_mocks.dialects.crm import dialect as crm_dialect
from crossdock_mocks.dialects.erp import dialect as erp_dialect
from crossdock_mocks.engine import App, serve_in_thread

_AT_ONCE = 5_000


def run(parent, seed, size):
    """Serve until the parent says that it is over.

    First the addresses are told, with the truth: by id which company each record is. Whenever the
    parent asks, every record that is there is told, with the key of the one that it was made of.
    """
    planted = plant(seed=seed, size=size)
    data = as_data_set(planted, seed=seed)
    now = datetime.combine(data.as_of, time(9), UTC)
    truth = {
        "accounts": {f"A-{1001 + at}": each.entity for at, each in enumerate(planted.accounts)},
        "customers": {f"C-{10001 + at}": each.entity for at, each in enumerate(planted.customers)},
    }
    apps = App(crm_dialect()), App(erp_dialect())
    pairs = [(each, each.open_world(data, now=now)) for each in apps]
    del planted, data
    crm, erp = (world for _, world in pairs)
    with serve_in_thread(*pairs) as addresses:
        parent.send(([each.base_url for each in addresses], truth))
        while parent.recv() == "tell":
            parent.send(
                (
                    [
                        (row["id"], row["external_ids"].get("main", ""))
                        for row in _rows(crm, "crm_accounts")
                    ],
                    [
                        (row["id"], row["externalReference"] or "")
                        for row in _rows(erp, "customers")
                    ],
                )
            )


def _rows(world, table):
    after = None
    while True:
        page = world.table(table).page(order="id", limit=_AT_ONCE, after=after)
        yield from page.rows
        after = page.next
        if after is None:
            return
