"""A CRM's own program: promotes quotes one after the other, and may be killed at any moment.

Arguments: configuration, a file with quote ids, a file that takes what was done. Started again, it
goes on with what was not done yet; the quote that it died with is promoted once more.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from crossdock.errors import RemoteError
from crossdock.host import Host
from crossdock.records import OrderPromoted


def main(config: str, quotes: str, done: str) -> None:
    log = Path(done)
    finished = set(log.read_text().split()) if log.exists() else set()
    wanted = [each for each in Path(quotes).read_text().split() if each not in finished]
    with Host.open(config, role="crm") as host, log.open("a") as written:
        print("{}", flush=True)
        for number, quote_id in enumerate(wanted):
            order = promote(host, quote_id)
            if number % 10 == 0:  # a program that is not sure publishes twice
                host.publish(OrderPromoted(order=order))
            written.write(f"{quote_id}\n")
            written.flush()


def promote(host: Host, quote_id: str):
    while True:
        try:
            promotion = host.promote_quote(quote_id, user="kim")
        except RemoteError:  # the mocks are broken on purpose; a person would press again
            time.sleep(0.05)
            continue
        if promotion.order is not None:
            return promotion.order
        reasons = [each.message for each in promotion.verdict.objections]
        if all(fault.remote for fault in promotion.verdict.faults) and not promotion.verdict.vetoes:
            time.sleep(0.05)
            continue
        raise SystemExit(f"{quote_id} was not promoted: {reasons}")


if __name__ == "__main__":
    main(*sys.argv[1:])
