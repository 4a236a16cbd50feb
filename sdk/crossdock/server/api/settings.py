"""How the side-car behaves: `[server]` of crossdock.toml."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import Factory, field, frozen

from crossdock.errors import ConfigError
from crossdock.secret import Secret, revealed

SCOPES: Final = (
    "tabs:read",
    "embed:sign",
    "guards:ask",
    "quotes:read",
    "quotes:write",
    "quotes:promote",
    "accounts:read",
    "accounts:write",
    "contacts:read",
    "contacts:write",
    "opportunities:read",
    "opportunities:write",
    "approvals:read",
    "approvals:write",
    "invoices:read",
    "invoices:write",
    "links:read",
    "links:write",
    "orders:read",
    "orders:write",
    "deliveries:read",
    "deliveries:write",
    "plugins:read",
    "plugins:write",
    "metrics:read",
    "back-office:answer",
)
_SHORTEST_KEY: Final = 32


@frozen(kw_only=True)
class Rate:
    """How much a caller may ask.

    Attributes:
        per_second: in the long run.
        burst: at once.
    """

    per_second: float = 50.0
    burst: int = 100


@frozen(kw_only=True)
class Key:
    """A key of a program that may call.

    Attributes:
        digest: SHA-256 of the key, in hexadecimal; the key itself is not kept.
        scopes: what it may do here.
        users: CRM users on whose behalf it may act; `*` stands for every user.
    """

    name: str
    digest: str = field(repr=False)
    scopes: frozenset[str]
    users: frozenset[str] = frozenset()
    rate: Rate = Factory(Rate)


@frozen(kw_only=True)
class Sender:
    """A system that sends webhooks.

    Attributes:
        secrets: any of them may have made the signature.
        events: the types that it may send; empty for all, or for none where it only hints.
        hints: systems whose feeds are read at once when it says so.
        signature: how it signs; a vendor's own way is taken for hints only.
        address: where it sends to, as it was told, where that is a part of what it signs.
    """

    name: str
    secrets: tuple[Secret, ...] = field(repr=False)
    events: frozenset[str] = frozenset()
    hints: tuple[str, ...] = ()
    signature: str = "standard"
    address: str = ""
    rate: Rate = Factory(Rate)

    def may_send(self, event: str) -> bool:
        """Whether an event of this type is its to say; who hints needs to be allowed any."""
        return event in self.events or not (self.events or self.hints)


@frozen(kw_only=True)
class TokenSettings:
    """Whose bearer tokens are taken, and what their claims mean.

    Attributes:
        algorithms: the signatures that are taken, and no others.
        jwks_url, jwks_file: where the issuer's public keys are; one of both.
        leeway_seconds: how far clocks may differ.
        user_claim: names the person.
        roles_claim: holds roles, dotted where nested.
        roles: scopes by role.
        acting_roles: roles that may act for any user.
    """

    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    jwks_url: str = ""
    jwks_file: Path | None = None
    leeway_seconds: int = 30
    user_claim: str = "sub"
    roles_claim: str = "roles"
    roles: Mapping[str, frozenset[str]] = field(factory=dict)
    acting_roles: frozenset[str] = frozenset()
    rate: Rate = Factory(Rate)


@frozen(kw_only=True)
class ApiSettings:
    """How the side-car behaves.

    Attributes:
        threads: requests that are worked on side by side.
        queue: how many more may wait; those beyond are told to come back.
        body_bytes: the largest body.
        read_seconds: how long a client may take to send its headers, and then its body.
        connections: how many may be open at once.
        hosts: host names under which it may be called; `*` for any.
        origins: origins whose scripts may call it (CORS).
        frame_ancestors: pages that may show its HTML in a frame.
        link_base: where links in HTML lead; empty for plain text.
        users: the CRM's user id by the name that callers know a person by.
        back_office_role: the role whose rights answers to a CRM have that asks its back office;
            empty where none is asked.
    """

    threads: int = 8
    queue: int = 64
    body_bytes: int = 1024 * 1024
    read_seconds: float = 10.0
    connections: int = 1000
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    origins: tuple[str, ...] = ()
    frame_ancestors: tuple[str, ...] = ()
    link_base: str = ""
    keys: tuple[Key, ...] = ()
    senders: Mapping[str, Sender] = field(factory=dict)
    tokens: TokenSettings | None = None
    users: Mapping[str, str] = field(factory=dict)
    back_office_role: str = ""

    @classmethod
    def of(
        cls, server: Mapping[str, Any], *, base: Path | None = None, host: str = "127.0.0.1"
    ) -> ApiSettings:
        """Read `[server]`, which fits the schema already.

        Args:
            server: the table; secrets in it may be `Secret`.
            base: relative paths in it count from here.
            host: the address that it listens on, under which it may be called too.

        Raises:
            ConfigError: a secret cannot be used, or two settings contradict each other.
        """
        given = {
            name: server[name]
            for name in (
                "threads",
                "queue",
                "connections",
                "link_base",
                "users",
                "back_office_role",
            )
            if name in server
        }
        if "read_seconds" in server:
            given["read_seconds"] = float(server["read_seconds"])
        if "body_kb" in server:
            given["body_bytes"] = server["body_kb"] * 1024
        return cls(
            hosts=tuple(dict.fromkeys(("127.0.0.1", "localhost", host, *server.get("hosts", ())))),
            origins=tuple(server.get("origins", ())),
            frame_ancestors=tuple(server.get("frame_ancestors", ())),
            keys=_distinct(_key(name, table) for name, table in server.get("keys", {}).items()),
            senders={
                name: _sender(name, table) for name, table in server.get("senders", {}).items()
            },
            tokens=_tokens(server["jwt"], base or Path.cwd()) if "jwt" in server else None,
            **given,
        )


def _rate(table: Mapping[str, Any]) -> Rate:
    default = Rate()
    return Rate(
        per_second=float(table.get("per_second", default.per_second)),
        burst=int(table.get("burst", default.burst)),
    )


def _scopes(named: Any) -> frozenset[str]:
    return frozenset(SCOPES) if "*" in named else frozenset(named)


def _key(name: str, table: Mapping[str, Any]) -> Key:
    place = f"[server.keys.{name}]"
    if ("sha256" in table) == ("secret" in table):
        raise ConfigError(
            f"{place} needs either sha256 or secret; "
            f"`crossdock serve --new-key {name}` makes a key and prints its table"
        )
    digest = table.get("sha256")
    if digest is None:
        secret = revealed(table["secret"])
        if len(secret) < _SHORTEST_KEY:
            raise ConfigError(
                f"{place} secret has fewer than {_SHORTEST_KEY} characters; "
                f"`crossdock serve --new-key {name}` makes one that cannot be guessed"
            )
        digest = digest_of(secret)
    return Key(
        name=name,
        digest=digest,
        scopes=_scopes(table["scopes"]),
        users=frozenset(table.get("users", ())),
        rate=_rate(table),
    )


def _distinct(keys: Any) -> tuple[Key, ...]:
    known: dict[str, Key] = {}
    for key in keys:
        other = known.setdefault(key.digest, key)
        if other is not key:
            raise ConfigError(
                f"[server.keys.{other.name}] and [server.keys.{key.name}] are the same key; "
                "give each program its own, so that one can be taken back"
            )
    return tuple(known.values())


def _sender(name: str, table: Mapping[str, Any]) -> Sender:
    signature = table.get("signature", "standard")
    if signature != "standard" and (table.get("events") or not table.get("hints")):
        raise ConfigError(
            f"[server.senders.{name}] signature = {signature!r} is for hints alone: it signs no "
            "id, so a message could be sent again; name hints and no events"
        )
    if (signature == "hubspot") != ("address" in table):
        raise ConfigError(
            f"[server.senders.{name}] address goes with signature = 'hubspot': HubSpot signs the "
            "address that its webhooks are sent to, so write it here as HubSpot has it"
        )
    secrets = []
    for which in ("secret", "previous_secret"):
        if which not in table:
            continue
        given = table[which]
        secret = given if isinstance(given, Secret) else Secret(given)
        if signature == "standard":
            _check_standard(secret, f"[server.senders.{name}] {which}")
        secrets.append(secret)
    return Sender(
        name=name,
        secrets=tuple(secrets),
        events=frozenset(table.get("events", ())),
        hints=tuple(table.get("hints", ())),
        signature=signature,
        address=table.get("address", ""),
        rate=_rate(table),
    )


def _check_standard(secret: Secret, place: str) -> None:
    from standardwebhooks import Webhook

    try:
        Webhook(secret.reveal())
    except Exception as unusable:  # the library raises what base64 raises, among others
        if isinstance(unusable, ConfigError):
            raise
        raise ConfigError(f"{place} is not of the form whsec_ and base64") from None


def _tokens(table: Mapping[str, Any], base: Path) -> TokenSettings:
    if ("jwks_url" in table) == ("jwks_file" in table):
        raise ConfigError("[server.jwt] needs either jwks_url or jwks_file: the issuer's keys")
    given = {
        name: table[name]
        for name in ("jwks_url", "leeway_seconds", "user_claim", "roles_claim")
        if name in table
    }
    return TokenSettings(
        issuer=table["issuer"],
        audience=table["audience"],
        algorithms=tuple(table["algorithms"]),
        jwks_file=base / table["jwks_file"] if "jwks_file" in table else None,
        roles={role: _scopes(scopes) for role, scopes in table.get("roles", {}).items()},
        acting_roles=frozenset(table.get("acting_roles", ())),
        rate=_rate(table),
        **given,
    )


def digest_of(key: str) -> str:
    """Give what is kept of a key.

    A plain SHA-256 is enough, as keys are drawn at random: there is nothing to guess.
    """
    return hashlib.sha256(key.encode()).hexdigest()
