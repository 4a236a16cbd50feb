"""`python -m tests.bench.one_tab CONFIG ACCOUNT TAB`: one tab, cold, warm and again, as JSON.

Warm reads every figure anew, over connections that are open; again is given what was read a moment
ago, as whoever opens the next tab is.
"""

from __future__ import annotations

import json
import statistics
import sys
import time

from crossdock.host import Host

_WARM_CALLS = 5


def main(config: str, account_id: str, tab: str) -> None:
    """Open a host and a tab, and say how many seconds each took."""

    def render(*, fresh: bool = True) -> float:
        before = time.perf_counter()
        rendered = host.render_tab(tab, account_id, user=user, fresh=fresh)
        if rendered.fault is not None:
            raise SystemExit(rendered.fault)
        return time.perf_counter() - before

    started = time.perf_counter()
    with Host.open(config, role="bench") as host:
        opened = time.perf_counter() - started
        started = time.perf_counter()
        # Who is asking is a part of the first tab that anybody opens.
        user = next(each.id for each in host.crm.users() if each.active)
        cold = time.perf_counter() - started + render()
        warm = statistics.median(render() for _ in range(_WARM_CALLS))
        again = statistics.median(render(fresh=False) for _ in range(_WARM_CALLS))
    print(json.dumps({"open": opened, "cold": cold, "warm": warm, "again": again}))


if __name__ == "__main__":
    main(*sys.argv[1:])
