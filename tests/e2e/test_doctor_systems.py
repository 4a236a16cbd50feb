"""`crossdock doctor` on remote systems that are away, wrong, refusing or broken: real sockets."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

# The real command for each trouble takes a while; its checks are tried by themselves in the unit
# tests, and the command in `test_doctor_files.py`.
pytestmark = pytest.mark.full

TEXT = """
[crm]
system = "crm"
url = "{crm}"
client_id = "crossdock"
client_secret = "{secret}"

[erp.main]
system = "erp"
url = "{erp}"
api_key = "{key}"

[store]
url = "sqlite:///host.db"

[plugins]
enabled = ["erp-tabs"]
inline = ["erp-tabs"]

[roles.sales]
scopes = ["*"]
fields = ["*"]
"""


class Doctor:
    """The real command on a configuration of the test's."""

    def __init__(self, run: Callable[..., Any], folder: Path, crm: str, erp: str) -> None:
        self._run = run
        self.config = folder / "crossdock.toml"
        self._values = {
            "crm": crm, "erp": erp, "secret": "crossdock-secret", "key": "erp-demo-key"
        }  # fmt: skip

    def __call__(self, *arguments: str, **values: str) -> Any:
        self.config.write_text(TEXT.format(**self._values | values))
        self.config.chmod(0o600)
        return self._run("doctor", "--config", self.config, *arguments)

    def findings(self, *arguments: str, code: int = 1, **values: str) -> list[dict[str, Any]]:
        done = self("--json", *arguments, **values)
        assert done.returncode == code, done.stdout + done.stderr
        assert not done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
        return found

    def wrong(self, *arguments: str, **values: str) -> dict[str, Any]:
        """Give the only thing that fails."""
        found = self.findings(*arguments, **values)
        failed = [each for each in found if each["status"] == "fail"]
        assert len(failed) == 1, failed
        return failed[0]


@pytest.fixture
def doctor(crossdock, tmp_path, mocks) -> Doctor:
    return Doctor(crossdock, tmp_path, mocks.crm_url, mocks.erp_url)


@pytest.fixture
def listens() -> Iterator[Callable[..., str]]:
    """Listen on a port, and do with each connection what the test says; gives the port."""
    servers: list[socket.socket] = []
    kept: list[socket.socket] = []

    def listen(serve: Callable[[socket.socket], None]) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                kept.append(connection)
                threading.Thread(target=_quietly, args=(serve, connection), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return f"127.0.0.1:{server.getsockname()[1]}"

    yield listen
    for each in (*servers, *kept):
        each.close()


def _quietly(serve: Callable[[socket.socket], None], connection: socket.socket) -> None:
    try:
        serve(connection)
    except OSError:
        connection.close()


def test_a_set_up_that_is_well_is_told_so_with_exit_code_0(doctor):
    found = doctor.findings(code=0)
    assert {each["status"] for each in found} <= {"ok", "warn"}
    answered = {
        each["area"] for each in found if "answers as its connector expects" in each["text"]
    }
    assert answered == {"crm", "erp main"}


def test_what_a_person_reads_is_a_table_with_the_fault_and_the_advice(doctor):
    done = doctor(erp="http://127.0.0.1:1")
    assert done.returncode == 1
    assert "fail  erp main" in done.stdout
    assert "Whose: the remote system." in done.stdout
    assert done.stdout.rstrip().endswith("1 wrong")


def test_a_port_where_nothing_listens(doctor):
    wrong = doctor.wrong(erp="http://127.0.0.1:1")
    assert (wrong["area"], wrong["fault"]) == ("erp main", "remote")
    assert "nothing listens on 127.0.0.1 port 1" in wrong["text"]
    assert "erp.main.url" in wrong["advice"]


def test_a_name_that_does_not_resolve(doctor):
    wrong = doctor.wrong(crm="http://crm.invalid:8601")
    assert (wrong["area"], wrong["fault"]) == ("crm", "config")
    assert "the name crm.invalid does not resolve" in wrong["text"]


def test_a_port_that_accepts_and_never_answers_does_not_hang_the_doctor(doctor, listens):
    quiet = listens(lambda connection: None)
    wrong = doctor.wrong(erp=f"http://{quiet}")
    assert (wrong["area"], wrong["fault"]) == ("erp main", "remote")
    assert "takes the connection and never answers" in wrong["text"]


def test_an_area_that_is_not_over_in_time_is_told_with_what_was_found_before(doctor, listens):
    def drips(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        stop = threading.Event()
        while not stop.wait(0.2):
            connection.sendall(b"X-Drip: 1\r\n")

    found = doctor.findings("--seconds", "3", erp=f"http://{listens(drips)}")
    mine = [each for each in found if each["area"] == "erp main"]
    assert "takes connections" in mine[0]["text"]
    assert "was not over after 3 s" in mine[-1]["text"]


def test_a_tls_port_that_is_called_without_tls(doctor, listens):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(1)

    wrong = doctor.wrong(erp=f"http://{listens(serve)}")
    assert (wrong["area"], wrong["fault"]) == ("erp main", "config")
    assert "it speaks TLS, and is called without" in wrong["text"]
    assert "write https://" in wrong["advice"]


def test_a_plain_port_that_is_called_with_tls(doctor, mocks):
    wrong = doctor.wrong(erp=mocks.erp_url.replace("http:", "https:"))
    assert (wrong["area"], wrong["fault"]) == ("erp main", "config")
    assert "does not speak TLS" in wrong["text"]


def test_a_certificate_that_nobody_trusts(doctor, listens):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    def serve(connection: socket.socket) -> None:
        context.wrap_socket(connection, server_side=True).close()

    wrong = doctor.wrong(erp=f"https://{listens(serve)}")
    assert "certificate of 127.0.0.1 is not to be trusted" in wrong["text"]
    assert wrong["fault"] == "remote"


def test_a_port_that_speaks_something_else(doctor, listens):
    def serve(connection: socket.socket) -> None:
        connection.sendall(b"220 mail.example.test ESMTP\r\n")
        connection.close()

    wrong = doctor.wrong(erp=f"http://{listens(serve)}")
    assert wrong["area"] == "erp main"
    assert "does not speak HTTP" in wrong["text"] or "breaks the connection off" in wrong["text"]


def test_a_wrong_key_is_told_from_a_system_that_is_away(doctor):
    wrong = doctor.wrong(key="not-the-erp-key")
    assert (wrong["area"], wrong["fault"]) == ("erp main", "config")
    assert "the credentials are refused" in wrong["text"]
    assert "erp.main.api_key" in wrong["advice"]
    assert "not-the-erp-key" not in json.dumps(wrong)


def test_a_wrong_oauth_secret_is_told_with_its_settings(doctor):
    wrong = doctor.wrong(secret="not-the-crm-secret")
    assert (wrong["area"], wrong["fault"]) == ("crm", "config")
    assert "the credentials are refused" in wrong["text"]
    assert "crm.client_secret" in wrong["advice"]


def test_a_right_that_is_missing_is_told_from_wrong_credentials(doctor, mocks):
    mocks.break_("erp", "listInvoices", "status", status=403)
    wrong = doctor.wrong()
    assert "the credentials are right, and lack the right to invoices" in wrong["text"]
    assert wrong["fault"] == "config"


def test_a_system_that_fails_is_the_remote_systems_fault(doctor, mocks):
    mocks.break_("erp", None, "status", status=500)
    wrong = doctor.wrong()
    assert (wrong["area"], wrong["fault"]) == ("erp main", "remote")
    assert "500" in wrong["text"]


def test_a_rate_limit_is_a_warning(doctor, mocks):
    mocks.break_("erp", None, "status", status=429)
    found = doctor.findings(code=0)
    (warned,) = [each for each in found if each["status"] == "warn" and each["area"] == "erp main"]
    assert "limits the rate of calls" in warned["text"]


def test_half_an_answer_is_the_remote_systems_fault(doctor, mocks):
    mocks.break_("erp", None, "half_body")
    wrong = doctor.wrong()
    assert (wrong["area"], wrong["fault"]) == ("erp main", "remote")


def test_a_clock_that_is_wrong_is_told(doctor, listens):
    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2001 00:00:00 GMT\r\nContent-Length: 0\r\n"
            b"Connection: close\r\n\r\n"
        )
        connection.close()

    found = doctor.findings(erp=f"http://{listens(serve)}")
    texts = [each["text"] for each in found if each["area"] == "erp main"]
    assert any("s behind this host's" in text for text in texts)


def test_an_unknown_connector_is_told_with_those_that_there_are(doctor):
    doctor()
    text = doctor.config.read_text().replace('system = "erp"', 'system = "abacus"')
    doctor.config.write_text(text)
    done = doctor._run("doctor", "--config", doctor.config, "--json")
    (wrong,) = [e for e in json.loads(done.stdout)["findings"] if e["status"] == "fail"]
    assert wrong["fault"] == "config"
    assert "installed are: crm, erp" in wrong["text"]
