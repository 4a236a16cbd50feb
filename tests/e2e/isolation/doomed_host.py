"""A host that is killed while its plugins spin; says their process ids on its output."""

import json
import logging
import sys
import threading
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from crossdock.host.isolation.remote import remote_plugin
from crossdock.host.isolation.settings import IsolationSettings
from crossdock.host.loading.code import read_folder
from crossdock.records import Quote, QuoteLine


class Context:
    user = None
    now = datetime.now(UTC)
    deadline = 600.0
    rights = None
    hidden = frozenset()
    log = logging.getLogger("crossdock.plugin.hostile")


def main() -> None:
    kernel, *deeds = sys.argv[1:]
    plugin = remote_plugin(
        "hostile",
        read_folder(Path(__file__).parent / "hostile", "plugin"),
        ("before_quote_save",),
        {},
        IsolationSettings(kernel=kernel),
    )
    plugin.start()
    guard = plugin.started().hooks["before_quote_save"].function
    line = QuoteLine(number=1, item_id="I-1", quantity=Decimal(2))
    for deed in deeds:
        quote = Quote(id=deed, account_id="A-1", currency="EUR", lines=(line,))
        # The thread that asked first is over by now in a real host: nobody may depend on it.
        threading.Thread(target=guard, args=(Context(), quote, None), daemon=True).start()
    while len(pids := plugin.status().pids) < len(deeds):
        time.sleep(0.01)
    time.sleep(1)  # they are at it
    print(json.dumps(pids), flush=True)
    time.sleep(600)


main()
