"""What a plugin says of itself, read and judged before any of its code runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from attrs import field, frozen
from packaging.requirements import Requirement

from crossdock.errors import ManifestError
from crossdock.host.loading.complaints import complaints
from crossdock.host.loading.manifest_claims import (
    config_complaints,
    false_claims,
    requirements,
    sdk_complaint,
)
from crossdock.host.loading.manifest_text import FILE_NAME, manifest_file, read_document
from crossdock.secret import Secret
from crossdock.specifications import specification

__all__ = ["FILE_NAME", "Manifest"]


@frozen(kw_only=True)
class Manifest:
    """A plugin's manifest.

    Attributes:
        points: the extension points that the code implements.
        path: the folder that holds it and the code, or the one file that is both.
        scopes: what the plugin may ask of the ports, and `field:` scopes for what it may see.
        before, after: ids of plugins that it stands before or after.
        requires_plugins: other plugins that must be loaded before it.
        requires_packages: Python packages that must be installed.
        config_schema: the JSON Schema of its settings.
    """

    id: str
    name: str
    sdk: str
    points: tuple[str, ...]
    path: Path
    summary: str = ""
    version: str = "0"
    module: str = "plugin"
    scopes: frozenset[str] = frozenset()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    requires_plugins: tuple[Requirement, ...] = ()
    requires_packages: tuple[Requirement, ...] = ()
    requires_process: bool = False
    config_schema: Mapping[str, Any] = field(factory=dict)

    @property
    def folder(self) -> Path:
        """The folder that it was found in."""
        return self.path.parent if self.in_one_file else self.path

    @property
    def in_one_file(self) -> bool:
        """Whether manifest and code are one file of Python."""
        return manifest_file(self.path) == self.path

    @property
    def defaults(self) -> dict[str, Any]:
        """The settings that have a default in the schema."""
        return {
            name: schema["default"]
            for name, schema in self.config_schema.get("properties", {}).items()
            if isinstance(schema, Mapping) and "default" in schema
        }

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read the manifest in a plugin's folder, or in a plugin that is one file.

        Raises:
            ManifestError: it is missing, is not TOML, does not fit the schema, claims what cannot
                be, or asks for another version of this SDK; the message names each place and what
                was expected there.
        """
        return cls.from_document(read_document(path), path)

    @classmethod
    def from_document(cls, document: Mapping[str, Any], path: Path) -> Manifest:
        """Judge a manifest that was read.

        Raises:
            ManifestError: as for `read`.
        """
        file = manifest_file(path)
        older = sdk_complaint(document.get("sdk"))
        wrong = (older,) if older else _complaints(document, in_one_file=file == path)
        if wrong:
            raise ManifestError(
                f"{file} cannot be used:" + "".join(f"\n  {each}" for each in wrong)
            )
        order = document.get("order", {})
        requires = document.get("requires", {})
        return cls(
            id=document["id"],
            name=document["name"],
            sdk=document["sdk"],
            points=tuple(document["points"]),
            path=path,
            summary=document.get("summary", ""),
            version=document.get("version", "0"),
            module=document.get("module", "plugin"),
            scopes=frozenset(document.get("scopes", ())),
            before=tuple(order.get("before", ())),
            after=tuple(order.get("after", ())),
            requires_plugins=requirements(requires.get("plugins", ())),
            requires_packages=requirements(requires.get("packages", ())),
            requires_process=document.get("requires_process", False),
            config_schema=document.get("config", {}),
        )

    def settings(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Check settings against the plugin's own schema and fill in its defaults.

        Secrets are revealed: they are the plugin's own.

        Raises:
            ManifestError: a setting does not fit; the message names it, and tells no secret.
            ConfigError: a secret comes from where it cannot be read.
        """
        place = f"plugins.config.{self.id}"
        filled = {**self.defaults, **{name: _revealed(each) for name, each in given.items()}}
        secret = [f"{place}.{name}" for name, each in given.items() if _holds_secret(each)]
        wrong = [
            sentence
            if not (
                of := [name for name in secret if sentence.startswith((f"{name}:", f"{name}."))]
            )
            else f"{of[0]}: the secret does not fit the plugin's schema"
            for sentence in config_complaints(self.config_schema, filled, under=place)
        ]
        if wrong:
            raise ManifestError(
                "settings do not fit the plugin's schema:" + "".join(f"\n  {w}" for w in wrong)
            )
        return filled


def _revealed(value: Any) -> Any:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Mapping):
        return {name: _revealed(each) for name, each in value.items()}
    return value


def _holds_secret(value: Any) -> bool:
    return isinstance(value, Secret) or (
        isinstance(value, Mapping) and any(map(_holds_secret, value.values()))
    )


@frozen(kw_only=True)
class _Written:
    """A manifest as it is written; two that are written alike are judged alike."""

    text: str
    in_one_file: bool
    document: Mapping[str, Any] = field(eq=False)


def _complaints(document: Mapping[str, Any], *, in_one_file: bool) -> tuple[str, ...]:
    return _judge(_Written(text=repr(document), in_one_file=in_one_file, document=document))


@lru_cache(maxsize=256)  # all manifests are read each time that plugins are looked for
def _judge(written: _Written) -> tuple[str, ...]:
    document, in_one_file = written.document, written.in_one_file
    malformed = complaints(_validator(), document)
    # Claims are judged of what has the right form, so that everything is told at once.
    unsound = {sentence.partition(":")[0].partition(".")[0] for sentence in malformed}
    sound = {name: value for name, value in document.items() if name not in unsound}
    return (*malformed, *false_claims(sound, in_one_file=in_one_file))


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    schema = json.loads(specification("plugin.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)
