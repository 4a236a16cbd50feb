"""A view as a whole page in one file: to be sent to somebody, or kept."""

from __future__ import annotations

from markupsafe import Markup, escape

from crossdock.render.html import render_html
from crossdock.views import View

_PAGE = Markup(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}
body {{ margin: 0 auto; max-width: 80rem; padding: 1.5rem; }}
h1 {{ font: 600 1.5rem system-ui, sans-serif; }}
</style>
</head>
<body class="cd-page">
<main>
<h1>{title}</h1>
{view}
</main>
</body>
</html>
"""
)


def render_page(title: str, view: View) -> str:
    """Write a page that needs nothing beside it: the stylesheet stands in it.

    Args:
        title: its heading.
        view: what it shows.
    """
    from crossdock.render import STYLESHEET

    style = Markup(STYLESHEET.read_text(encoding="utf-8"))  # noqa: S704 - our own file
    return str(_PAGE.format(title=escape(title), style=style, view=Markup(render_html(view))))  # noqa: S704 - escaped there
