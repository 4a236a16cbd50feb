"""The folder that an import makes: never half made, never over something else."""

from __future__ import annotations

import shutil
from pathlib import Path

from crossdock_mocks.datasets.header import HEADER_FILE
from crossdock_mocks.datasets.importing.errors import TargetFolderError

__all__ = ["put_in_place", "refuse_full_folder"]


def refuse_full_folder(out: Path, *, force: bool) -> None:
    """Refuse to write where something is that may be wanted.

    Raises:
        TargetFolderError: the folder is not empty, or holds something else than a data set.
    """
    if not out.exists():
        return
    if not out.is_dir():
        raise TargetFolderError(f"{out} is a file.", advice="Give a folder to make.")
    there = {file.name for file in out.iterdir()}
    if force and there and not there & {HEADER_FILE, "import-report.json"}:
        raise TargetFolderError(
            f"{out} holds files, and is neither a data set nor the report of an import.",
            advice="Nothing was removed. Give another folder.",
        )
    if there - {"import-report.json", "refused.csv"} and not force:
        raise TargetFolderError(
            f"The folder {out} is not empty.", advice="Give another one, or --force to replace it."
        )


def put_in_place(made: Path, out: Path) -> None:
    """Move a finished folder to its place; the old one is gone only when the new one is there."""
    made.chmod(0o755)
    if not out.exists():
        made.rename(out)
        return
    old = made.with_name(f"{made.name}-old")
    out.rename(old)
    made.rename(out)
    shutil.rmtree(old)
