"""The ownership policy as a file: read, judged, and found where crossdock.toml names none."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from crossdock.errors import ConfigError
from crossdock.host.loading.complaints import complaints
from crossdock.rules.ownership import OwnershipPolicy, policy_from
from crossdock.specifications import specification

POLICY_FILE: Final = "ownership.toml"
"""What the policy that a plugin ships is called, beside its manifest."""


def read_policy(path: str | Path) -> OwnershipPolicy:
    """Read an ownership policy.

    Raises:
        ConfigError: the file is missing, is not TOML, or does not fit the schema; the message names
            the place and what was expected there.
    """
    file = Path(path)
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"there is no ownership policy at {file}; docs/ownership.md shows one, and the plugin "
            "account-sync ships one"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise ConfigError(f"{file} is not valid TOML: {broken}") from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from None
    if wrong := complaints(_validator(), document):
        raise ConfigError(f"{file} cannot be used:" + "".join(f"\n  {each}" for each in wrong))
    return policy_from(document, str(file))


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    text = specification("ownership.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))
