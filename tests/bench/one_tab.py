"""`python -m tests.bench.one_tab CONFIG ACCOUNT TAB`: one tab, cold and then warm, as JSON."""

from __future__ import annotations

import json
import statistics
import sys
import time

from crossdock.host import Host

_WARM_CALLS = 5


def main(config: str, account_id: str, tab: str) -> None:
    """Open a host and a tab, and say how many seconds each took."""

    def render() -> float:
        before = time.perf_counter()
        rendered = host.render_tab(tab, account_id, user=user)
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
    print(json.dumps({"open": opened, "cold": cold, "warm": warm}))


if __name__ == "__main__":
    main(*sys.argv[1:])
