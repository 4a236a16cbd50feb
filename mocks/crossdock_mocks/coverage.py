"""The coverage matrix: each operation of a mock, how sure it is, and which tests prove it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, cast, final

import attrs

from crossdock_mocks.engine import Dialect
from crossdock_mocks.engine.document import load_plan

Provenance = Literal["client", "source", "documented", "assumed", ""]

MEANING: Final[dict[str, str]] = {
    "client": "a real client was run against it",
    "source": "read in a client's or the vendor's own source",
    "documented": "read in the vendor's documentation",
    "assumed": "remembered, not checked",
}
"""How sure an operation is, surest first."""


@final
@attrs.frozen
class Proof:
    """An answer that tests have reached.

    Attributes:
        status: The status answered.
        count: How many tests reached it and passed.
        tests: Names of some of them, the most particular ones first.
    """

    status: int
    count: int
    tests: tuple[str, ...]


@final
@attrs.frozen
class Row:
    """One operation.

    Attributes:
        provenance: How sure its form is (`x-provenance`); empty where the document is silent.
        documented: Statuses that its document names.
        proofs: What tests have reached, by status.
    """

    mock: str
    operation: str
    method: str
    path: str
    provenance: Provenance
    documented: tuple[int, ...]
    proofs: tuple[Proof, ...]

    @property
    def proven(self) -> bool:
        """Whether a test has seen it succeed; sending somebody elsewhere is success, too."""
        return any(200 <= proof.status < 400 for proof in self.proofs)

    @property
    def unproven(self) -> tuple[int, ...]:
        """Statuses that its document names and that no test has reached."""
        reached = {proof.status for proof in self.proofs}
        return tuple(each for each in self.documented if each not in reached)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {**attrs.asdict(self), "proven": self.proven, "unproven": self.unproven}


def matrix(dialect: Dialect, proofs: Mapping[str, Any]) -> list[Row]:
    """The rows of one mock, in the order of its document.

    Args:
        dialect: The mock.
        proofs: What the plugin `crossdock_mocks.proofs` wrote.

    Raises:
        DocumentError: The document of the mock is not valid.
    """
    reached = proofs.get(dialect.name, {})
    return [
        Row(
            dialect.name,
            rule["id"],
            rule["method"],
            rule["path"],
            cast("Provenance", rule["provenance"]),
            tuple(sorted(int(code) for code in rule["responses"] if code.isdecimal())),
            tuple(
                Proof(int(status), each["count"], tuple(each["tests"]))
                for status, each in sorted(reached.get(rule["id"], {}).items())
            ),
        )
        for rule in load_plan(dialect.document)["operations"]
    ]


def read_proofs(path: Path) -> dict[str, Any]:
    """Read what the plugin `crossdock_mocks.proofs` wrote.

    Raises:
        ValueError: It is not such a file.
    """
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{path} does not hold proofs")
    return found


def summary(rows: Sequence[Row]) -> str:
    """One sentence about the rows of one mock."""
    documented = sum(len(row.documented) for row in rows)
    reached = documented - sum(len(row.unproven) for row in rows)
    sure = ", ".join(
        f"{count} {name}"
        for name in (*MEANING, "")
        if (count := sum(row.provenance == name for row in rows))
    )
    return (
        f"{len(rows)} operations ({sure or 'none'}); {sum(row.proven for row in rows)} proven by "
        f"tests; {reached} of {documented} documented answers reached."
    )


def markdown(rows: Sequence[Row]) -> str:
    """The rows of one mock as a table in Markdown."""
    lines = [
        summary(rows),
        "",
        "| operation | request | how sure | answers reached | not reached | proven by |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        reached = " ".join(str(proof.status) for proof in row.proofs)
        missing = " ".join(map(str, row.unproven))
        lines.append(
            f"| {row.operation} | `{row.method} {row.path}` | {row.provenance or '**nothing**'} "
            f"| {reached} | {missing} | {_proven_by(row)} |"
        )
    return "\n".join(lines)


def _proven_by(row: Row) -> str:
    good = [proof for proof in row.proofs if 200 <= proof.status < 300]
    if not good:
        return "**nothing**"
    best = max(good, key=lambda proof: proof.count)
    file, _, test = best.tests[0].partition("::")
    more = f", and {best.count - 1} more" if best.count > 1 else ""
    return f"{test} (`{file}`){more}"
