"""`crossdock.toml`: which systems, which plugins, which rights."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from attrs import Factory, field, frozen

from crossdock.connectors.settings import Given
from crossdock.errors import ConfigError
from crossdock.host.approvals.policy import ApprovalPolicy
from crossdock.host.isolation.settings import IsolationSettings
from crossdock.host.loading.complaints import complaints
from crossdock.host.placements.placement import DEFAULT_SETTLE
from crossdock.host.settings.overrides import Overridden, override
from crossdock.host.settings.secret_settings import seal, secrets_in
from crossdock.host.settings.settings_schema import settings_schema
from crossdock.records import ExchangeRate
from crossdock.secret import Secret, revealed

DEFAULT_STORE: Final = "sqlite:///.crossdock/host.db"


@frozen(kw_only=True)
class SystemConfig:
    """One CRM or ERP.

    Attributes:
        name: what it is called here; `crm` for the CRM.
        connector: the name of the connector that speaks to it.
        settings: what the connector needs, checked by the connector; secrets are `Secret`.
    """

    name: str
    connector: str
    settings: Mapping[str, Any] = field(factory=dict, repr=False)


@frozen(kw_only=True)
class RoleConfig:
    """What plugins may do and show on behalf of users of a role, and what those users may do.

    Attributes:
        scopes: which methods of the ports work for plugins; `*` for all.
        fields: which sensitive figures may be seen; `*` for all.
        rights: what the users themselves may do, such as `deliveries:write`; `None` leaves it to
            `fields`, see `grants`.
    """

    scopes: tuple[str, ...] = ("*",)
    fields: tuple[str, ...] = ()
    rights: tuple[str, ...] | None = None

    def grants(self, right: str) -> bool:
        """Whether users of the role have a right of the host.

        Where no rights are written down, those have them who may see every field: to put a
        delivery right is to look at what was sent and answered, whole.
        """
        return "*" in self.fields if self.rights is None else right in self.rights


KEEP_SECONDS: Final = 15.0
"""For how long views may show an answer of an ERP again, where the file does not say."""


@frozen(kw_only=True)
class Deadlines:
    """Seconds that one call of a plugin may take, by the kind of its point."""

    view: float = 10.0
    guard: float = 5.0
    event: float = 60.0


def _without_password(url: str | Secret) -> str:
    if isinstance(url, Secret):
        return repr(url)
    return repr(url) if url.startswith("sqlite:") else repr(Secret(url))


@frozen(kw_only=True)
class HostConfig:
    """Everything that a host is told.

    Attributes:
        enabled: plugin ids in the order in which they are asked; `None` enables every one found.
        plugin_paths: folders to look for plugins in, besides the installed ones.
        inline: ids of the plugins that run in the host's own process, or `*`; every other
            plugin, and with `None` each of them, runs in processes of its own.
        dry_run: ids of the plugins whose writes are recorded and not sent, or `*`.
        watch: whether commands that run on reload the plugins when the file was written anew.
        isolation: limits of the plugins' own processes.
        roles: rights by role; a role that is not named here has none.
        policy: `open` or `closed` by guard, where it differs from the point's own default.
        deliveries: what becomes of the events behind one that is stuck, and how many are many.
        limits: the quota of each remote system, by its name.
        keep_days: how long what was delivered stays out of the archive; `None` for ever.
        keep_seconds: for how long views may show an answer of an ERP again; 0 asks each time. A
            `crossdock.toml` that does not say has `KEEP_SECONDS`.
        clock_offset: seconds added to the wall clock.
        log: format and level of what commands log.
        telemetry: where spans and metrics go, and what counts as slow.
        approvals: how long what guards want agreed to waits for an answer.
        exchange_rates: what currencies are in others, for those that no ERP tells.
        settle: how long an ERP without idempotency keys is given to show an order whose answer was
            lost.
        sync_policy: the ownership policy; `None` for the one that a plugin ships.
        source: the file that this was read from.
        origins: the variable of the environment by the place of each setting that comes from one.
        unread_variables: variables that begin like ours and that nothing reads.
    """

    crm: SystemConfig
    erps: tuple[SystemConfig, ...]
    _store_url: str | Secret = field(
        default=DEFAULT_STORE, alias="store_url", repr=_without_password
    )
    enabled: tuple[str, ...] | None = None
    plugin_paths: tuple[Path, ...] = ()
    plugin_config: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    inline: tuple[str, ...] | Literal["*"] | None = None
    dry_run: tuple[str, ...] | Literal["*"] = ()
    watch: bool = False
    isolation: IsolationSettings = Factory(IsolationSettings)
    roles: Mapping[str, RoleConfig] = field(factory=dict)
    policy: Mapping[str, str] = field(factory=dict)
    deadlines: Deadlines = Factory(Deadlines)
    keep_seconds: float = 0.0
    clock_offset: float = 0.0
    worker: Mapping[str, Any] = field(factory=dict)
    deliveries: Mapping[str, Any] = field(factory=dict)
    limits: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    keep_days: int | None = None
    desk: Mapping[str, Any] = field(factory=dict, repr=False)
    embed: Mapping[str, Any] = field(factory=dict, repr=False)
    server: Mapping[str, Any] = field(factory=dict, repr=False)
    log: Mapping[str, Any] = field(factory=dict)
    telemetry: Mapping[str, Any] = field(factory=dict)
    approvals: ApprovalPolicy = Factory(ApprovalPolicy)
    exchange_rates: tuple[ExchangeRate, ...] = ()
    settle: timedelta = DEFAULT_SETTLE
    sync_policy: Path | None = None
    source: Path | None = None
    origins: Mapping[tuple[str, ...], str] = field(factory=dict)
    unread_variables: tuple[str, ...] = ()

    @property
    def store_url(self) -> str:
        """The store's address, password included: to connect with, never to show.

        Raises:
            ConfigError: it comes from a variable or a file that cannot be used.
        """
        base = self.source.parent.absolute() if self.source else Path.cwd()
        return _anchored(revealed(self._store_url), base)

    def secrets(self) -> Iterator[Secret]:
        """Give every secret that is configured, none of them revealed."""
        yield from secrets_in({"url": self._store_url})
        for system in (self.crm, *self.erps):
            yield from secrets_in(system.settings)
        yield from secrets_in(self.plugin_config)
        yield from secrets_in(self.desk)
        yield from secrets_in(self.embed)
        yield from secrets_in(self.server)
        yield from secrets_in(self.telemetry)

    def origin(self, *path: str) -> str:
        """Say where a setting comes from, in plain words."""
        for length in range(len(path), 0, -1):
            if variable := self.origins.get(path[:length]):
                return f"the environment variable {variable}"
        return str(self.source) if self.source else "the program"

    @classmethod
    def read(cls, path: str | Path, *, environ: Mapping[str, str] | None = None) -> HostConfig:
        """Read a `crossdock.toml`, and what the environment says over it.

        Relative paths in it count from the file's own folder. Secrets that come from a variable or
        a file are looked up when they are revealed.

        Args:
            path: the file.
            environ: the environment; the process's own by default.

        Raises:
            ConfigError: the file is missing, is not TOML, or does not fit the schema, or the
                environment does not fit; the message names the place and what was expected there.
        """
        file = Path(path)
        environ = os.environ if environ is None else environ
        try:
            document = tomllib.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ConfigError(
                f"there is no configuration at {file}; "
                "name one with --config, or run `crossdock demo` to see one at work"
            ) from None
        except IsADirectoryError:
            raise ConfigError(f"{file} is a folder; name the crossdock.toml in it") from None
        except UnicodeDecodeError:
            raise ConfigError(
                f"{file} is not valid TOML: it is not text in UTF-8; is it another file?"
            ) from None
        except tomllib.TOMLDecodeError as broken:
            raise ConfigError(f"{file} is not valid TOML: {broken}") from None
        except OSError as error:
            raise ConfigError(f"{file} cannot be read: {error.strerror}") from None
        over = override(document, environ)
        if wrong := complaints(_validator(), over.document, origins=over.origins):
            raise ConfigError(f"{file} cannot be used:" + "".join(f"\n  {each}" for each in wrong))
        return cls.from_document(over.document, file, environ=environ, overridden=over)

    @classmethod
    def from_document(
        cls,
        document: Mapping[str, Any],
        source: Path | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        overridden: Overridden | None = None,
    ) -> HostConfig:
        """Build the configuration from a document that fits the schema.

        Args:
            document: overrides included.
            source: the file that it was read from.
            environ: where secrets of the environment are looked up.
            overridden: what the environment changed.
        """
        base = source.parent.absolute() if source else Path.cwd()
        over = overridden or Overridden(document, {})
        document = seal(
            document,
            base=base,
            environ=os.environ if environ is None else environ,
            origins=over.origins,
        )
        plugins = document.get("plugins", {})
        deadlines = {
            name.removesuffix("_seconds"): float(seconds)
            for name, seconds in document.get("deadlines", {}).items()
        }
        enabled = plugins.get("enabled")
        return cls(
            crm=_system("crm", document["crm"], ("crm",), over),
            erps=tuple(
                _system(name, table, ("erp", name), over) for name, table in document["erp"].items()
            ),
            store_url=document.get("store", {}).get("url", DEFAULT_STORE),
            enabled=None if enabled is None else tuple(enabled),
            plugin_paths=tuple(base / path for path in plugins.get("paths", ())),
            plugin_config=plugins.get("config", {}),
            inline=_ids(plugins["inline"]) if "inline" in plugins else None,
            dry_run=_ids(plugins.get("dry_run", ())),
            watch=plugins.get("watch", False),
            isolation=IsolationSettings.from_table(document.get("isolation", {})),
            roles={
                name: RoleConfig(
                    scopes=tuple(table.get("scopes", ("*",))),
                    fields=tuple(table.get("fields", ())),
                    rights=tuple(table["rights"]) if "rights" in table else None,
                )
                for name, table in document.get("roles", {}).items()
            },
            policy=document.get("policy", {}),
            deadlines=Deadlines(**deadlines),
            keep_seconds=float(document.get("views", {}).get("keep_seconds", KEEP_SECONDS)),
            clock_offset=float(document.get("clock", {}).get("offset_seconds", 0)),
            worker=document.get("worker", {}),
            deliveries=document.get("deliveries", {}),
            limits=document.get("limits", {}),
            keep_days=document.get("store", {}).get("keep_days"),
            desk=document.get("desk", {}),
            embed=document.get("embed", {}),
            server=document.get("server", {}),
            log=document.get("log", {}),
            telemetry=document.get("telemetry", {}),
            approvals=ApprovalPolicy.from_table(document.get("approvals", {})),
            exchange_rates=tuple(map(_rate, document.get("exchange_rates", ()))),
            settle=timedelta(
                seconds=document.get("placements", {}).get(
                    "settle_seconds", DEFAULT_SETTLE.total_seconds()
                )
            ),
            sync_policy=(
                base / document["sync"]["policy"] if "policy" in document.get("sync", {}) else None
            ),
            source=source,
            origins=over.origins,
            unread_variables=over.unread,
        )


def _system(
    name: str, table: Mapping[str, Any], path: tuple[str, ...], over: Overridden
) -> SystemConfig:
    return SystemConfig(
        name=name,
        connector=table["system"],
        settings=Given(
            {key: value for key, value in table.items() if key != "system"},
            origins={
                at[-1]: variable
                for at, variable in over.origins.items()
                if at[: len(path)] == path and len(at) > len(path)
            },
        ),
    )


def _rate(table: Mapping[str, Any]) -> ExchangeRate:
    return ExchangeRate(
        of=table["of"],
        to=table["to"],
        rate=Decimal(table["rate"]),
        on=date.fromisoformat(table["on"]),
        source=table.get("source", "crossdock.toml"),
    )


def _ids(written: Sequence[str]) -> tuple[str, ...] | Literal["*"]:
    return "*" if written == "*" else tuple(written)


def _anchored(url: str, base: Path) -> str:
    """Make the path of an SQLite URL absolute, so that each process opens the same file."""
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url.startswith(prefix + "/"):
        return url
    return prefix + str(base / url.removeprefix(prefix))


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(settings_schema())
