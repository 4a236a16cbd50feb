"""The documentation is true: generated pages are current, and links lead somewhere."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROSE = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "cookbook/**/*.md", "plugins/**/*.md")
    for path in ROOT.glob(pattern)
)


def test_the_generated_pages_are_what_the_code_says(tmp_path):
    generate = runpy.run_path(str(ROOT / "docs" / "generate.py"))["generate"]
    for written in generate(tmp_path):
        committed = ROOT / "docs" / written.name
        assert written.read_text() == committed.read_text(), f"run `make docs` ({written.name})"


@pytest.mark.parametrize("page", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_within_the_project_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_site_s_contents_name_every_page_of_the_docs():
    builder = runpy.run_path(str(ROOT / "docs" / "build_site.py"))
    assert list(builder["pages_left_out"]()) == []


@pytest.mark.full  # the generator takes a quarter of a minute
def test_no_link_of_the_site_leads_nowhere():
    builder = runpy.run_path(str(ROOT / "docs" / "build_site.py"))
    assert builder["dead_links"](builder["build"]()) == []
