"""Plugins judged at work: slow and failing systems, replays, missing rights, size and disorder.

`certify` is what the command does, and what a plugin's own tests may call.
"""

from crossdock.testing.certification.certifying import all_rules, certify

__all__ = ["all_rules", "certify"]
