"""Build the documentation site into `build/site`: README, cookbook, docs and the plugins' pages.

    python docs/build_site.py            # or `make docs`, which writes the generated pages first

The pages stay where they are read on a code host, with links that work there. For the site they are
laid out once more in the same tree, so that no link has to be rewritten.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
# The stylesheet of views is where hosts take it from; a page shows views with it.
_TREES = ("docs", "cookbook", "plugins", "specs", "sdk/crossdock/render/static")
_LEFT_OUT = (
    "__pycache__",
    "node_modules",
    "*.pyc",
    "generate.py",
    "build_site.py",
    "views_page.py",
    "zensical.toml",
)


def stage(target: Path) -> None:
    """Lay the pages out in one folder, as the generator wants them."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for page in sorted(ROOT.glob("*.md")):
        shutil.copy(page, target / page.name)
    for tree in _TREES:
        shutil.copytree(ROOT / tree, target / tree, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    (target / "LICENSE").write_bytes((ROOT / "LICENSE").read_bytes())


def build() -> Path:
    """Build the site, and give its folder.

    Raises:
        subprocess.CalledProcessError: the generator failed; it said why.
    """
    shutil.rmtree(BUILD / "site", ignore_errors=True)
    stage(BUILD / "pages")
    shutil.copy(ROOT / "docs" / "zensical.toml", BUILD / "zensical.toml")
    command = [sys.executable, "-m", "zensical", "build", "--clean"]
    subprocess.run(command, cwd=BUILD, check=True)  # noqa: S603 - a fixed command
    return BUILD / "site"


def dead_links(site: Path) -> list[str]:
    """Name the links of a built site that lead to nothing in it, each with its page."""
    pages = {page: _Page(page.read_text(encoding="utf-8")) for page in site.rglob("*.html")}
    dead = []
    for page, read in sorted(pages.items()):
        for link in read.links:
            there = _target(site, page, link)
            if there is None:
                continue
            fragment = unquote(urlsplit(link).fragment)
            if "/" in fragment:  # what only a host can open, as examples of views have it
                continue
            missing = not there.is_file() or (
                bool(fragment) and there in pages and fragment not in pages[there].ids
            )
            if missing:
                dead.append(f"{page.relative_to(site)}: {link}")
    return dead


class _Page(HTMLParser):
    """The links of a page and the places that links may lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids |= {name for name in (given.get("id"), given.get("name")) if name}
        link = given.get("href" if tag in {"a", "link"} else "src")
        if link:
            self.links.append(link)


def _target(site: Path, page: Path, link: str) -> Path | None:
    """Give the file that a link leads to; `None` where it leads out of the site."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    path = unquote(parts.path)
    there = page if not path else site / path[1:] if path.startswith("/") else page.parent / path
    there = there.resolve()
    return there / "index.html" if there.is_dir() else there


def pages_left_out() -> Iterator[str]:
    """Name the pages of `docs/` that the site's contents do not name."""
    with (ROOT / "docs" / "zensical.toml").open("rb") as file:
        named = str(tomllib.load(file)["project"]["nav"])
    for page in sorted((ROOT / "docs").glob("*.md")):
        if f"docs/{page.name}" not in named:
            yield page.name


def main() -> None:
    """Build, and say what leads nowhere."""
    site = build()
    dead = [*dead_links(site), *(f"docs/zensical.toml does not name {n}" for n in pages_left_out())]
    for each in dead:
        print(each, file=sys.stderr)  # noqa: T201 - a command
    print(f"{site.relative_to(ROOT)}/index.html")  # noqa: T201
    sys.exit(bool(dead))


if __name__ == "__main__":
    main()
