"""Plugins judged by reading them: manifest, hooks, scopes, imports, conduct.

Nothing of a plugin runs in this process; the host's own judgement imports it in one that is thrown
away.
"""

from crossdock.testing.checks.checking import check_plugin, find_plugin

__all__ = ["check_plugin", "find_plugin"]
