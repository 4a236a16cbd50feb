"""A desk on a host in memory, and people who visit it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.unit.desk.fakes.host import FakeHost
from tests.unit.desk.fakes.setting import NOW
from tests.unit.desk.visitor import Browser

from crossdock.records import Quote, QuoteLine
from crossdock.server.desk import DeskSettings, create_desk
from crossdock.server.desk.back_office import BackOffice


def quote_of(*lines: tuple[str, str], **more: object) -> Quote:
    return Quote(
        id="",
        account_id="A-1001",
        currency="EUR",
        lines=tuple(
            QuoteLine(number=n, item_id=item, quantity=Decimal(quantity))
            for n, (item, quantity) in enumerate(lines, 1)
        ),
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture
def host(tmp_path: Path) -> Iterator[FakeHost]:
    made = FakeHost(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def browser_of(host: FakeHost) -> Callable[..., Browser]:
    """Make a visitor of a desk with given settings."""

    def make(back_office: BackOffice | None = None, **settings: object) -> Browser:
        chosen = DeskSettings(hosts=("testserver",), **settings)  # type: ignore[arg-type]
        return Browser(create_desk(host, chosen, back_office=back_office))

    return make


def _sign_in(browser: Browser, user: str = "U-kim") -> Browser:
    browser.open("/sign-in")
    browser.send("/sign-in", user=user, next="/accounts")
    return browser


@pytest.fixture
def sign_in() -> Callable[..., Browser]:
    return _sign_in


@pytest.fixture
def quote() -> Callable[..., Quote]:
    """Make a quote of lines, each an item and a quantity."""
    return quote_of


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def stranger(browser_of: Callable[..., Browser]) -> Browser:
    """Somebody who has not signed in."""
    return browser_of()


@pytest.fixture
def kim(browser_of: Callable[..., Browser]) -> Browser:
    """Kim of sales, signed in."""
    return _sign_in(browser_of())
