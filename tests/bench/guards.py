"""Ten guards through the host, against the same ten through bare pluggy."""

from __future__ import annotations

import tempfile
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from pluggy import PluginManager
from tests.bench.measure import Row, micros, side_by_side

from crossdock import hookspecs
from crossdock.host import Host, HostConfig, RoleConfig, SystemConfig
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock.records import Money, Quote, QuoteLine, User

GUARD = (
    "from crossdock import Proceed, hookimpl\n"
    "@hookimpl\n"
    "def before_quote_save(ctx, quote, before):\n"
    "    return Proceed()\n"
)
AMENDS = (
    "from attrs import evolve\n"
    "from crossdock import Amend, hookimpl\n"
    "@hookimpl\n"
    "def before_quote_save(ctx, quote, before):\n"
    "    return Amend(evolve(quote, trading_account='main:C-1'), reason='default')\n"
)


def measure() -> list[Row]:
    """Measure guards inline, and in a process of their own."""
    with tempfile.TemporaryDirectory() as folder:
        names = tuple(f"guard-{number}" for number in range(10))
        host = _host(Path(folder), names, GUARD, inline="*")
    bare = PluginManager("crossdock")
    bare.add_hookspecs(hookspecs)
    for plugin in host.plugins:
        module = ModuleType(plugin.id)
        for point, hook in plugin.hooks.items():
            setattr(module, point, hook.function)
        bare.register(module, name=plugin.id)
    line = QuoteLine(number=1, item_id="BRG-1001", quantity=Decimal(2))
    quote = Quote(id="", account_id="A-1", currency="EUR", lines=(line,))
    user = User(id="U-kim", name="Kim", roles=("sales",))
    through_host, through_pluggy = side_by_side(
        lambda: host.before_quote_save(quote, user=user),
        lambda: bare.hook.before_quote_save(ctx=None, quote=quote, before=None),
        calls=2000,
    )
    ratio = through_host / through_pluggy
    return [
        Row(
            what="ten guards inline, against bare pluggy",
            goal="<= 3 x",
            measured=f"{ratio:.2f} x",
            met=ratio <= 3,
            detail=f"{micros(through_host)} against {micros(through_pluggy)}",
        ),
        _in_a_process(),
    ]


def _in_a_process() -> Row:
    """Measure one guard in a process of its own against the same guard inline."""
    lines = tuple(
        QuoteLine(
            number=number,
            item_id=f"BRG-100{number}",
            description="Deep groove ball bearing",
            quantity=Decimal(number),
            unit_price=Money("18.40", "EUR"),
        )
        for number in range(1, 6)
    )
    quote = Quote(id="Q-1", account_id="A-1", currency="EUR", lines=lines)
    user = User(id="U-kim", name="Kim", roles=("sales",))
    with tempfile.TemporaryDirectory() as folder:
        nothing = _host(Path(folder), ("guard",), GUARD, inline="*")
        remote = _host(Path(folder), ("guard",), GUARD, inline=())
        amends = _host(Path(folder), ("amends",), AMENDS, inline=())
    with closing(nothing), closing(remote), closing(amends):
        inline, process, amending = side_by_side(
            lambda: nothing.before_quote_save(quote, user=user),
            lambda: remote.before_quote_save(quote, user=user),
            lambda: amends.before_quote_save(quote, user=user),
            calls=300,
        )
    above = (process - inline) * 1000
    return Row(
        what="a guard in a child process, above inline",
        goal="< 0.5 ms",
        measured=f"{above:.2f} ms",
        met=above < 0.5,
        detail=(
            f"five lines, host idle: {micros(process)} against {micros(inline)}; "
            f"one that amends the quote {micros(amending)}"
        ),
    )


def _host(folder: Path, names: tuple[str, ...], code: str, *, inline: Any) -> Host:
    """Open a host with plugins that all have the same code; it reads them at once."""
    for name in names:
        home = folder / name
        home.mkdir(exist_ok=True)
        (home / "plugin.py").write_text(code)
        (home / "plugin.toml").write_text(
            f'id = "{name}"\nname = "{name}"\nsdk = ">=0.1"\npoints = ["before_quote_save"]\n'
        )
    nobody: Any = SimpleNamespace(system="crm", close=lambda: None)
    host = Host(
        HostConfig(
            crm=SystemConfig(name="crm", connector="none"),
            erps=(),
            enabled=names,
            plugin_paths=(folder,),
            roles={"sales": RoleConfig()},
            inline=inline,
        ),
        crm=nobody,
        erp=Router({}),
        store=Store.open(f"sqlite:///{folder}/host.db"),
        deliveries=nobody,
        identity="bench",
        now=lambda: datetime.now(UTC),
    )
    assert not host.quarantined, host.quarantined
    return host
