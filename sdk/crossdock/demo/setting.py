"""What a demonstration is set up with: credentials of the mocks, roles, and the configuration."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from crossdock.demo.crms import CRM_CLIENT, CRMS
from crossdock.demo.erps import ERP_KEY, ERPS, LIVE
from crossdock.host.loading.manifest import Manifest

__all__ = ["CRM_CLIENT", "ERP_KEY", "ROLES", "write_configuration"]

# Every plugin right for those who sell and manage; costs and margins only for those who may see.
ROLES: Final[dict[str, dict[str, list[str]]]] = {
    "sales": {"scopes": ["*"], "fields": ["credit", "personal"], "rights": ["invoices:send"]},
    "service": {"scopes": ["*"], "fields": ["personal"], "rights": ["invoices:send"]},
    "manager": {
        "scopes": ["*"],
        "fields": ["cost", "credit", "margin", "personal"],
        "rights": ["invoices:send"],
    },
    "accounting": {"scopes": ["*"], "fields": ["*"]},
    "admin": {"scopes": ["*"], "fields": ["*"]},
}


def write_configuration(
    target: Path,
    *,
    crm_url: str,
    erp_url: str,
    crm: str = "crm",
    erp: str = "erp",
    now: datetime | None = None,
    plugins: Sequence[Path] = (),
    more: Sequence[str] = (),
    **worker: Any,
) -> Path:
    """Write the `crossdock.toml` of a host on two mocks, by default the reference systems'.

    Args:
        target: the folder to write into; the store stands beside it.
        crm_url: the mock CRM.
        erp_url: the mock ERP.
        crm: which CRM it is a mock of.
        erp: which ERP it is a mock of, or which it is.
        now: the instant on the mocks' clock; the host follows it, so that figures as of today are
            figures as of the data's own day.
        plugins: folders of further plugins, asked after the reference ones.
        more: installed plugins besides those that take a quote straight through.
        **worker: settings of the worker.
    """
    played_on = {**ERPS, **LIVE}[erp]
    offset = 0.0 if now is None else (now - datetime.now(UTC)).total_seconds()
    tables: dict[str, dict[str, Any]] = {
        **{name: dict(table) for name, table in CRMS[crm].tables(crm_url).items()},
        "erp.main": dict(played_on.table(erp_url)),
        "store": {"url": "sqlite:///host.db"},
        "plugins": {
            "enabled": [
                "erp-tabs",
                "straight-through",
                "stock-promise",
                "credit-policy",
                *more,
                *(Manifest.read(folder).id for folder in plugins),
            ],
            # Ours are trusted; whatever else is shown runs in processes of its own.
            "inline": [
                "erp-tabs",
                "straight-through",
                "stock-promise",
                "credit-policy",
                "data-quality",
                "watch-list",
            ],
            "paths": [str(folder.absolute()) for folder in plugins],
        },
        "clock": {"offset_seconds": round(offset, 3)},
        "worker": {"poll_seconds": 0.1, "feed_seconds": played_on.feed_seconds, **worker},
        # Written down, so that a desk that is started again still knows its visitors.
        "desk": {"play_back_office": True, "secret": secrets.token_urlsafe(24)},
    }
    if erp in LIVE:
        # A real one computes where a mock looks up.
        tables["deadlines"] = {"view_seconds": 30.0, "guard_seconds": 30.0, "event_seconds": 120.0}
    tables |= {f"roles.{name}": dict(rights) for name, rights in ROLES.items()}
    lines = ["# Written by `crossdock demo`; a host of your own looks just like this."]
    for name, values in tables.items():
        lines.append(f"\n[{name}]")
        # JSON's strings, numbers, booleans and arrays are TOML's as well.
        lines += [f"{_key(key)} = {json.dumps(value)}" for key, value in values.items()]
    file = target / "crossdock.toml"
    file.touch(mode=0o600)  # it holds credentials, if only of mocks
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def _key(name: str) -> str:
    """Write a key, in quotes where it is a name of people's making."""
    return name if name.replace("_", "").isalnum() else json.dumps(name)
