"""Reading and checking an OpenAPI document, and remembering documents that were checked before.

Cold, a document is checked by openapi-spec-validator and openapi-core, which takes up to seconds
and 40 MB. The plan that comes out of it (see `plan`) is kept in the user's cache directory, by the
content of the document, so that the next start reads one JSON file and imports neither of the two.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import orjson

from crossdock_mocks.engine.errors import DocumentError
from crossdock_mocks.engine.plan import PLAN_VERSION, make_plan

_MAX_PROBLEMS = 20
_YAML_11 = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")


def load_plan(path: Path, *, foreign: bool = False) -> dict[str, Any]:
    """The plan of a document: from the cache, or read, checked and made.

    Args:
        path: The document's file.
        foreign: See `plan.make_plan`.

    Raises:
        DocumentError: The document cannot be read or is not a valid OpenAPI 3.0 or 3.1 document.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DocumentError(path.name, [f"it cannot be read: {error}"]) from error
    kept = cache_directory() / f"{_fingerprint(content, foreign)}.json"
    plan = _recall(kept)
    if plan is None:
        document = parse(content, path.name)
        check(document, path.name)
        # As JSON and back, so that a warm start works on exactly what a cold one does.
        text = orjson.dumps(make_plan(document, path.name, foreign=foreign))
        plan = orjson.loads(text)
        _remember(kept, text)
    return plan


def parse(content: bytes, name: str) -> dict[str, Any]:
    """Parse a document, JSON or YAML.

    Raises:
        DocumentError: It is neither, or not an OpenAPI 3.0 or 3.1 document.
    """
    try:
        json = content.lstrip()[:1] == b"{"
        document = orjson.loads(content) if json else _from_yaml(content)
    except ValueError as error:
        raise DocumentError(name, [f"it is neither JSON nor YAML: {error}"]) from error
    version = document.get("openapi") if isinstance(document, dict) else None
    if not isinstance(version, str) or not version.startswith(("3.0", "3.1")):
        raise DocumentError(name, ["it does not say `openapi: 3.1.x` (or 3.0.x) at its head"])
    named: dict[str, Any] = _text_keys(document)
    return named


def _from_yaml(content: bytes) -> Any:
    # Imported here: a warm start, and a JSON document, need no YAML.
    import yaml

    class Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
        """YAML 1.2's plain values: `no` and `on` are text, and so are dates."""

        yaml_implicit_resolvers: ClassVar[dict[str, list[Any]]] = {
            letter: [(tag, pattern) for tag, pattern in resolvers if tag not in _YAML_11]
            for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    Loader.add_implicit_resolver(
        "tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
    )
    try:
        return yaml.load(content, Loader=Loader)  # noqa: S506 - derived from a safe loader
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def check(document: dict[str, Any], name: str) -> None:
    """Check a document against the OpenAPI specification.

    Raises:
        DocumentError: It is not valid; each problem is named with its place.
    """
    # Imported here: these two take half a second and 40 MB, and a warm start needs neither.
    from openapi_core import OpenAPI
    from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

    if document["openapi"].startswith("3.0"):
        errors = OpenAPIV30SpecValidator(document).iter_errors()
    else:
        errors = OpenAPIV31SpecValidator(document).iter_errors()
    problems = []
    for error in errors:
        place = "/".join(str(part) for part in getattr(error, "absolute_path", ()))
        message = str(getattr(error, "message", error)).partition("\n")[0]
        problems.append(f"{place or 'document'}: {message}")
        if len(problems) == _MAX_PROBLEMS:
            problems.append("and possibly more")
            break
    if problems:
        raise DocumentError(name, problems)
    OpenAPI.from_dict(document, base_uri="")


def _text_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _text_keys(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_text_keys(each) for each in value]
    return value


def cache_directory() -> Path:
    """Give where documents are kept between runs.

    An address that is empty or relative counts for nothing (XDG Base Directory Specification).
    """
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (named if named.is_absolute() else Path.home() / ".cache") / "crossdock" / "documents"


def _fingerprint(content: bytes, foreign: bool) -> str:
    # A newer planner looks again.
    said = f"|{PLAN_VERSION}{'|foreign' if foreign else ''}"
    return hashlib.sha256(content + said.encode()).hexdigest()


def _recall(kept: Path) -> dict[str, Any] | None:
    try:
        plan = orjson.loads(kept.read_bytes())
    except (OSError, ValueError):
        return None  # not there, or torn: it is made again
    return plan if isinstance(plan, dict) and plan.get("plan_version") == PLAN_VERSION else None


def _remember(kept: Path, text: bytes) -> None:
    """Keep a plan; a cache that cannot be written only costs the next start its time."""
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=kept.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(text)
        Path(temporary).replace(kept)
    except OSError:
        return
