"""`crossdock data duplicates`: two lists of companies with planted duplicates, and the truth."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("duplicates")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same folder.")
@click.option(
    "--accounts",
    default=2_000,
    show_default=True,
    type=click.IntRange(20, 1_000_000),
    help="How many accounts, and as many customers.",
)
@click.option(
    "--share",
    default=0.05,
    show_default=True,
    type=click.FloatRange(0.001, 0.5),
    help="Of the customers, those that are duplicates.",
)
@click.option("--force", is_flag=True, help="Replace the data set that is in OUT.")
def command(out: Path, seed: int, accounts: int, share: float, force: bool) -> None:
    """Make the data set folder OUT with duplicates planted among companies that are only alike.

    Duplicates have typing errors, abbreviations, other legal forms, other alphabets, moved
    addresses, split and joined fields. OUT.truth.csv beside it says which they are. Mocks can be
    filled from it, to try what a load would do.

    \b
    Examples:
      crossdock data duplicates planted --accounts 500
      crossdock mock crm erp --data planted
    """
    from crossdock.cli.data import clear, told_os_errors
    from crossdock_mocks.datasets.duplicates import as_data_set, plant, write_truth

    truth = out.with_name(f"{out.name}.truth.csv")
    with told_os_errors():
        clear(out, force=force)
        planted = plant(seed=seed, size=accounts, share=share)
        as_data_set(planted, seed=seed).save(out)
        write_truth(planted, truth)
    click.echo(
        f"{out}: {len(planted.accounts):,} accounts, {len(planted.customers):,} customers, "
        f"{len(planted.duplicates):,} of them duplicates: {truth}"
    )
