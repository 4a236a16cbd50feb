"""What a host in a test is set up with, written down once and read by `open_dock`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from crossdock.errors import ConfigError

if TYPE_CHECKING:
    from crossdock.host import HostConfig
    from crossdock.testing.mock import Mock
    from crossdock_mocks.datasets import DataSet

Plugin = str | Path
"""The id of an installed plugin, or the folder or file of one that is not."""


def _erps(given: str | Mapping[str, str]) -> Mapping[str, str]:
    return {"main": given} if isinstance(given, str) else dict(given)


@frozen(kw_only=True)
class Setting:
    """What a dock is made of.

    Attributes:
        plugins: the plugins under test, in the order in which they are asked.
        crm: which mock stands for the CRM.
        erps: which mock stands for each ERP, by the name that the host gives it; one that is
            called by its system only is `main`.
        config: the plugins' own settings by plugin id; for a single plugin, its settings alone.
        roles: rights by role, in the words of `crossdock.toml`; those of the demonstration unless
            given (sales and manager see credit, only a manager sees cost and margin).
        inline: whether plugins run in the test's own process, where a debugger reaches them, or in
            processes of their own, as a host runs plugins that it does not know.
        policy: `open` or `closed` by guard.
        deadlines: seconds by kind (`guard`, `view`, `event`).
        dry_run: whether writes are recorded and not sent.
        data: the company that the mocks begin with; a small generated one unless given.
        companies: another company that single ERPs begin with, by the name that the host gives
            them: a subsidiary abroad, in another currency.
        now: aware instant at which all clocks stand; nine o'clock on the data's day unless given.
        settings: further tables of `crossdock.toml`, and lists of tables.
    """

    plugins: tuple[Plugin, ...]
    crm: str = "crm"
    erps: Mapping[str, str] = field(default="erp", converter=_erps)
    config: Mapping[str, Any] = field(factory=dict)
    roles: Mapping[str, Mapping[str, Any]] | None = None
    inline: bool = True
    policy: Mapping[str, str] = field(factory=dict)
    deadlines: Mapping[str, float] = field(factory=dict)
    dry_run: bool = False
    data: DataSet | None = None
    companies: Mapping[str, DataSet] = field(factory=dict)
    now: datetime | None = None
    settings: Mapping[str, Mapping[str, Any] | Sequence[Any]] = field(factory=dict)

    @classmethod
    def of(cls, *plugins: Plugin, erp: str | Mapping[str, str] = "", **options: Any) -> Setting:
        """Build one from what a test writes: plugins, `erp=` or `erps=`, and the attributes."""
        if erp:
            options["erps"] = erp
        try:
            return cls(plugins=tuple(plugins), **options)
        except TypeError as wrong:
            known = ", ".join(["erp", *(each.name for each in cls.__attrs_attrs__)])
            raise TypeError(f"{wrong}; a dock takes: {known}") from None

    def host_config(
        self, crm: Mock, erps: Mapping[str, Mock], ids: Mapping[Plugin, str]
    ) -> HostConfig:
        """Write the configuration of the host.

        Args:
            crm: the mock CRM.
            erps: the mock ERPs by name.
            ids: the plugins' ids.

        Raises:
            ConfigError: a mock has no connector, or the settings do not fit.
        """
        from crossdock.demo.crms import CRMS
        from crossdock.demo.erps import ERPS
        from crossdock.demo.setting import ROLES
        from crossdock.host import HostConfig

        document: dict[str, Any] = {}
        for name, table in _known(CRMS, crm.name, "CRM").tables(crm.url).items():
            _put(document, name.split("."), table)
        for name, mock in erps.items():
            table = _known(ERPS, mock.name, "ERP").table(mock.url)
            _put(document, ["erp", name], table)
        wanted = [ids[each] for each in self.plugins]
        document |= {
            "roles": dict(self.roles) if self.roles is not None else ROLES,
            "policy": dict(self.policy),
            "deadlines": {f"{kind}_seconds": most for kind, most in self.deadlines.items()},
            "plugins": {
                "enabled": wanted,
                "paths": [str(Path(each).absolute()) for each in self.plugins if is_place(each)],
                "config": self._config_by_id(wanted),
                **({"inline": "*"} if self.inline else {}),
                **({"dry_run": "*"} if self.dry_run else {}),
            },
            **{
                name: dict(table) if isinstance(table, Mapping) else list(table)
                for name, table in self.settings.items()
            },
        }
        return HostConfig.from_document(document)

    def _config_by_id(self, ids: list[str]) -> dict[str, Any]:
        if self.config and len(ids) == 1 and not set(self.config) <= set(ids):
            return {ids[0]: dict(self.config)}
        if unknown := sorted(set(self.config) - set(ids)):
            raise ConfigError(
                f"config names {unknown[0]!r}, which is no plugin of this dock; "
                f"there are: {', '.join(ids) or 'none'}"
            )
        return {name: dict(table) for name, table in self.config.items()}


def is_place(plugin: Plugin) -> bool:
    """Whether a plugin is named by its place and not by its id."""
    return isinstance(plugin, Path) or "/" in plugin or plugin in (".", "..") or "\\" in plugin


def id_of(plugin: Plugin) -> str:
    """Give a plugin's id; that of one in a folder or a file stands in its manifest.

    Raises:
        ManifestError: the manifest cannot be used.
    """
    if not is_place(plugin):
        return str(plugin)
    from crossdock.host.loading.manifest import Manifest

    return Manifest.read(Path(plugin).absolute()).id


def _known(systems: Mapping[str, Any], name: str, kind: str) -> Any:
    if name not in systems:
        raise ConfigError(
            f"no host can be set up with a {kind} called {name!r}; there are: {', '.join(systems)}"
        )
    return systems[name]


def _put(document: dict[str, Any], path: list[str], table: Mapping[str, Any]) -> None:
    for name in path:
        document = document.setdefault(name, {})
    document |= table
