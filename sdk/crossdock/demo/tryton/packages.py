"""Tryton's own environment: the packages, exactly these, in the user's cache.

It lies outside the tree and is kept, so that what takes a while is done once. Plain `pip` fetches
from whatever index the machine is set up with.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from attrs import frozen

from crossdock.errors import SetupError

#: What is said of something that takes a while, before it is begun.
Tell = Callable[[str], None]

REQUIREMENTS: Final = (
    "argon2-cffi==25.1.0",
    "argon2-cffi-bindings==26.2.0",
    "cffi==2.1.1",
    "defusedxml==0.7.1",
    "Genshi==0.7.12",
    "lxml==6.1.3",
    "MarkupSafe==3.0.4",
    "polib==1.2.0",
    "puremagic==1.30",
    "pwdlib==0.3.1",
    "pycparser==3.12",
    "python-dateutil==4.0.0",
    "python-sql==1.8.1",
    "python-stdnum==2.2",
    "relatorio==1.0.0",
    "simpleeval==1.0.8",
    "trytond==8.2.1",
    "trytond_account==8.2.1",
    "trytond_account_credit_limit==8.2.0",
    "trytond_account_invoice==8.2.0",
    "trytond_account_invoice_stock==8.2.0",
    "trytond_account_product==8.2.0",
    "trytond_company==8.2.0",
    "trytond_country==8.2.0",
    "trytond_currency==8.2.0",
    "trytond_party==8.2.0",
    "trytond_product==8.2.0",
    "trytond_product_price_list==8.2.0",
    "trytond_sale==8.2.0",
    "trytond_sale_credit_limit==8.2.0",
    "trytond_sale_discount==8.2.0",
    "trytond_sale_price_list==8.2.0",
    "trytond_stock==8.2.1",
    "tzdata==2026.6",
    "Werkzeug==3.1.9",
)
#: What is activated; what these depend on comes with them.
MODULES: Final = (
    "account_credit_limit",
    "account_invoice_stock",
    "sale_credit_limit",
    "sale_discount",
    "sale_price_list",
)
_INSTALL_SECONDS: Final = 600.0
_DONE: Final = "installed"


class TrytonMissing(SetupError):  # noqa: N818 - named for what happened
    """Tryton is not here and could not be fetched; the message says why, and what to do."""


@frozen(kw_only=True)
class Environment:
    """Where Tryton is installed.

    Attributes:
        folder: the virtual environment.
        key: tells one set of packages from another.
        cache: what else is kept lies here.
    """

    folder: Path
    key: str
    cache: Path

    def program(self, name: str) -> str:
        """Give the path of one of its programs."""
        return str(self.folder / "bin" / name)


def cache_folder() -> Path:
    """Give where things are kept between runs.

    An address that is empty or relative counts for nothing (XDG Base Directory Specification).
    """
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (named if named.is_absolute() else Path.home() / ".cache") / "crossdock" / "tryton"


def installed(tell: Tell, cache: Path | None = None) -> Environment:
    """Install Tryton, unless it is there.

    Args:
        tell: is told what is begun.
        cache: takes the place of the user's cache.

    Raises:
        TrytonMissing: no environment can be made, or the packages cannot be fetched.
    """
    where = cache or cache_folder()
    told = "\n".join((*REQUIREMENTS, f"python {sys.version_info.major}.{sys.version_info.minor}"))
    key = hashlib.sha256(told.encode()).hexdigest()[:12]
    environment = Environment(folder=where / f"env-{key}", key=key, cache=where)
    with alone(where, f"env-{key}"):
        if not (environment.folder / _DONE).is_file():
            tell("installing Tryton beside us, once (it is under the GPL, and stays apart)")
            _install(environment)
    return environment


@contextmanager
def alone(cache: Path, name: str) -> Iterator[None]:
    """Let nobody else do the same thing in the cache at the same time."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{name}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield


def _install(environment: Environment) -> None:
    make = [sys.executable, "-m", "venv", "--clear"]
    pip = [environment.program("python"), "-m", "pip"]
    if find_spec("pip") is not None:  # ours will do, and a pip of its own is half of the time
        make.append("--without-pip")
        pip = [sys.executable, "-m", "pip", "--python", environment.program("python")]
    _run([*make, str(environment.folder)], "no environment")
    # The list above is whole, so nothing has to be looked up; what runs is compiled when it runs.
    _run(
        [
            *pip, "install", "--quiet", "--disable-pip-version-check", "--no-input",
            "--retries", "1", "--timeout", "30", "--no-deps", "--no-compile", *REQUIREMENTS,
        ],
        "the packages could not be fetched",
    )  # fmt: skip
    # Written last, so that half an installation is none.
    (environment.folder / _DONE).write_text("\n".join(REQUIREMENTS), encoding="utf-8")


def _run(command: Sequence[str], problem: str) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter
            command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _missing(problem, str(error)) from error
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise _missing(problem, " ".join(said or done.stderr.splitlines())[-500:])


def _missing(problem: str, said: str) -> TrytonMissing:
    return TrytonMissing(
        f"Tryton could not be installed: {problem} ({said.strip()}). It comes from the package "
        "index by pip, once; see that the index can be reached, and do the same again."
    )
