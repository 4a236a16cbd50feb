"""One run of a load in its own process, that dies at its n-th exchange, or at some instant."""

import os
import signal
import threading
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


class Doomed:
    """Is told how far the load is, and lets the process die some time after so many steps."""

    def __init__(self, lives, delay):
        self.left = lives
        self.delay = delay
        self.phase = ""
        self.done = 0

    def __call__(self, step):
        if step.phase != self.phase:
            self.phase, self.done = step.phase, step.done
        self.left -= step.done - self.done
        self.done = step.done
        if self.left <= 0 and self.delay is not None:
            threading.Timer(self.delay, os.kill, (os.getpid(), signal.SIGKILL)).start()
            self.delay = None


def run(url, crm_url, erp_url, lives, after):
    """Load until it is done, or until the exchange at which it dies (0: never)."""
    Mortal.left, Mortal.after = lives, after
    report = load(url, crm_url, erp_url, Mortal(), Mortal())
    raise SystemExit(0 if report.succeeded else 1)


def run_for(url, crm_url, erp_url, lives, delay):
    """Load until it is done, or until some seconds after so many steps (`None`: never)."""
    report = load(url, crm_url, erp_url, tell=Doomed(lives, delay))
    raise SystemExit(0 if report.succeeded else 1)


def load(url, crm_url, erp_url, crm_door=None, erp_door=None, *, tell=lambda _step: None):
    """Load, and give the report."""
    settings = {"url": crm_url, "client_id": "crossdock", "client_secret": "crossdock-secret"}
    crm_port = crm.connect("crm", settings, transport=crm_door)
    erp_port = erp.connect("main", {"url": erp_url, "api_key": "erp-demo-key"}, transport=erp_door)
    router = Router({"main": erp_port})
    policy = read_policy(POLICY)
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
        return InitialLoad(
            store, crm_port, router, synchronising.port, lambda: policy, limits={}
        ).run(tell=tell)
