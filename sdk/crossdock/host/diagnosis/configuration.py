"""Whether the configuration can be read, where it comes from, and who else may read it."""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.errors import ConfigError
from crossdock.host.diagnosis.findings import Finding, Findings
from crossdock.host.exceptions_queue import RIGHT
from crossdock.host.settings.config import HostConfig
from crossdock.host.settings.secret_settings import LITERAL, readable_by_others
from crossdock.secret import Secret

_find = Findings("configuration")


def examine_configuration(config: HostConfig) -> Iterator[Finding]:
    """Look at a configuration that could be read."""
    yield _find.ok(f"{config.source} can be read and fits its schema")
    if config.origins:
        named = ", ".join(sorted(set(config.origins.values())))
        yield _find.ok(f"from the environment: {named}")
    for variable in config.unread_variables:
        yield _find.warn(
            f"nothing reads the environment variable {variable}",
            "config",
            "settings are called CROSSDOCK_, then their keys with two underscores between them "
            "(docs/settings.md); if it is not meant for Crossdock, all is well",
        )
    if config.roles and not any(role.grants(RIGHT) for role in config.roles.values()):
        yield _find.warn(
            f"no role has the right {RIGHT}, so what is stuck can be put right from a shell only",
            "config",
            f'write rights = ["{RIGHT}"] under [roles.NAME] of those who should',
        )


def examine_secrets(config: HostConfig) -> Iterator[Finding]:
    """Look whether every secret can be found, and whether others can find it too."""
    find = Findings("secrets")
    secrets = [
        secret
        for secret in config.secrets()
        # Only a server's address holds a password.
        if not (secret.source == LITERAL and secret.reveal().startswith("sqlite:"))
    ]
    if not secrets:
        yield find.ok("none is configured")
        return
    missing = 0
    for secret in secrets:
        try:
            secret.reveal()
        except ConfigError as wrong:
            missing += 1
            yield find.fail(str(wrong), "config", "provide it where crossdock.toml says it is")
    if missing < len(secrets):
        yield find.ok(f"{len(secrets) - missing} of {len(secrets)} can be found")
    yield from _exposed(config, secrets, find)


def _exposed(config: HostConfig, secrets: list[Secret], find: Findings) -> Iterator[Finding]:
    source = config.source
    written = sorted(secret.setting for secret in secrets if secret.source == LITERAL)
    if source is not None and written and readable_by_others(source):
        yield find.warn(
            f"others on this machine may read {source}, which holds {', '.join(written)}",
            "config",
            f"run: chmod 600 {source}; or keep them elsewhere: "
            '{ env = "NAME" } or { file = "path" }',
        )
    for secret in secrets:
        if secret.file is not None and readable_by_others(secret.file):
            yield find.warn(
                f"others on this machine may read {secret.file}, which holds {secret.setting}",
                "config",
                f"run: chmod 600 {secret.file}; in a container of its own it may be as it is",
            )
