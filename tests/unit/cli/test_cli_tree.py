"""Every command says how it is called, by examples that are right, and tells programs in JSON."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from crossdock.cli import main

# What gives no facts that a program would read, each with its reason.
WITHOUT_JSON = {
    "crossdock completion": "prints a script for a shell",
    "crossdock data duplicates": "writes a folder; what is in it stands in a file there",
    "crossdock data generate": "writes a folder and says how many rows",
    "crossdock demo": "tells a story to a person; `crossdock dev --json` has the addresses",
    "crossdock salesforce external-service": "its answer is a JSON document, or YAML",
    "crossdock salesforce fields": "writes a package for a Salesforce organization",
}


def leaves(command: click.Command, path: str):
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from leaves(found, f"{path} {name}")
    else:
        yield path, command


COMMANDS = dict(leaves(main, "crossdock"))


def examples(command: click.Command) -> list[str]:
    """The command lines of the paragraph `Examples:`, without what a shell makes of them."""
    told = re.split(r"Examples?:\n", command.help or "", maxsplit=1)[1:]
    paragraph = "".join(told).partition("\n\n")[0].replace("\\\n", " ")
    lines = [
        line[line.index("crossdock") :] for line in paragraph.splitlines() if "crossdock" in line
    ]
    return [re.split(r'\)"|\s(?:>|\||&|#)(?:\s|$)', line)[0] for line in lines]


def groups(command: click.Command, path: str):
    if isinstance(command, click.Group):
        yield path, command
        for name in command.list_commands(click.Context(command, info_name=path)):
            yield from groups(command.get_command(click.Context(command), name), f"{path} {name}")


@pytest.mark.parametrize("path", dict(groups(main, "crossdock")))
def test_a_group_tells_what_each_of_its_commands_does_in_a_whole_sentence(path):
    command = dict(groups(main, "crossdock"))[path]
    told = command.get_help(click.Context(command, info_name=path, terminal_width=60))
    listed = told.partition("Commands:\n")[2].partition("\n\n")[0]
    sentences = re.split(r"^  (?=\S)", listed, flags=re.MULTILINE)[1:]
    assert [each.split()[0] for each in sentences] == command.list_commands(click.Context(command))
    for each in sentences:
        assert re.search(r"[^.]\.\s*$", each), each


@pytest.mark.parametrize("path", COMMANDS)
def test_each_command_has_examples_that_can_be_typed(path, monkeypatch):
    command = COMMANDS[path]
    shown = [shlex.split(each) for each in examples(command)]
    own = path.split()
    assert [each for each in shown if each[: len(own)] == own], (
        f"{path} has no paragraph `Examples:` in its docstring that shows how it is typed"
    )
    for words in shown:  # what is to be typed before or after it is judged, too
        name = next(
            (" ".join(words[:size]) for size in (3, 2) if " ".join(words[:size]) in COMMANDS), ""
        )
        assert name, f"there is no command {words}"
        # Names of options, numbers of arguments, choices and ranges are judged; files are not.
        for each in COMMANDS[name].params:
            if isinstance(each.type, click.Path):
                monkeypatch.setattr(each.type, "exists", False)
        # A command keeps the names of its option for help from whoever asks it first.
        names = main.context_settings["help_option_names"]
        COMMANDS[name].make_context(name, words[len(name.split()) :], help_option_names=names)


@pytest.mark.parametrize("path", COMMANDS)
def test_each_command_that_tells_facts_tells_them_to_programs_too(path):
    has = any("--json" in each.opts for each in COMMANDS[path].params)
    assert has is (path not in WITHOUT_JSON)


def test_nothing_is_excused_that_is_gone():
    assert set(WITHOUT_JSON) <= set(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS)
def test_each_option_and_command_is_explained(path):
    command = COMMANDS[path]
    assert command.help
    for each in command.params:
        if isinstance(each, click.Option) and each.name != "limit":
            assert each.help, f"{path} {each.opts[0]} has no help"
