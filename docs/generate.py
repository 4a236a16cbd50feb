"""Write the reference pages from the code itself: `make docs`; a test tells when they are stale."""

from __future__ import annotations

import inspect
import json
import runpy
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from crossdock import hookspecs
from crossdock.cli import COMMANDS, main
from crossdock.host.settings import overrides
from crossdock.host.settings.settings_schema import at, is_secret, kinds, settings_schema
from crossdock.host.settings.settings_schema import settings as every_setting
from crossdock.points import POINTS, Point
from crossdock.ports import CrmPort, ErpPort, scopes_of
from crossdock.specifications import specification
from crossdock.synchronising import SyncPort
from crossdock.testing.certification import all_rules
from crossdock.testing.rule import Rule
from crossdock.testing.systems.judging import system_rules
from crossdock_mocks import installed
from crossdock_mocks.coverage import MEANING, markdown, matrix, read_proofs

FOLDER = Path(__file__).parent
NOTE = "<!-- Written by `make docs`; change the code or its docstring instead. -->\n"


REFERENCE_PLUGINS = FOLDER.parent / "plugins" / "crossdock_plugins"
_FAILS = {
    "view": "shown as an error; the others are untouched",
    "event": "retried, then put into the exceptions queue",
    "job": "retried, then put into the exceptions queue",
    "provider": "the next one is asked",
}
_AWAY = {
    "draft": "a draft is kept as unchecked, anything else is refused",
    "closed": "refused, whatever the policy",
    "failure": "as when the plugin fails",
}


def extension_points() -> str:
    """Every extension point with its status, signature and contract."""
    users = _users_of_points()
    parts = [
        "# Extension points\n",
        NOTE,
        "A **v1** point is frozen: it keeps its name, its arguments with their kinds, and what is "
        "answered; it may only grow arguments, and a plugin takes only those that it names. A "
        "**provisional** one may change with a minor version. What is deprecated says until which "
        "version it works, and who still implements it is told when the plugin is loaded.\n",
        "| point | kind | status | since | used by |",
        "|---|---|---|---|---|",
        *(
            f"| [{name}](#{name}) | {point.kind} | {point.status} | {point.since} "
            f"| {_plugins(users.get(name, ()))} |"
            for name, point in POINTS.items()
        ),
        "",
    ]
    for name, point in POINTS.items():
        function = getattr(hookspecs, name)
        signature = str(inspect.signature(function)).replace("'", "")
        parts += [
            f"## {name}\n",
            f"```python\ndef {name}{signature}\n```\n",
            inspect.cleandoc(function.__doc__ or "") + "\n",
            *_facts(point, users.get(name, ())),
            "",
        ]
    return "\n".join(parts)


def _facts(point: Point, users: Sequence[str]) -> Iterator[str]:
    yield f"- **Status**: {point.status}, since {point.since}"
    if point.removed_in:
        yield f"- **Deprecated** since {point.deprecated}; gone in {point.removed_in}"
    yield f"- **Kind**: {point.kind}; bounded by `[deadlines] {point.deadline}_seconds`"
    if point.kind == "guard":
        yield f"- **When the plugin fails**: {point.fails}, unless `[policy]` says otherwise"
        yield f"- **When a remote system is away**: {_AWAY[point.away]}"
    else:
        yield f"- **When the plugin fails**: {_FAILS[point.kind]}"
    yield f"- **Used by**: {_plugins(users)}"


def _plugins(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "no reference plugin yet"


def _users_of_points() -> Mapping[str, Sequence[str]]:
    users: dict[str, list[str]] = {}
    for file in sorted(REFERENCE_PLUGINS.glob("*/plugin.toml")):
        manifest = tomllib.loads(file.read_text(encoding="utf-8"))
        for point in manifest["points"]:
            users.setdefault(point, []).append(manifest["id"])
    return users


def reference_plugins() -> str:
    """Every reference plugin: what it does, where it is asked, what it may."""
    parts = [
        "# Reference plugins\n",
        NOTE,
        "Each is a policy of its own, to be switched on by its id in `[plugins] enabled`, and an "
        "example of how one is written; `crossdock check` and `crossdock certify` judge them like "
        "anybody's.\n",
    ]
    for file in sorted(REFERENCE_PLUGINS.glob("*/plugin.toml")):
        manifest = tomllib.loads(file.read_text(encoding="utf-8"))
        points = (f"[{each}](extension-points.md#{each})" for each in manifest["points"])
        scopes = (f"`{each}`" for each in manifest.get("scopes", ()))
        parts += [
            f"## {manifest['id']}\n",
            f"{manifest['summary']}\n",
            f"- **Extension points**: {', '.join(points)}",
            f"- **Scopes**: {', '.join(scopes) or 'none'}",
            *_settings_of(manifest.get("config", {})),
            f"- [README](../plugins/crossdock_plugins/{file.parent.name}/README.md)\n",
        ]
    return "\n".join(parts)


def _settings_of(schema: Mapping[str, Any]) -> Iterator[str]:
    known = schema.get("properties", {})
    if known:
        yield "- **Settings**:"
    for name, part in known.items():
        default = f"; default `{json.dumps(part['default'])}`" if "default" in part else ""
        yield f"    - `{name}`: {part.get('description', '').rstrip('.')}{default}"


def ports() -> str:
    """Every method of the ports with the scope that it needs."""
    parts = ["# Ports\n", NOTE]
    for title, port in (
        ("CRM: `ctx.crm`", CrmPort),
        ("ERP: `ctx.erp`", ErpPort),
        ("What is kept the same: `ctx.sync`", SyncPort),
    ):
        parts += [f"## {title}\n", "| method | scope | what it does |", "|---|---|---|"]
        for name, scope in scopes_of(port).items():
            first = inspect.cleandoc(getattr(port, name).__doc__ or "").splitlines()[0]
            signature = inspect.signature(getattr(port, name))
            arguments = ", ".join(
                str(each).replace("'", "").replace("|", "\\|")
                for each in list(signature.parameters.values())[1:]
            )
            parts.append(f"| `{name}({arguments})` | `{scope}` | {first} |")
        parts.append("")
    return "\n".join(parts)


_ANSWERS = (
    "| exit code | means |",
    "|---|---|",
    "| 0 | it was done, and nothing is wrong |",
    "| 1 | it could not be done, and the message says why; or what was looked for is wrong: a "
    "check, a certification, `doctor`, `audit verify`, `data check`, an import, a dry look of "
    "`provision` that found something lacking |",
    "| 2 | it was typed wrongly; nothing was begun |",
    "",
    "What a program may read comes as JSON with `--json`, on standard output and nothing else "
    "there; progress and messages go to standard error. Colours are for terminals only. "
    "`crossdock completion bash` (or `zsh`, `fish`) prints what completes commands and options.\n",
)


def commands() -> str:
    """The help of every command."""
    parts = ["# Commands\n", NOTE, *_ANSWERS]
    context = click.Context(main, info_name="crossdock")
    for name in sorted(COMMANDS):
        command = main.get_command(context, name)
        assert command is not None
        for path, each in _with_children(f"crossdock {name}", command):
            with click.Context(each, info_name=path, help_option_names=["-h", "--help"]) as own:
                own.terminal_width = own.max_content_width = 88
                parts += [f"## {path}\n", "```text", each.get_help(own), "```\n"]
    return "\n".join(parts)


def _with_children(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):  # some import their children only when they are asked for
        context = click.Context(command, info_name=path)
        for name in sorted(command.list_commands(context)):
            child = command.get_command(context, name)
            assert child is not None
            yield from _with_children(f"{path} {name}", child)


def settings() -> str:
    """Every setting of crossdock.toml and plugin.toml, from their schemas."""
    parts = ["# Settings\n", NOTE]
    root = settings_schema()
    parts += [
        "## crossdock.toml\n",
        inspect.cleandoc(overrides.__doc__ or "").partition("\n\n")[2] + "\n",
        "A **secret** is written into the file, or comes from the environment or from a file of "
        'its own: `{ env = "NAME" }`, `{ file = "path" }`. It is never logged, printed or sent '
        "back.\n",
        "| setting | variable | kind | what it means |",
        "|---|---|---|---|",
        *(
            f"| `{'.'.join(path)}` | `{overrides.variable_of(path)}` | {_kind(path, each, root)} "
            f"| {_text(each)} |"
            for path, each in every_setting(root, root)
        ),
        "",
        "## plugin.toml\n",
        "| setting | kind | what it means |",
        "|---|---|---|",
    ]
    plugin = json.loads(specification("plugin.schema.json").read_text(encoding="utf-8"))
    parts += [
        f"| `{'.'.join(path)}` | {_kind(path, each, plugin)} | {_text(each)} |"
        for path, each in every_setting(plugin, plugin)
    ]
    return "\n".join(parts)


def ownership() -> str:
    """Every key of an ownership policy, from its schema, and the policy that is shipped."""
    root = json.loads(specification("ownership.schema.json").read_text(encoding="utf-8"))
    shipped = REFERENCE_PLUGINS / "account_sync" / "ownership.toml"
    return "\n".join(
        [
            "# Ownership policy\n",
            NOTE,
            f"{root['description']} [Account synchronisation](account-sync.md) tells how it is "
            "followed. `[sync] policy` in crossdock.toml names the file; without it the one that "
            "the plugin account-sync ships is in force.\n",
            "| key | kind | what it means |",
            "|---|---|---|",
            *(
                f"| `{'.'.join(path)}` | {_kind(path, each, root)} | {_text(each)} |"
                for path, each in every_setting(root, root)
            ),
            "",
            "A field's table has these keys:\n",
            "| key | kind | what it means |",
            "|---|---|---|",
            *(
                f"| `{'.'.join(path)}` | {_kind(path, each, root['$defs']['field'])} "
                f"| {_text(each)} |"
                for path, each in every_setting(root["$defs"]["field"], root)
            ),
            "",
            "## The policy that is shipped\n",
            f"```toml\n{shipped.read_text(encoding='utf-8')}```",
        ]
    )


def _kind(path: Sequence[str], schema: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    if is_secret(schema):
        kind = "secret"
    elif "enum" in schema:
        kind = "one of " + ", ".join(map(str, schema["enum"]))
    else:
        kind = " or ".join(sorted(kinds(schema, root))) or "any"
    above = at(path[:-1], root) or {}
    return kind + (", required" if path[-1] in above.get("required", ()) else "")


def _text(schema: Mapping[str, Any]) -> str:
    return str(schema.get("description", "")).replace("|", "\\|")


def coverage() -> str:
    """Every operation of every mock, how sure it is, and what proves it."""
    proofs = read_proofs(specification("proofs.json"))
    parts = [
        "# Coverage of the mocks\n",
        NOTE,
        "Each operation says in its document how sure we are of its form (`x-provenance`):\n",
        *(f"- **{name}**: {meaning};" for name, meaning in MEANING.items()),
        "",
        "What tests reached is recorded by `make coverage`, which runs them; `crossdock coverage` "
        "shows the same, also as JSON. Every operation is also asked by Schemathesis for requests "
        "that it takes and requests that it has to refuse; that is not counted here.\n",
    ]
    for dialect in map(installed.dialect, installed.names()):
        parts += [f"## {dialect.name}\n", markdown(matrix(dialect, proofs)) + "\n"]
    return "\n".join(parts)


_LEVELS = {
    "bronze": "it does what it says, and harms nobody",
    "silver": "it is at home in a real house: slow systems, missing rights, people who read it",
    "gold": "it stands whatever comes: disorder, size, crashes, other systems",
}


def certification() -> str:
    """Every rule that plugins are judged by, with its reasons."""
    rules = all_rules()
    parts = [
        "# Certification\n",
        NOTE,
        "`crossdock check` reads a plugin and judges it by the rules that need no running system; "
        "`crossdock certify` goes on with the plugin at work in a host on mock systems, and says "
        "which level it reaches: the highest whose rules, and those of the levels below, all "
        "stand. A rule that asks nothing of a plugin, as it has no such extension point, stands; "
        "one that was skipped does not.\n",
        *(f"- **{level}**: {meaning};" for level, meaning in _LEVELS.items()),
        "",
        *_table(rules),
        "",
    ]
    parts += [
        "The reference plugins, and those of the cookbook:\n",
        "| plugin | level |",
        "|---|---|",
    ]
    certified = tomllib.loads((FOLDER / "certified.toml").read_text(encoding="utf-8"))
    for plugins in certified.values():
        parts += [f"| `{name}` | {level} |" for name, level in plugins.items()]
    parts.append("")
    parts += _pages(rules)
    parts += [
        "## Connectors and mocks\n",
        "A project whose `pyproject.toml` names a connector or a mock is judged by rules of its "
        "own: `crossdock check .` and `crossdock certify .` in its folder, or `certify_systems` of "
        "`crossdock.testing` in its tests. A table says what it is tried with:\n",
        "```toml",
        "[tool.crossdock.connector]",
        'document = "our_connector/our_connector.openapi.yaml"',
        'settings = { url = "http://our-connector.test", token = "test-token" }',
        "",
        "[tool.crossdock.mock]",
        'headers = { X-Api-Key = "our-mock-key" }   # of somebody who may do everything',
        "```\n",
    ]
    known = {}
    for kind in ("connector", "mock"):
        known |= {each.name: each for each in system_rules(kind)}
        parts += [f"**A {kind}**\n", *_table(system_rules(kind)), ""]
    parts += _pages(known.values())
    return "\n".join(parts)


def _table(rules: Iterable[Rule]) -> list[str]:
    return [
        "| rule | level | judged by | it asks that |",
        "|---|---|---|---|",
        *(
            f"| [{each.name}](#{each.name}) | {each.level} | {_judged_by(each)} "
            f"| {each.title[:1].lower()}{each.title[1:]} |"
            for each in rules
        ),
    ]


def _pages(rules: Iterable[Rule]) -> list[str]:
    return [
        part
        for each in rules
        for part in (
            f"## {each.name}\n", f"{each.text}\n", f"*{each.level}, {_judged_by(each)}*\n"
        )
    ]  # fmt: skip


def _judged_by(rule: Rule) -> str:
    return "certify" if rule.needs_mocks else "check"


PAGES: Mapping[str, Callable[[], str]] = {
    "certification.md": certification,
    "coverage.md": coverage,
    "extension-points.md": extension_points,
    "ownership.md": ownership,
    "plugins.md": reference_plugins,
    "ports.md": ports,
    "commands.md": commands,
    "settings.md": settings,
    "views.md": lambda: _page("views_page.py", "views_page"),
    "views.html": lambda: _page("views_page.py", "views_in_a_browser"),
}


def _page(file: str, name: str) -> str:
    """Let a file beside this one write a page."""
    page: Callable[[], str] = runpy.run_path(str(FOLDER / file))[name]
    return page()


def generate(folder: Path) -> list[Path]:
    """Write every page into a folder."""
    written = []
    for name, page in PAGES.items():
        file = folder / name
        file.write_text(page().rstrip() + "\n", encoding="utf-8")
        written.append(file)
    return written


if __name__ == "__main__":
    for file in generate(FOLDER):
        sys.stdout.write(f"{file.relative_to(FOLDER.parent)}\n")
