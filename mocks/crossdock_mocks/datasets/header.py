"""``dataset.toml``: what a data set says about itself."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from crossdock_mocks.datasets.errors import FolderError, HeaderError
from crossdock_mocks.datasets.schemas import complaints

__all__ = ["HEADER_FILE", "Header", "Rule"]

HEADER_FILE = "dataset.toml"


@frozen(kw_only=True)
class Rule:
    """How something that the source did not have was filled in, so that nobody takes it for a fact.

    Attributes:
        id: its name.
        applies_to: the record kind, or ``kind.column``.
        text: the rule, in a sentence.
    """

    id: str
    applies_to: str
    text: str


@frozen(kw_only=True)
class Header:
    """What a data set says about itself.

    Attributes:
        name: the data set's own name.
        company: whose data these are: the company that sells.
        currency: ISO 4217, of the items' list prices and of the company's books.
        country: ISO 3166, where the company is; blank if unknown.
        as_of: the day on which the data stand; a world's clock starts there.
        rounding: amounts and tax are rounded by line, or by tax rate on the document.
        prices_include_tax: false in this form; kept so that a reader need not guess.
        source: where the data come from.
        licence: under which licence.
        rules: how missing things were filled in.
        story: names what a demonstration plays (account, quote, ...); may be empty.
    """

    name: str
    company: str
    currency: str
    as_of: date
    country: str = ""
    rounding: str = "line"
    prices_include_tax: bool = False
    source: str = ""
    licence: str = ""
    rules: tuple[Rule, ...] = ()
    story: Mapping[str, str] = field(factory=dict)

    @classmethod
    def read(cls, folder: Path) -> tuple[Header, dict[str, int]]:
        """The header of a folder, and the row count of each file that it names.

        Raises:
            FolderError: there is no such folder, or no dataset.toml in it.
            HeaderError: dataset.toml is not TOML, or breaks ``specs/dataset.schema.json``.
        """
        if not folder.is_dir():
            raise FolderError(f"There is no folder {folder}.", advice="Give a data set folder.")
        file = folder / HEADER_FILE
        if not file.is_file():
            raise FolderError(
                f"{folder} has no {HEADER_FILE}, so it is not a data set.",
                advice=_advice_without_header(folder),
            )
        try:
            document = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise HeaderError(
                f"This is not TOML: {error}.", advice="Correct the file.", file=HEADER_FILE
            ) from error
        for path, sentence in complaints(document, "dataset"):
            raise HeaderError(f"{path}: {sentence}", advice="Correct the file.", file=HEADER_FILE)
        return cls._from(document), dict(document.get("files", {}))

    @classmethod
    def _from(cls, document: dict[str, Any]) -> Header:
        given = {key: value for key, value in document.items() if key not in ("files", "rules")}
        rules = tuple(Rule(**rule) for rule in document.get("rules", ()))
        if isinstance(given["as_of"], str):
            try:
                given["as_of"] = date.fromisoformat(given["as_of"])
            except ValueError as error:
                raise HeaderError(
                    f"as_of: {given['as_of']} is not a day of the calendar.",
                    advice="Correct the date.",
                    file=HEADER_FILE,
                ) from error
        return cls(**given, rules=rules)

    def with_story(self, story: Mapping[str, str]) -> Header:
        """The same header with another story."""
        return evolve(self, story=story)

    def write(self, folder: Path, counts: Mapping[str, int]) -> None:
        """Write dataset.toml, naming each file with its number of rows."""
        lines = [
            f"name = {_quoted(self.name)}",
            f"company = {_quoted(self.company)}",
            f"currency = {_quoted(self.currency)}",
            f"as_of = {self.as_of.isoformat()}",
            f"country = {_quoted(self.country)}",
            f"rounding = {_quoted(self.rounding)}",
            f"prices_include_tax = {'true' if self.prices_include_tax else 'false'}",
        ]
        if self.source:
            lines.append(f"source = {_quoted(self.source)}")
        if self.licence:
            lines.append(f"licence = {_quoted(self.licence)}")
        for rule in self.rules:
            lines += [
                "",
                "[[rules]]",
                f"id = {_quoted(rule.id)}",
                f"applies_to = {_quoted(rule.applies_to)}",
                f"text = {_quoted(rule.text)}",
            ]
        if self.story:
            lines += ["", "[story]"]
            lines += [f"{key} = {_quoted(text)}" for key, text in self.story.items()]
        lines += ["", "[files]"]
        lines += [f"{_quoted(file)} = {count}" for file, count in counts.items()]
        text = "\n".join(lines) + "\n"
        (folder / HEADER_FILE).write_text(text, encoding="utf-8", newline="\n")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _advice_without_header(folder: Path) -> str:
    if (folder / "import-report.json").is_file():
        return "An import ended here without success: read import-report.json and import again."
    return "Make one with `crossdock data generate` or `crossdock data import`."
