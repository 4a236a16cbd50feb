"""`plugin.toml`: what a plugin says of itself, read and judged before any of its code runs."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from crossdock import __version__
from crossdock.errors import ManifestError
from crossdock.host.complaints import complaints
from crossdock.specifications import specification

FILE_NAME: Final = "plugin.toml"


@frozen(kw_only=True)
class Manifest:
    """A plugin's manifest.

    Attributes:
        points: the extension points that the code implements.
        scopes: what the plugin may ask of the ports, and `field:` scopes for what it may see.
        before, after: ids of plugins that it stands before or after.
        config_schema: the JSON Schema of its settings.
        folder: where the manifest and the code are.
    """

    id: str
    name: str
    sdk: str
    points: tuple[str, ...]
    folder: Path
    summary: str = ""
    version: str = "0"
    module: str = "plugin"
    scopes: frozenset[str] = frozenset()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    requires_process: bool = False
    config_schema: Mapping[str, Any] = field(factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest in a plugin's folder.

        Raises:
            ManifestError: it is missing, is not TOML, does not fit the schema, or asks for another
                version of this SDK; the message names the place and what was expected there.
        """
        file = folder / FILE_NAME
        try:
            document = tomllib.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ManifestError(f"{folder} holds no {FILE_NAME}, so it is not a plugin") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
            raise ManifestError(f"{file} is not valid TOML: {broken}") from None
        if wrong := complaints(_validator(), document):
            raise ManifestError(
                f"{file} cannot be used:" + "".join(f"\n  {each}" for each in wrong)
            )
        manifest = cls(
            id=document["id"],
            name=document["name"],
            sdk=document["sdk"],
            points=tuple(document["points"]),
            folder=folder,
            summary=document.get("summary", ""),
            version=document.get("version", "0"),
            module=document.get("module", "plugin"),
            scopes=frozenset(document.get("scopes", ())),
            before=tuple(document.get("order", {}).get("before", ())),
            after=tuple(document.get("order", {}).get("after", ())),
            requires_process=document.get("requires_process", False),
            config_schema=document.get("config", {}),
        )
        manifest._check_sdk(file)
        return manifest

    def _check_sdk(self, file: Path) -> None:
        try:
            wanted = SpecifierSet(self.sdk)
        except InvalidSpecifier:
            raise ManifestError(
                f"{file} cannot be used:\n"
                f'  sdk: {self.sdk!r} is not a version range; write one such as ">=0.1,<1"'
            ) from None
        if not wanted.contains(__version__, prereleases=True):
            raise ManifestError(
                f"{file} asks for crossdock {self.sdk}, but this is crossdock {__version__}"
            )

    def settings(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Check settings against the plugin's own schema and fill in its defaults.

        Raises:
            ManifestError: a setting does not fit; the message names it.
        """
        from jsonschema import Draft202012Validator

        properties = self.config_schema.get("properties", {})
        filled = {
            name: schema["default"] for name, schema in properties.items() if "default" in schema
        } | dict(given)
        validator = Draft202012Validator(self.config_schema)
        if wrong := complaints(validator, filled, under=f"plugins.config.{self.id}"):
            raise ManifestError(
                "settings do not fit the plugin's schema:" + "".join(f"\n  {w}" for w in wrong)
            )
        return filled


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    schema = json.loads(specification("plugin.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)
