"""Tryton is installed from the package index; where that cannot be, it is said what to do."""

from __future__ import annotations

import subprocess

import pytest

from crossdock.demo.tryton import packages
from crossdock_mocks.engine.document import cache_directory


def test_an_index_that_cannot_be_reached_is_told_with_what_to_do(tmp_path, monkeypatch):
    def run(command, **_):
        failed = int("pip" in command)
        words = "WARNING: x\nERROR: Could not find a version that satisfies trytond"
        return subprocess.CompletedProcess(command, failed, "", words)

    monkeypatch.setattr(packages.subprocess, "run", run)
    told = []
    with pytest.raises(packages.TrytonMissing, match="Could not find a version") as caught:
        packages.installed(told.append, tmp_path)
    assert "index can be reached" in str(caught.value)
    assert "WARNING" not in str(caught.value)
    assert len(told) == 1


def test_what_is_installed_is_not_installed_again(tmp_path, monkeypatch):
    commands = []

    def run(command, **_):
        commands.append(command)
        if "venv" in command:
            (tmp_path / command[-1]).mkdir(parents=True)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(packages.subprocess, "run", run)
    first = packages.installed(print, tmp_path)
    assert packages.installed(print, tmp_path) == first
    assert len(commands) == 2
    assert all("==" in each for each in packages.REQUIREMENTS)


@pytest.mark.parametrize(
    ("named", "under"),
    [("/var/cache", "/var/cache"), ("", "/home/kim/.cache"), ("here", "/home/kim/.cache")],
)
def test_a_cache_that_is_named_by_no_whole_address_is_the_users(monkeypatch, named, under):
    monkeypatch.setenv("HOME", "/home/kim")
    monkeypatch.setenv("XDG_CACHE_HOME", named)
    assert str(packages.cache_folder()) == f"{under}/crossdock/tryton"
    assert str(cache_directory()) == f"{under}/crossdock/documents"
