"""What the pages of a desk share: the host, the settings, the templates, the assets."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Final

from attrs import Factory, evolve, field, frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crossdock.render.characters import legible
from crossdock.render.formats import DEFAULT_LOCALE, choice_in_words
from crossdock.render.html import is_day_or_nothing
from crossdock.render.languages import speaking
from crossdock.server.desk import wording
from crossdock.server.desk.back_office import BackOffice
from crossdock.server.desk.facade import DeskHost
from crossdock.server.desk.session import Words
from crossdock.server.desk.watches import Watches
from crossdock.server.desk.wording import Wording

_HERE: Final = Path(__file__).parent
STATIC: Final = _HERE / "static"


@frozen(kw_only=True)
class DeskSettings:
    """How a desk behaves.

    Attributes:
        secret: signs the session cookie; a new one signs everybody out.
        cookie: the cookie's name; browsers share cookies among the ports of a machine, so two
            desks on one need two names.
        play_back_office: whether the order page can play the warehouse and the bookkeeper.
        locale: how figures and days are written, such as `en_GB`, for readers whose browser asks
            for no other language.
        refresh_seconds: how often a page is read again while something is under way.
        hosts: the host names under which the desk may be called (against DNS rebinding).
    """

    secret: str = field(factory=lambda: secrets.token_urlsafe(32), repr=False)
    cookie: str = "crossdock_desk"
    play_back_office: bool = False
    locale: str = DEFAULT_LOCALE
    refresh_seconds: int = 2
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")


class Assets:
    """Addresses of static files that change with their content, so that browsers may keep them."""

    def __init__(self, folders: dict[str, Path]) -> None:
        self._addresses: dict[str, str] = {}
        for prefix, folder in folders.items():
            for file in sorted(folder.glob("*.*")):
                digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
                self._addresses[file.name] = f"{prefix}/{file.name}?v={digest}"

    def __call__(self, name: str) -> str:
        """Give the address of a static file by its name."""
        return self._addresses[name]


def templates(words: Wording) -> Environment:
    """Make the template environment.

    Everything is escaped and cleaned of what may stand in no HTML; an unknown name is an error.
    """
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: legible(value) if type(value) is str else value,
    )
    environment.tests["day_or_nothing"] = is_day_or_nothing
    environment.filters.update(
        money=words.money,
        number=words.number,
        percent=words.percent,
        day=words.day,
        instant=words.instant,
        ago=wording.ago,
        country=wording.country,
        state=wording.state,
        choice=choice_in_words,
        tone=wording.tone,
        event_tone=wording.event_tone,
    )
    environment.globals["NOTHING"] = wording.NOTHING
    return environment


@frozen(kw_only=True)
class Desk:
    """What the pages share."""

    host: DeskHost
    settings: DeskSettings
    asset: Assets
    wording: Wording = Factory(lambda self: Wording(self.settings.locale), takes_self=True)
    templates: Environment = Factory(lambda self: templates(self.wording), takes_self=True)
    back_office: BackOffice | None = None
    words: Words = Factory(Words)
    watches: Watches = Factory(Watches)
    _spoken: dict[str, Desk] = Factory(dict)

    def speaking(self, accept_language: str) -> Desk:
        """Give the desk that writes figures and days as a reader's browser asks for."""
        formats = speaking(accept_language, self.wording.formats)
        if formats is self.wording.formats:
            return self
        locale = str(formats.locale)
        if locale not in self._spoken:
            wording = Wording(locale)
            self._spoken[locale] = evolve(self, wording=wording, templates=templates(wording))
        return self._spoken[locale]
