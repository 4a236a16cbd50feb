"""A new project's files, made of templates and a few answers."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import asdict, field, frozen

from crossdock import __version__
from crossdock.errors import ConfigError
from crossdock.scaffold.kinds import KINDS, Kind

_TEMPLATES: Final = Path(__file__).with_name("templates")
_SUFFIX: Final = ".jinja"
_ID: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MOST: Final = 60
_TAKEN: Final = frozenset({"crossdock", "crossdock_mocks", "crossdock_plugins", "tests", "test"})


@frozen(kw_only=True)
class Answers:
    """What a project is made of.

    Attributes:
        kind: a name in `KINDS`.
        id: lower-case words joined by `-`; names folder, package and plugin.
        name: what people see.
        summary: one sentence.
    """

    kind: str
    id: str
    name: str = field()
    summary: str = field()

    @name.default
    def _named_by_id(self) -> str:
        return self.id.replace("-", " ").capitalize()

    @summary.default
    def _as_of_its_kind(self) -> str:
        return KINDS[self.kind].summary if self.kind in KINDS else ""

    @property
    def package(self) -> str:
        """The import package."""
        return self.id.replace("-", "_")

    @property
    def of_kind(self) -> Kind:
        """What the project is about."""
        return KINDS[self.kind]

    def plain(self) -> dict[str, str]:
        """Give them as they are kept beside the project."""
        return asdict(self)

    @classmethod
    def given(cls, **answers: str) -> Answers:
        """Take answers; those that are empty are left to what is usual.

        Raises:
            ConfigError: one of them cannot be; the message says which and why.
        """
        made = cls(**{name: text for name, text in answers.items() if text})
        if made.kind not in KINDS:
            raise ConfigError(f"there is no kind {made.kind!r}; there are: {', '.join(KINDS)}")
        if complaint := id_complaint(made.id):
            raise ConfigError(complaint)
        for name, text in (("name", made.name), ("summary", made.summary)):
            if not text.isprintable() or '"' in text or "\\" in text:
                raise ConfigError(
                    f'the {name} must be one line without " and \\, as it stands in code and TOML'
                )
        return made


def id_complaint(id_: str) -> str:
    """Say why a project cannot be called so, or nothing."""
    if not _ID.fullmatch(id_) or len(id_) > _MOST:
        return (
            f"{id_!r} cannot be an id: use lower-case letters and digits, in words that are joined "
            f"by -, such as late-payers; at most {_MOST} characters"
        )
    package = id_.replace("-", "_")
    if keyword.iskeyword(package) or package in _TAKEN or package in sys.stdlib_module_names:
        return f"{id_!r} cannot be an id: Python has a {package} of its own already"
    return ""


def files_of(answers: Answers) -> Mapping[str, str]:
    """Make the files of a project: their text by their place in its folder."""
    # Imported here: no other part of the SDK's own face needs it.
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - it writes code and not HTML
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words: dict[str, Any] = {
        **answers.plain(),
        "package": answers.package,
        "version": __version__,
        "line": "-" * len(answers.name),
    }
    made: dict[str, str] = {}
    for folder in answers.of_kind.templates:
        root = _TEMPLATES / folder
        for template in sorted(root.rglob(f"*{_SUFFIX}")):
            place = template.relative_to(root).as_posix().removesuffix(_SUFFIX)
            place = place.replace("PACKAGE", answers.package).replace("DOT", ".")
            text = template.read_text(encoding="utf-8")
            made[place] = environment.from_string(text).render(words)
    return made
