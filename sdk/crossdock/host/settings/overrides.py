"""Settings from the environment: `CROSSDOCK_ERP__MAIN__URL` stands over `[erp.main] url`.

The rule of names: `CROSSDOCK_`, then the keys on the way to the setting in capitals, with two
underscores between them; whatever is no letter and no digit is an underscore. In a name of your own
(an ERP, a plugin, a role) that makes `_` stand for `-` as well: the name that the file has is
meant; a new plugin gets `-`, anything else new `_`.

The rule of values: the schema says which type. A text is taken as it stands. A number, a list or a
table is JSON. A flag is true or false. Where a text or something else may stand, it is JSON if it
can be. A secret from a file or another variable is said by one more key:
`CROSSDOCK_CRM__CLIENT_SECRET__FILE=/run/secrets/crm`.
"""

from __future__ import annotations

import copy
import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from crossdock.errors import ConfigError
from crossdock.host.settings.settings_schema import (
    ANY_NAME,
    Schema,
    below,
    is_secret,
    kinds,
    known_keys,
    settings,
    settings_schema,
)

PREFIX: Final = "CROSSDOCK_"
_BETWEEN: Final = "__"
_FLAGS: Final = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
_FLAGS_SAID: Final = "true or false"

Path = tuple[str, ...]


@frozen
class Overridden:
    """A document with what the environment says of it.

    Attributes:
        origins: the variable that each overridden setting comes from, by the setting's place.
        unread: variables that look like ours, and that nothing reads.
    """

    document: Mapping[str, Any]
    origins: Mapping[Path, str]
    unread: tuple[str, ...] = ()


def variable_of(path: Sequence[str]) -> str:
    """Name the variable that stands over a setting."""
    return PREFIX + _BETWEEN.join(
        each if each == ANY_NAME else re.sub(r"[^A-Za-z0-9]", "_", each).upper() for each in path
    )


def override(document: Mapping[str, Any], environ: Mapping[str, str]) -> Overridden:
    """Put what the environment says over what the file says.

    Raises:
        ConfigError: a variable names no setting, or its value is not of the setting's type; the
            message tells all that are wrong, and shows no value.
    """
    root = settings_schema()
    changed: dict[str, Any] = copy.deepcopy(dict(document))
    origins: dict[Path, str] = {}
    unread: list[str] = []
    wrong: list[str] = []
    # The shorter first, so that a whole table does not undo what another variable says of its key.
    for variable in sorted(
        (each for each in environ if each.startswith(PREFIX)),
        key=lambda each: (each.count(_BETWEEN), each),
    ):
        words = variable.removeprefix(PREFIX).split(_BETWEEN)
        try:
            if len(words) < 2 and words[0].lower() not in root["properties"]:
                if complaint := _misspelt(variable, changed, root):
                    wrong.append(complaint)
                else:
                    unread.append(variable)
                continue
            path, schema = _place(variable, words, changed, root)
            _put(changed, path, _parsed(variable, environ[variable], schema, root))
            origins[path] = variable
        except ConfigError as error:
            wrong.append(str(error))
    if wrong:
        raise ConfigError(
            "the environment cannot be used:" + "".join(f"\n  {each}" for each in wrong)
        )
    return Overridden(changed, origins, tuple(unread))


def _place(
    variable: str, words: Sequence[str], document: Mapping[str, Any], root: Schema
) -> tuple[Path, Schema]:
    """Find the setting that a variable means."""
    schema: Schema = root
    table: Any = document
    path: list[str] = []
    for word in words:
        present = tuple(table) if isinstance(table, Mapping) else ()
        declared = known_keys(schema, root)
        wanted = word.lower()
        meant = sorted({key for key in (*declared, *present) if _flat(key) == wanted})
        if len(meant) > 1:
            raise ConfigError(f"{variable}: it may mean {' or '.join(meant)}; rename one of them")
        name = meant[0] if meant else _new_name(wanted, path)
        found = below(schema, name, root) if wanted.strip("_") else None
        if found is None:
            raise ConfigError(_unknown(variable, document, root))
        schema = found
        path.append(name)
        table = table.get(name) if isinstance(table, Mapping) else None
    return tuple(path), schema


def _new_name(word: str, path: Sequence[str]) -> str:
    return word.replace("_", "-") if list(path) == ["plugins", "config"] else word


def _flat(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "_", key.lower())


def _unknown(variable: str, document: Mapping[str, Any], root: Schema) -> str:
    known = list(_variables(document, root))
    near = difflib.get_close_matches(variable, known, n=1, cutoff=0.4)
    question = f"did you mean {near[0]}? " if near else ""
    return f"{variable}: there is no such setting; {question}docs/settings.md lists them all"


def _misspelt(variable: str, document: Mapping[str, Any], root: Schema) -> str:
    """Say what a variable without two underscores was meant to be, where that is plain."""
    bare = variable.replace("_", "")
    for known in _variables(document, root):
        if known.replace("_", "") == bare:
            return f"{variable}: keys stand apart by two underscores; write {known}"
    return ""


def _variables(document: Mapping[str, Any], root: Schema) -> Iterator[str]:
    """Name the variables of all settings, with the names that the file has."""
    for path, _ in settings(root, root):
        for filled in _filled(path, document):
            yield variable_of(filled)


def _filled(path: Path, document: Any, done: Path = ()) -> Iterator[Path]:
    if not path:
        yield done
        return
    first, *rest = path
    table = document if isinstance(document, Mapping) else {}
    for name in table if first == ANY_NAME else (first,):
        yield from _filled(tuple(rest), table.get(name), (*done, name))


def _put(document: dict[str, Any], path: Path, value: Any) -> None:
    table = document
    for name in path[:-1]:
        inner = table.get(name)
        if not isinstance(inner, dict):  # a secret's text gives way to where it comes from
            inner = table[name] = {}
        table = inner
    table[path[-1]] = value


def _parsed(variable: str, text: str, schema: Schema, root: Schema) -> Any:
    """Read a variable's text as the setting's type."""
    allowed = kinds(schema, root)
    if is_secret(schema) or allowed == {"string"}:
        return text
    if allowed == {"boolean"}:
        try:
            return _FLAGS[text.strip().lower()]
        except KeyError:
            raise ConfigError(f"{variable}: write {_FLAGS_SAID}") from None
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    if not allowed or _fits(value, allowed):  # nobody said which type: what JSON makes of it
        return value
    if "string" in allowed:
        return text
    raise ConfigError(f"{variable}: write {_said(allowed)}")


def _fits(value: Any, allowed: frozenset[str]) -> bool:
    if isinstance(value, bool):
        return "boolean" in allowed
    return (
        (isinstance(value, int | float) and "number" in allowed)
        or (isinstance(value, int) and "integer" in allowed)
        or (isinstance(value, list) and "array" in allowed)
        or (isinstance(value, dict) and "object" in allowed)
    )


def _said(allowed: frozenset[str]) -> str:
    words = {
        "boolean": _FLAGS_SAID,
        "number": "a number",
        "integer": "a whole number",
        "array": 'a list in JSON, such as ["a", "b"]',
        "object": 'a table in JSON, such as {"a": 1}',
    }
    return " or ".join(words[each] for each in sorted(allowed) if each in words)
