"""What a plugin does while it is imported in its process, and what it says of itself."""

from __future__ import annotations

import sys

import pytest

GUARD = """
from crossdock import Proceed, hookimpl

@hookimpl
def before_quote_save(ctx, quote, before):
    return Proceed()
"""
IMPORTS = {
    "sleeps": ("import time\ntime.sleep(3600)", "not imported within 4 s"),
    "spins": ("while True: pass", "not imported within 4 s"),
    "lacks": ("import nothing_of_that_name", "ModuleNotFoundError"),
    "does-not-parse": ("def", "SyntaxError"),
    "raises": ("raise RuntimeError('at import')", "RuntimeError: at import"),
    "exits": ("import sys\nsys.exit(1)", "SystemExit"),
    "exits-at-once": ("import os\nos._exit(7)", "ended while its code was imported: it exited"),
    "eats": ("x = [bytearray(1 << 20) for _ in range(10000)]", "MemoryError"),
    "connects": (
        "import socket\nsocket.create_connection(('127.0.0.1', 9))",
        "AccessDenied: socket",
    ),
    "has-no-hook": ("", "the code has no such @hookimpl"),
    "has-another-hook": (GUARD.replace("before_quote_save", "quote_saved"), "no such @hookimpl"),
    "asks-for-too-much": (
        GUARD.replace("quote, before", "quote, secret"),
        "takes secret, and this point gives",
    ),
}


@pytest.mark.parametrize("name", IMPORTS)
def test_what_cannot_be_loaded_is_set_aside_and_the_others_work(
    name, open_host, plugin_folder, called, kim
):
    code, reason = IMPORTS[name]
    folder = plugin_folder(name, code)
    plugin_folder("fine", GUARD)

    seconds = 4 if "within 4 s" in reason else 30
    host = open_host(name, "fine", paths=(folder,), start_seconds=seconds)

    (aside,) = host.quarantined
    assert aside.id == name
    assert reason in aside.reason + aside.detail
    assert [plugin.id for plugin in host.plugins] == ["fine"]
    assert not host.before_quote_save(called("Q-1"), user=kim).faults


def test_where_the_protections_of_the_kernel_are_required_and_missing_a_plugin_is_set_aside(
    open_host, plugin_folder, monkeypatch
):
    folder = plugin_folder("fine", GUARD)

    host = open_host("fine", paths=(folder,), kernel="required", python=_without_filter(folder))

    (aside,) = host.quarantined
    assert "kernel is required" in aside.reason


def _without_filter(folder):
    """Write an interpreter that runs on a machine for which there is no filter."""
    file = folder / "python"
    file.write_text(
        f"#!{sys.executable} -I\n"
        "import platform, sys\n"
        "platform.machine = lambda: 'sparc64'\n"
        "code, *sys.argv[1:] = sys.argv[sys.argv.index('-c') + 1 :]\n"
        "exec(code)\n"
    )
    file.chmod(0o755)
    return str(file)
