"""Business Central with the generated company in it, and a client that speaks to it in process."""

from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from crossdock_mocks import backoffice
from crossdock_mocks.backoffice import kinds
from crossdock_mocks.datasets import generate
from crossdock_mocks.dialects.business_central import CLIENT_ID, CLIENT_SECRET, SCOPE, dialect
from crossdock_mocks.engine import App, MockTransport, World, serve_in_thread

HOST = "http://bc.test:7048"
SERVICE = f"{HOST}/v2.0/sandbox/api/v2.0"


class Client:
    """A client of one world, with a few words to keep tests short."""

    def __init__(self, app, world):
        self.world = world
        self.http = httpx.Client(transport=MockTransport(app, world))
        self.log_in()
        company = self.http.get(f"{SERVICE}/companies").json()["value"][0]
        self.company_id = company["id"]
        self.company = f"{SERVICE}/companies({company['id']})"

    def log_in(self):
        """Get a token, the first one or a new one."""
        asked = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "scope": SCOPE,
        }
        answer = self.http.post(f"{HOST}/contoso.example/oauth2/v2.0/token", data=asked)
        self.token = answer.raise_for_status().json()["access_token"]
        self.http.headers["authorization"] = f"Bearer {self.token}"

    def wait(self, **time):
        """Let the world's clock run, and log in again."""
        self.world.clock.advance(timedelta(**time))
        self.log_in()

    def call(self, method, path, body=None, **headers):
        """Any call; a path that begins with a slash lies in the company."""
        url = f"{self.company}{path}" if path.startswith("/") else path
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(method, url, json=body, headers=named)

    def get(self, path, **options):
        """The body of a good answer; options are those of OData without their dollar."""
        url = f"{self.company}{path}" if path.startswith("/") else path
        query = {f"${name}": str(value) for name, value in options.items()}
        answer = self.http.get(url, params=query or None)
        assert answer.status_code == 200, answer.text
        return answer.json(parse_float=Decimal, parse_int=Decimal)

    def rows(self, path, **options):
        """The rows of a list."""
        return self.get(path, **options)["value"]

    def one(self, path, condition, **options):
        """The one row that meets a condition."""
        (row,) = self.rows(path, filter=condition, **options)
        return row

    def post(self, path, body):
        """What was made."""
        answer = self.call("POST", path, body)
        assert answer.status_code == 201, answer.text
        return answer.json(parse_float=Decimal, parse_int=Decimal)

    def patch(self, path, body, etag="*"):
        """What was changed."""
        answer = self.call("PATCH", path, body, if_match=etag)
        assert answer.status_code == 200, answer.text
        return answer.json(parse_float=Decimal, parse_int=Decimal)

    def act(self, path, action):
        """Do a bound action; gives what it made, where it tells of that."""
        answer = self.call("POST", f"{path}/Microsoft.NAV.{action}")
        assert answer.status_code == 204, answer.text
        location = answer.headers.get("location")
        return None if location is None else self.get(location)

    def refused(self, method, path, body=None, **headers):
        """Status and code of a refusal, whose message ends with a correlation id."""
        answer = self.call(method, path, body, **headers)
        error = answer.json()["error"]
        assert set(error) == {"code", "message"}
        assert "  CorrelationId:  " in error["message"], error
        assert error["message"].endswith(".")
        return answer.status_code, error["code"]

    def complaint(self, method, path, body=None, **headers):
        """The message of a refusal."""
        return self.call(method, path, body, **headers).json()["error"]["message"]

    def customer(self, **values):
        """A new customer."""
        return self.post("/customers", {"displayName": "Adatum", "email": "a@b.example", **values})

    def item(self, number):
        """An item by its number."""
        return self.one("/items", f"number eq '{number}'")

    def document(self, set_name, customer, *lines, **values):
        """A new document of (item number, quantity) pairs or whole lines."""
        wanted = [
            line
            if isinstance(line, dict)
            else {"lineType": "Item", "lineObjectNumber": line[0], "quantity": line[1]}
            for line in lines
        ]
        body = {"customerId": customer["id"], f"{set_name[:-1]}Lines": wanted, **values}
        return self.post(f"/{set_name}", body)

    def pay(self, customer, amount, invoice=None):
        """Enter a payment and post its journal."""
        journal = self.rows("/customerPaymentJournals")[0]
        body = {"customerId": customer["id"], "amount": -float(amount)}
        if invoice is not None:
            body["appliesToInvoiceNumber"] = invoice["number"]
        path = f"/customerPaymentJournals({journal['id']})/customerPayments"
        payment = self.post(path, body)
        self.act(f"/journals({journal['id']})", "post")
        return payment


@pytest.fixture(scope="session")
def bc_app():
    return App(dialect())


@pytest.fixture(scope="session")
def bc_data():
    return generate(seed=1, scale=0.05)


@pytest.fixture(scope="session")
def _seeded(bc_app, bc_data):
    world = bc_app.open_world(bc_data)
    yield world, world.snapshot()
    world.close()


@pytest.fixture
def bc_world(_seeded):
    """The seeded world, as it was in the beginning."""
    world, start = _seeded
    yield world
    world.restore(start)
    world.journal.clear()


@pytest.fixture
def bc(bc_app, bc_world):
    """A client of the seeded company; at the end no answer may have broken the document."""
    client = Client(bc_app, bc_world)
    yield client
    assert [each.reason for each in bc_world.journal if each.verdict == "defect"] == []


@pytest.fixture
def new_bc(bc_app):
    """Opens worlds of their own."""
    worlds = []

    def new(data):
        worlds.append(bc_app.open_world(data))
        return Client(bc_app, worlds[-1])

    yield new
    for world in worlds:
        world.close()


@pytest.fixture(scope="session")
def books(bc_data):
    """What the back office makes of the same data set."""
    world = World(kinds.TABLES)
    backoffice.seed(world, bc_data)
    yield world
    world.close()


@pytest.fixture(scope="session")
def _served(bc_app, bc_data):
    """A world and no fork, as the thread of a server sends what waits in any fork of its world."""
    world = bc_app.open_world(bc_data)
    with serve_in_thread((bc_app, world)) as (address,):
        yield world, world.snapshot(), address.base_url
    world.close()


@pytest.fixture
def bc_address(_served):
    """Where the served world listens."""
    return _served[2]


@pytest.fixture
def bc_served(bc_app, _served):
    """A client in process of the served world."""
    world, start, _ = _served
    yield Client(bc_app, world)
    assert [each.reason for each in world.journal if each.verdict == "defect"] == []
    world.restore(start)
    world.journal.clear()
