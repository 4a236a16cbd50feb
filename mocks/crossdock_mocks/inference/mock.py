"""From a document to an app: `open_document`."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import attrs
import orjson

from crossdock_mocks.engine import App, Call, Dialect, EngineError, World
from crossdock_mocks.engine.document import cache_directory, load_plan, parse
from crossdock_mocks.inference.behaviours import Conduct, not_understood
from crossdock_mocks.inference.model import Model
from crossdock_mocks.inference.reading import EXTENSION, operations
from crossdock_mocks.inference.refusals import Refusals
from crossdock_mocks.inference.schemas import Schemas
from crossdock_mocks.inference.seeding import seed as fill
from crossdock_mocks.inference.store import table_of

SEED_ROWS = 5


class NotUnderstood(EngineError):  # noqa: N818 - says what happened
    """Operations of a document whose meaning could not be inferred; each is named."""


@attrs.frozen
class Inferred:
    """A mock that was inferred of a document.

    Attributes:
        app: The app.
        model: What was inferred.
    """

    app: App
    model: Model


def open_document(
    path: Path,
    *,
    seed: int = 1,
    seed_rows: int | None = None,
    unknown: Literal["fail", "501"] = "fail",
    name: str = "",
) -> Inferred:
    """Make a mock of any OpenAPI document.

    Args:
        path: The document, OpenAPI 3.0 or 3.1, YAML or JSON.
        seed: Which data it begins with.
        seed_rows: Records of each resource at the beginning; what the document says
            (`x-crossdock: {seed: n}`), or 5.
        unknown: What happens with operations that are not understood: the start fails, or they
            answer 501.
        name: Name of the mock; that of the file unless given.

    Raises:
        DocumentError: The document is not valid.
        NotUnderstood: Operations are not understood, and `unknown` is `fail`.
    """
    model = infer(path, seed=seed)
    said = model.document.get(EXTENSION, {})
    rows = seed_rows if seed_rows is not None else int(said.get("seed", SEED_ROWS))
    inference = model.inference
    doubtful = [each for each in inference.unknown.values() if not each.wanted]
    if doubtful and unknown == "fail":
        raise NotUnderstood(
            "\n  ".join(
                [
                    f"{len(doubtful)} operation(s) of {path.name} were not understood; say what "
                    "they do with x-crossdock in the document, or let them answer 501 "
                    "(--unknown 501):",
                    *(f"{each.op.title}: {each.reason}" for each in doubtful),
                ]
            )
        )
    behaviours: dict[str, Any] = {
        name: Conduct(model, binding) for name, binding in inference.bindings.items()
    }
    for name_of, each in inference.unknown.items():
        behaviours[name_of] = not_understood(each.reason)
    ops = {each.op.id: each.op for each in inference.bindings.values()}
    ops |= {each.op.id: each.op for each in inference.unknown.values()}

    def begin(world: World, _data: Any) -> None:
        fill(model, world, rows)

    dialect = Dialect(
        name=name or path.name.partition(".")[0],
        document=path,
        behaviours=behaviours,
        tables=tuple(table_of(each) for each in model.resources.values()),
        seed=begin,
        authenticate=_anybody,
        foreign=True,
        refuse=Refusals(ops, model.schemas, model.generator),
    )
    return Inferred(App(dialect), model)


def infer(path: Path, *, seed: int = 1) -> Model:
    """Infer what a document means.

    Raises:
        DocumentError: The document is not valid.
    """
    load_plan(path, foreign=True)  # so that only what is valid is looked at
    document = _document(path)
    schemas = Schemas(document)
    return Model(document, list(operations(document, schemas)), schemas, seed)


def _document(path: Path) -> dict[str, Any]:
    """The parsed document; YAML is kept as JSON beside the plans, as it is slow to read."""
    content = path.read_bytes()
    if content.lstrip()[:1] == b"{":
        return parse(content, path.name)
    kept = cache_directory() / f"{hashlib.sha256(content).hexdigest()}.document.json"
    try:
        known = orjson.loads(kept.read_bytes())
    except (OSError, ValueError):
        known = None
    if isinstance(known, Mapping):
        return dict(known)
    document = parse(content, path.name)
    _keep(kept, orjson.dumps(document))
    return document


def _keep(kept: Path, text: bytes) -> None:
    """Keep a parsed document; a cache that cannot be written only costs time."""
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=kept.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(text)
        Path(temporary).replace(kept)
    except OSError:
        return


def _anybody(call: Call) -> str:
    """Take any credentials that have the form that the document asks for."""
    return next(iter(call.credentials.values()), "anybody")
