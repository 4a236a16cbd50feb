"""The Dockerfile, read as a linter of the field reads it (hadolint's rules, named where they are).

That it builds is tried where there is a builder; that its commands run, in tests/e2e/packaging.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3]
_TEXT = (_ROOT / "Dockerfile").read_text(encoding="utf-8")
_WORDS = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL",
    "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
)  # fmt: skip


def instructions():
    without = "\n".join(line for line in _TEXT.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", "", without)
    for line in filter(None, map(str.strip, joined.splitlines())):
        word, _, rest = line.partition(" ")
        yield word, rest.strip()


def of(word):
    return [rest for each, rest in instructions() if each == word]


def stages():
    found: list[list[tuple[str, str]]] = []
    for word, rest in instructions():
        if word == "FROM":
            found.append([])
        found[-1].append((word, rest))
    return found


def test_every_instruction_is_one_that_builders_know():
    assert {word for word, _ in instructions()} <= set(_WORDS)
    assert "ADD" not in {word for word, _ in instructions()}  # DL3020


def test_images_are_named_with_a_version_that_the_package_supports():  # DL3006, DL3007
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for image in of("FROM"):
        name, _, tag = image.partition(" ")[0].partition(":")
        assert (name, tag.split("-")[1]) == ("python", "slim")
        version = tag.partition("-")[0]
        assert f"Programming Language :: Python :: {version}" in project["classifiers"]


def test_what_is_copied_is_there_and_gets_through_the_ignore_file():  # DL3021, DL3022
    let_through = (_ROOT / ".dockerignore").read_text("utf-8").splitlines()
    names = {rest.split()[-1] for rest in of("FROM") if " AS " in rest}
    for rest in of("COPY"):
        *sources, _target = [each for each in rest.split() if not each.startswith("--")]
        if stage := re.search(r"--from=(\w+)", rest):
            assert stage[1] in names
            continue
        for source in sources:
            assert (_ROOT / source).exists(), source
            assert f"!{source}" in let_through
    built = {source for rest in of("COPY") for source in rest.split()}
    wheel = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    for package in wheel["targets"]["wheel"]["packages"]:
        assert package.partition("/")[0] in built
    assert set(wheel["targets"]["wheel"]["force-include"]) <= built


def test_pip_leaves_no_cache_and_takes_pinned_packages():  # DL3013, DL3042
    for command in of("RUN"):
        for pip in re.findall(r"pip (?:install|wheel)[^&]*", command):
            assert "--no-cache-dir" in pip
            assert "--no-deps" in pip or "--constraint" in pip


def test_it_runs_as_nobody_in_particular_and_keeps_no_secret():  # DL3002
    last = stages()[-1]
    users = [rest for word, rest in last if word == "USER"]
    assert users == ["crossdock"]
    assert f"useradd --uid 10001 --create-home {users[0]}" in _TEXT
    for rest in of("ENV"):
        assert not re.search(r"(?i)secret|password|token|key", rest.partition("=")[0])


@pytest.mark.parametrize("word", ["ENTRYPOINT", "CMD"])
def test_commands_are_lists_so_that_signals_reach_them(word):  # DL3025
    (rest,) = [rest for each, rest in stages()[-1] if each == word]
    assert all(isinstance(each, str) for each in json.loads(rest))


def test_places_are_absolute_and_the_port_is_the_side_car_s():  # DL3000, DL3011
    from crossdock.cli.serve import command

    for rest in of("WORKDIR"):
        assert rest.startswith("/")
    (port,) = (each for each in command.params if each.name == "port")
    assert of("EXPOSE") == [str(port.default)]
    assert f":{port.default}/health/live" in _TEXT
