"""One run of a load in its own process, that kills itself at its n-th exchange, before or after."""

import os
import signal
from datetime import timedelta
from pathlib import Path

import httpx

from crossdock.connectors import crm, erp
from crossdock.host.gateway import Refusals, RightsByRole
from crossdock.host.initial_load.load import InitialLoad
from crossdock.host.linking.linking import Linking
from crossdock.host.store import Store
from crossdock.host.synchronising.creations import Creations
from crossdock.host.synchronising.policy_file import read_policy
from crossdock.host.synchronising.synchronising import Synchronising
from crossdock.host.systems import Router

POLICY = Path(__file__).parents[3] / "plugins/crossdock_plugins/account_sync/ownership.toml"


class Mortal(httpx.HTTPTransport):
    """Sends, and dies at its hour: after the answer was given, nobody heard it."""

    left = 0
    after = False

    def handle_request(self, request):
        Mortal.left -= 1
        if Mortal.left == 0 and not Mortal.after:
            os.kill(os.getpid(), signal.SIGKILL)
        response = super().handle_request(request)
        if Mortal.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return response


def run(url, crm_url, erp_url, lives, after):
    """Load until it is done, or until the exchange at which it dies (0: never)."""
    Mortal.left, Mortal.after = lives, after
    settings = {"url": crm_url, "client_id": "crossdock", "client_secret": "crossdock-secret"}
    crm_port = crm.connect("crm", settings, transport=Mortal())
    erp_port = erp.connect("main", {"url": erp_url, "api_key": "erp-demo-key"}, transport=Mortal())
    router = Router({"main": erp_port})
    with Store.open(url) as store:
        common = {
            "rights": RightsByRole({}),
            "refusals": Refusals(lambda: store.audit, lambda: store.clock()),
        }
        linking = Linking(lambda: store, crm_port, router, **common)
        synchronising = Synchronising(
            lambda: store,
            crm_port,
            router,
            before_creating=linking.before_creating,
            creations=Creations(lambda: store, settle=timedelta(0)),
            policy_file=lambda: POLICY,
            **common,
        )
        load = InitialLoad(
            store,
            crm_port,
            router,
            synchronising.port,
            lambda: read_policy(POLICY),
            limits={},
        )
        report = load.run()
    raise SystemExit(0 if report.succeeded else 1)
