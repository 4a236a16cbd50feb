"""What became of every row of the source: the account of an import."""

from __future__ import annotations

import json
from pathlib import Path

from attrs import asdict, define, field

__all__ = ["ImportReport", "RefusalReport", "SourceReport", "TargetReport"]


@define(kw_only=True)
class SourceReport:
    """The rows of one source: read = kept + looked_up + refused + not_used + unreadable + unplaced.

    Attributes:
        kept: rows that at least one target took.
        looked_up: rows that no target took, of a source that others are joined with.
        never_found: of the keys looked up in, those that no row asked for.
        refused: rows by the rule that refused them.
        not_used: rows of a source that is declared as not used.
        why_not_used: the reason given.
        unreadable: rows that a target could not use.
        unplaced: rows that nothing took and no rule refused.
    """

    name: str
    file: str
    read: int = 0
    kept: int = 0
    looked_up: int = 0
    never_found: int = 0
    refused: dict[str, int] = field(factory=dict)
    not_used: int = 0
    why_not_used: str = ""
    unreadable: int = 0
    unplaced: int = 0

    @property
    def accounted(self) -> int:
        """Rows whose fate is decided by the map."""
        return self.kept + self.looked_up + sum(self.refused.values()) + self.not_used


@define(kw_only=True)
class TargetReport:
    """What one target of the map made."""

    place: str
    kind: str
    source: str
    rows: int
    records: int


@define(kw_only=True)
class RefusalReport:
    """A rule of refusal with what was expected and found."""

    rule: str
    source: str
    text: str
    expected: int | None
    found: int = 0


@define(kw_only=True)
class ImportReport:
    """The account of an import.

    Attributes:
        defects: why no data set was made; empty if one was.
        deviations: where counts are not as the map expected.
        remarks: what a person should know though nothing is wrong.
    """

    map: str
    sources: list[SourceReport] = field(factory=list)
    targets: list[TargetReport] = field(factory=list)
    refusals: list[RefusalReport] = field(factory=list)
    fills: list[tuple[str, str]] = field(factory=list)
    files: dict[str, int] = field(factory=dict)
    defects: list[str] = field(factory=list)
    deviations: list[str] = field(factory=list)
    remarks: list[str] = field(factory=list)

    @property
    def made(self) -> bool:
        """Whether there is a data set."""
        return not self.defects

    @property
    def ok(self) -> bool:
        """Whether there is a data set and every count is as expected."""
        return not self.defects and not self.deviations

    def write(self, folder: Path) -> None:
        """Write import-report.json."""
        document = {"ok": self.ok, "made": self.made, **asdict(self)}
        text = json.dumps(document, indent=2, ensure_ascii=False)
        (folder / "import-report.json").write_text(text + "\n", encoding="utf-8")
