"""What the stories came to everywhere, as a page with a reason for each difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import frozen
from tests.parity.houses import TITLES, House, opened, without_history
from tests.parity.reasons import REASONS, Reason
from tests.parity.stories import STORIES

from crossdock.demo.tryton.packages import Environment
from crossdock_mocks.datasets import DataSet

#: Story, figure, system: what it came to.
Figures = Mapping[str, Mapping[str, Mapping[str, str]]]
YARDSTICK = "erp"
_NOTE = "<!-- Written by `python -m tests.parity`; change the stories or the reasons instead. -->\n"


@frozen(kw_only=True)
class Difference:
    """A figure that a system has otherwise than the reference ERP; without a reason, a defect."""

    story: str
    figure: str
    system: str
    told: str
    reason: Reason | None


def played(
    data: DataSet, names: Sequence[str], live: tuple[Environment, Path] | None
) -> dict[str, dict[str, dict[str, str]]]:
    """Play every story on systems, each on one house."""
    company = without_history(data)
    figures: dict[str, dict[str, dict[str, str]]] = {story.name: {} for story in STORIES}
    for name in names:
        with opened(name, company, live) as house:
            play(house, figures)
    return figures


def play(house: House, figures: dict[str, dict[str, dict[str, str]]]) -> None:
    """Play every story on a house, and note its figures beside those of others."""
    for story in STORIES:
        for figure, told in story.tell(house):
            figures.setdefault(story.name, {}).setdefault(figure, {})[house.name] = told


def differences(figures: Figures) -> list[Difference]:
    """Find where a system differs from the reference ERP."""
    return [
        Difference(
            story=story,
            figure=figure,
            system=system,
            told=told.get(system, "no such figure"),
            reason=_reason(story, figure, system),
        )
        for story, rows in figures.items()
        for figure, told in rows.items()
        for system in TITLES
        if system != YARDSTICK and told.get(system) != told.get(YARDSTICK)
    ]


def _reason(story: str, figure: str, system: str) -> Reason | None:
    for reason in REASONS:
        if reason.system == system and reason.story == story and figure in reason.figures:
            return reason
    return None


def page(figures: Figures) -> str:
    """Write the page."""
    found = differences(figures)
    used = [reason for reason in REASONS if any(each.reason is reason for each in found)]
    return "\n".join([*_head(figures, found), *_tables(figures, found, used), *_notes(used)]) + "\n"


def _head(figures: Figures, found: Sequence[Difference]) -> Iterator[str]:
    compared = sum(len(rows) for rows in figures.values())
    yield "# Parity"
    yield ""
    yield _NOTE
    yield (
        "The same business stories, played with the same plugins on the reference ERP, on the "
        "mocks of Business Central and QuickBooks Online, and on a live Tryton 8.2. All begin with "
        "one company: the same customers, items, prices and stock."
    )
    yield ""
    yield (
        f"{compared} figures each; {len(found)} differ from the reference ERP's, each with a "
        "reason. *Real* is a difference of the systems; *ours* is a mistake of ours that is to be "
        "mended; *not supported* is what a system has and we do not."
    )


def _tables(figures: Figures, found: Sequence[Difference], used: Sequence[Reason]) -> Iterator[str]:
    numbers = {id(reason): number for number, reason in enumerate(used, start=1)}
    noted = {
        (each.story, each.figure, each.system): numbers[id(each.reason)] if each.reason else "?"
        for each in found
    }
    for story in STORIES:
        yield ""
        yield f"## {story.name}"
        yield ""
        yield story.text
        yield ""
        yield f"| | {' | '.join(TITLES.values())} |"
        yield "|---" * (len(TITLES) + 1) + "|"
        for figure, told in figures[story.name].items():
            cells = []
            for system in TITLES:
                note = noted.get((story.name, figure, system))
                mark = f" [{note}]" if note else ""
                cells.append(f"{told.get(system, '')}{mark}")
            yield f"| {figure} | {' | '.join(cells)} |"


def _notes(used: Sequence[Reason]) -> Iterator[str]:
    yield ""
    yield "## Reasons"
    yield ""
    for number, reason in enumerate(used, start=1):
        title = TITLES[reason.system]
        yield f"{number}. **{title}**, {reason.kind}: {reason.text} *{reason.source}*"
