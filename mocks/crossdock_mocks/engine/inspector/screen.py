"""Templates to HTML, and the headers that go with it."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from crossdock_mocks.engine.messages import Response

_FOLDER = Path(__file__).parent / "templates"

_TONES = {
    "answered": "good",
    "refused": "warning",
    "fault": "info",
    "defect": "bad",
    "sent": "good",
    "unsent": "warning",
}


def _moment(at: datetime) -> Markup:
    at = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        at.isoformat(), at.strftime("%d %b %Y %H:%M:%S")
    )


@cache
def _style() -> str:
    return (_FOLDER / "inspector.css").read_text(encoding="utf-8")


@cache
def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = _moment
    environment.filters["segment"] = lambda text: quote(text, safe="")
    environment.globals["style"] = Markup(_style())  # noqa: S704 - a file of our own
    environment.globals["tones"] = _TONES
    return environment


def render(template: str, status: int, **values: Any) -> Response:
    """Render a page."""
    text = _templates().get_template(template).render(**values)
    headers = {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "content-security-policy": _policy(),
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
    }
    return Response(status, headers, text.encode())
