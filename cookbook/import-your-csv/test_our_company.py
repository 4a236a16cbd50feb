from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock_mocks.datasets import DataSet

HERE = Path(__file__).parent


@pytest.fixture
def imported(tmp_path):
    map_, export = str(HERE / "map.toml"), str(HERE / "export")
    done = CliRunner().invoke(
        main, ["data", "import", "--map", map_, export, str(tmp_path / "our-company")]
    )
    assert done.exit_code == 0, done.output
    shown = (HERE / "README.md").read_text(encoding="utf-8").split("our-company\n", 1)[1]
    assert done.output.startswith(shown.partition("\n$")[0])  # the table that the recipe shows
    return DataSet.load(tmp_path / "our-company")


def test_our_invoices_stand_in_the_account_s_tab(open_dock, imported):
    dock = open_dock("erp-tabs", data=imported)
    account = dock.host.crm.account("A-100")
    (customer,) = dock.host.trading_accounts(account)
    (invoice,) = dock.host.erp.invoices(customer, lines=True)
    assert (customer.name, customer.terms_days) == ("Kraft & Sohn", 14)
    assert [each.net.amount for each in invoice.lines] == [Decimal(120), Decimal(50)]
    assert str(invoice.due_on) == "2026-03-17"

    aging = dock.open_tab("erp-tabs/aging", "A-100", by="accounting")
    assert "170" in str(aging.view)


def test_who_was_typed_in_to_try_the_program_is_no_customer(imported):
    assert [each["id"] for each in imported.rows("customers")] == ["100", "101"]
