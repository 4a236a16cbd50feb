"""Programs with hard-wired hosts, led to a mock by environment variables alone.

Each client is a process of its own and knows nothing of mocks: an `https` URL is all it has.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys

import attrs
import httpx
import pytest

from crossdock_mocks.dialects.erp import dialect
from crossdock_mocks.engine import App, Fault, PortInUse, serve_in_thread
from crossdock_mocks.engine.errors import ProxyError
from crossdock_mocks.engine.proxy import Hosts, proxy_in_thread, read_routes, shell

URL = "https://api.vendor.example/tax-codes"
KEY = "erp-demo-key"

REQUESTS = f"""
import requests
answer = requests.get("{URL}", headers={{"X-Api-Key": "{KEY}"}})
print(answer.status_code, answer.json()["next"])
"""
HTTPX = f"""
import httpx
answer = httpx.get("{URL}", headers={{"X-Api-Key": "{KEY}"}})
print(answer.status_code, answer.json()["next"])
"""
URLLIB = f"""
import json, urllib.request
asked = urllib.request.Request("{URL}", headers={{"X-Api-Key": "{KEY}"}})
with urllib.request.urlopen(asked) as answer:
    print(answer.status, json.load(answer)["next"])
"""
# Node before 24 has no client of its own that reads HTTPS_PROXY; this is what one does that reads
# it, with Node's own TLS, which trusts NODE_EXTRA_CA_CERTS.
NODE = f"""
const http = require('http'), https = require('https'), proxy = new URL(process.env.HTTPS_PROXY);
http.request({{host: proxy.hostname, port: proxy.port, method: 'CONNECT',
              path: 'api.vendor.example:443'}})
  .on('connect', (answer, socket) => {{
    https.get('{URL}', {{socket, agent: false, servername: 'api.vendor.example',
                        headers: {{'X-Api-Key': '{KEY}'}}}}, response => {{
      let text = '';
      response.on('data', piece => text += piece)
              .on('end', () => console.log(response.statusCode, JSON.parse(text).next));
    }});
  }}).end();
"""
CLIENTS = {
    "requests": [sys.executable, "-c", REQUESTS],
    "httpx": [sys.executable, "-c", HTTPX],
    "urllib": [sys.executable, "-c", URLLIB],
    "curl": ["curl", "-sS", "-w", " %{http_code}", "-H", f"X-Api-Key: {KEY}", URL],
    "node": ["node", "-e", NODE],
}


@pytest.fixture(scope="module")
def app():
    return App(dialect())


@pytest.fixture
def world(app):
    return app.open_world()


@pytest.fixture
def proxy(app, world):
    with (
        serve_in_thread((app, world)) as (address,),
        proxy_in_thread({"api.vendor.example": address, "*.other.example": address}) as proxy,
    ):
        yield proxy


def run(command, variables):
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and "CERT" not in name and "BUNDLE" not in name
    }
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not here")
    return subprocess.run(
        command, env={**clean, **variables}, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("client", CLIENTS)
def test_an_unmodified_client_reaches_the_mock_by_environment_variables_alone(proxy, world, client):
    done = run(CLIENTS[client], proxy.environment)

    assert done.returncode == 0, done.stderr
    assert "200" in done.stdout
    entry = world.journal.last
    assert (entry.operation_id, entry.status) == ("listTaxCodes", 200)
    assert entry.request_headers["host"] == "api.vendor.example"


@pytest.mark.parametrize("client", ["requests", "curl"])
def test_a_client_that_was_not_told_to_trust_the_authority_refuses_the_certificate(
    proxy, world, client
):
    only_proxy = {"HTTPS_PROXY": proxy.url}

    done = run(CLIENTS[client], only_proxy)

    assert done.returncode != 0
    assert "certificate" in done.stderr.lower()
    assert len(world.journal) == 0


def test_the_variables_can_be_sourced_by_a_shell(proxy, tmp_path):
    script = tmp_path / "proxy.env"
    script.write_text(shell(proxy.environment))

    done = run(["sh", "-c", f". '{script}'; curl -sS -o /dev/null -w '%{{http_code}}' {URL}"], {})

    assert done.stdout == "401", done.stderr


def client(proxy, **options):
    trusted = ssl.create_default_context(cafile=str(proxy.certificate))
    return httpx.Client(proxy=proxy.url, verify=trusted, headers={"X-Api-Key": KEY}, **options)


def test_another_host_is_refused_and_never_reached(proxy, world):
    with socket.create_server(("127.0.0.1", 0)) as bystander, client(proxy) as http:
        port = bystander.getsockname()[1]
        bystander.setblocking(False)
        with pytest.raises(httpx.ProxyError, match="403 Host is not mocked"):
            http.get(f"https://localhost:{port}/")
        plain = http.get(f"http://127.0.0.1:{port}/")
        with pytest.raises(BlockingIOError):
            bystander.accept()

    assert plain.status_code == 403
    assert "answers for *.other.example, api.vendor.example" in plain.text
    assert len(world.journal) == 0


def test_each_host_below_a_wildcard_has_a_certificate_of_its_own(proxy, world):
    with client(proxy) as http:
        for name in ("a.other.example", "b.c.other.example", "A.OTHER.example"):
            assert http.get(f"https://{name}/tax-codes").status_code == 200
        with pytest.raises(httpx.ProxyError, match="403"):
            http.get("https://other.example/tax-codes")
    assert len(world.journal) == 3


def test_a_strict_client_accepts_the_certificate(proxy):
    strict = ssl.create_default_context(cafile=str(proxy.certificate))
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    with httpx.Client(proxy=proxy.url, verify=strict) as http:
        assert http.get(URL).status_code == 401


def test_plain_http_reaches_the_mock_too_and_keeps_query_and_body(proxy, world):
    with client(proxy) as http:
        listed = http.get("http://api.vendor.example/customers?limit=1")
        made = http.post("http://api.vendor.example/customers", json={"name": "Harbour"})
        root = http.get("http://api.vendor.example")
    assert (listed.status_code, made.status_code, root.status_code) == (200, 201, 404)
    assert json.loads(world.journal.find(operation="createCustomer")[0].request_body) == {
        "name": "Harbour"
    }
    assert "proxy-connection" not in world.journal.last.request_headers


def test_a_connection_is_kept_alive_through_the_tunnel(proxy, world):
    with client(proxy) as http:
        ports = {
            http.get(URL).extensions["network_stream"].get_extra_info("client_addr")
            for _ in range(3)
        }
    assert len(ports) == 1
    assert len(world.journal) == 3


@pytest.mark.parametrize("kind", ["drop_after_commit", "half_body"])
def test_a_fault_that_cuts_the_connection_cuts_it_for_the_client(proxy, world, kind):
    world.faults.add(Fault(kind, operation="createCustomer", nth=1))
    with client(proxy) as http, pytest.raises(httpx.RemoteProtocolError):
        http.post("https://api.vendor.example/customers", json={"name": "Harbour"})
    assert world.journal.last.committed


def test_a_large_body_comes_through_whole(proxy, world):
    with client(proxy) as http:
        answer = http.post(
            "https://api.vendor.example/customers", json={"name": "H", "email": "x" * 1_500_000}
        )
    assert answer.status_code in (400, 422)
    assert len(world.journal.last.raw_request_body) > 1_500_000


@pytest.mark.parametrize(
    "sent", [b"GET / HTTP/1.1\r\n\r\n", b"hello\r\n\r\n", b"CONNECT [ HTTP/1.1\r\n\r\n"]
)
def test_what_is_no_request_to_a_proxy_is_told_so(proxy, sent):
    host, port = proxy.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(sent)
        said = b""
        while piece := connection.recv(4096):
            said += piece
    assert said.startswith(b"HTTP/1.1 400 ")


def test_nothing_is_left_when_the_proxy_stops(app, world):
    with serve_in_thread((app, world)) as (address,):
        with proxy_in_thread({"api.vendor.example": address}) as proxy, client(proxy) as http:
            http.get(URL)
            certificate, url = proxy.certificate, proxy.url
        assert not certificate.exists()
        host, port = url.removeprefix("http://").split(":")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)))


def test_a_port_that_is_taken_is_told(app, world, proxy):
    port = int(proxy.url.rsplit(":", 1)[1])
    with pytest.raises(PortInUse), proxy_in_thread(proxy.hosts, port=port):
        pass


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        (["api.vendor.example"], "should be HOST=MOCK"),
        (["api.vendor.example=crm"], "should be HOST=MOCK with one of the mocks erp"),
        (["https://api.vendor.example=erp"], "is not a host name"),
        (["a.example=erp", "A.example=erp"], "named twice"),
        ([], "at least one host"),
    ],
)
def test_routes_that_cannot_be_are_told_in_words(proxy, routes, said):
    addresses = [address for _, address in proxy.hosts.items()][:1]
    with pytest.raises(ProxyError, match=said):
        read_routes(routes, addresses)


def test_a_name_wins_over_a_wildcard_and_the_longer_wildcard_over_the_shorter(proxy):
    (_, address), *_ = proxy.hosts.items()
    one, two, three = (attrs.evolve(address, port=port) for port in (1, 2, 3))
    hosts = Hosts({"*.example": one, "*.a.example": two, "b.a.example": three})
    found = [hosts.find(name) for name in ("x.example", "x.a.example", "B.a.example.", "example")]
    assert found == [one, two, three, None]
