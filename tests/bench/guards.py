"""Ten guards through the host, against the same ten through bare pluggy."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from pluggy import PluginManager
from tests.bench.measure import Row, micros, not_measured, side_by_side

from crossdock import hookspecs
from crossdock.host import Host, HostConfig, RoleConfig, SystemConfig
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock.records import Quote, QuoteLine, User

GUARD = (
    "from crossdock import Proceed, hookimpl\n"
    "@hookimpl\n"
    "def before_quote_save(ctx, quote, before):\n"
    "    return Proceed()\n"
)


def measure() -> list[Row]:
    """Measure guards inline; a child process is not built yet."""
    with tempfile.TemporaryDirectory() as folder:
        names = tuple(f"guard-{number}" for number in range(10))
        for name in names:
            home = Path(folder) / name
            home.mkdir()
            (home / "plugin.py").write_text(GUARD)
            (home / "plugin.toml").write_text(
                f'id = "{name}"\nname = "{name}"\nsdk = ">=0.1"\npoints = ["before_quote_save"]\n'
            )
        config = HostConfig(
            crm=SystemConfig(name="crm", connector="none"),
            erps=(),
            enabled=names,
            plugin_paths=(Path(folder),),
            roles={"sales": RoleConfig()},
            inline="*",
        )
        nobody: Any = SimpleNamespace(system="crm")
        host = Host(
            config,
            crm=nobody,
            erp=Router({}),
            store=Store.open(f"sqlite:///{folder}/host.db"),
            deliveries=nobody,
            identity="bench",
            now=lambda: datetime.now(UTC),
        )
    assert not host.quarantined
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
        not_measured(
            "a guard in a child process, above inline",
            "< 0.5 ms",
            "plugins in a process of their own are not built yet",
        ),
    ]
