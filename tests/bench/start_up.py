"""How long a person waits for the command, and a program for the import."""

from __future__ import annotations

import subprocess
import sys

from tests.bench.measure import Row, environment, micros, side_by_side


def measure() -> list[Row]:
    """Measure `crossdock --help` and `import crossdock` as whole processes."""

    def python(*arguments: str) -> None:
        command = [sys.executable, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment())

    help_, face, base, bare = side_by_side(
        lambda: python("-m", "crossdock", "--help"),
        lambda: python("-c", "import crossdock"),
        lambda: python("-c", "import attrs, pluggy"),
        lambda: python("-c", "pass"),
        rounds=9,
        calls=1,
    )
    ratio = face / base
    return [
        Row(
            what="crossdock --help",
            goal="< 150 ms",
            measured=micros(help_),
            met=help_ < 0.150,
            detail=f"{help_ / bare:.1f} x a Python that does nothing ({micros(bare)})",
        ),
        Row(
            what="import crossdock, against import attrs, pluggy",
            goal="<= 2 x",
            measured=f"{ratio:.2f} x",
            met=ratio <= 2,
            detail=f"{micros(face)} against {micros(base)}",
        ),
    ]
