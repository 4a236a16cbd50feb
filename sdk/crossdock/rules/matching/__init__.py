"""Whether two records are the same company: compared, and found among many.

Nothing here reads or writes anything. `Pool` keeps a list, `match` looks a company up in it and
says what to do about it, `compare` takes two records.
"""

from crossdock.rules.matching.comparing import (
    CERTAIN,
    LIKELY,
    POINTS,
    POSSIBLE,
    Match,
    Reason,
    Sureness,
    compare,
    compare_forms,
    name_likeness,
)
from crossdock.rules.matching.deciding import Decision, Outcome, decide, match
from crossdock.rules.matching.party import Form, Party, form_of
from crossdock.rules.matching.pool import Found, Pool

__all__ = [
    "CERTAIN",
    "LIKELY",
    "POINTS",
    "POSSIBLE",
    "Decision",
    "Form",
    "Found",
    "Match",
    "Outcome",
    "Party",
    "Pool",
    "Reason",
    "Sureness",
    "compare",
    "compare_forms",
    "decide",
    "form_of",
    "match",
    "name_likeness",
]
