"""What is unknown, taken, away or closed: a sentence that says what to do, and nothing is lost."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crossdock.demo.processes import Process, Processes


@pytest.fixture
def taken_port() -> Iterator[socket.socket]:
    """A port that somebody else listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener


# Unknown names


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(
            ("erp-tabs/aging", "--account", "A-1"),
            ["the CRM has no account 'A-1'", "it has A-1"],
            id="account",
        ),
        pytest.param(
            ("erp-tabs/agging", "--account", "A-1001"),
            ["there is no tab 'erp-tabs/agging'", "erp-tabs/aging", "erp-tabs/sales"],
            id="tab",
        ),
        pytest.param(
            ("no-plugin/aging", "--account", "A-1001"),
            ["there is no tab 'no-plugin/aging'", "erp-tabs/aging"],
            id="plugin",
        ),
        pytest.param(
            ("erp-tabs/aging", "--account", "A-1001", "--user", "nobody"),
            ["the CRM has no user 'nobody'", "--user", "U-kim"],
            id="user",
        ),
        pytest.param(
            ("erp-tabs/aging", "--account", "A-1001", "--param", "as_of=tomorrow"),
            ["as_of: 'tomorrow' is not a day such as"],
            id="value of a parameter",
        ),
        pytest.param(
            ("erp-tabs/aging", "--account", "A-1001", "--param", "since=2026-01-01"),
            ["has no parameter 'since'", "as_of"],
            id="parameter",
        ),
    ],
)
def test_a_view_of_what_is_not_there_names_what_there_is(refused, stage, arguments, says):
    refused("view", *arguments, "--config", stage.config, says=says)


def test_a_view_of_a_plugin_that_is_not_loaded_says_why_it_is_not(refused, stage, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "plugin.toml").write_text("id = [")
    text = stage.config.read_text(encoding="utf-8").replace("paths = []", 'paths = ["mine"]')
    stage.config.write_text(text, encoding="utf-8")
    refused(
        "view", "mine/tab", "--account", "A-1001", "--config", stage.config,
        says=["the plugin mine is not loaded", "not valid TOML"],
    )  # fmt: skip


def test_an_unknown_mock_is_told_with_those_that_there_are(refused):
    refused("mock", "crm", "abacus", says=["there is no mock called 'abacus'", "crm, erp"])


def test_an_unknown_command_or_extension_point_is_told(refused, stage):
    refused("dmeo", says=["dmeo", "crossdock --help"], code=2)
    refused(
        "plugins", "explain", "before_qoute_save", "--config", stage.config,
        says=["there is no extension point 'before_qoute_save'", "before_quote_save"],
    )  # fmt: skip


def test_an_unknown_delivery_is_told(refused, stage):
    refused("deliveries", "show", "D-99", "--config", stage.config, says=["no delivery D-99"])


# Ports


@pytest.mark.parametrize("program", ["mock", "desk", "demo"])
def test_a_port_in_use_is_told_and_its_user_is_left_alone(
    refused, stage, taken_port, tmp_path, program
):
    port = taken_port.getsockname()[1]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    arguments = {
        "mock": ("mock", "crm", "erp", "--port", "0", "--port", port),
        "desk": ("desk", "--config", stage.config, "--port", port),
        "demo": ("demo", "--once", "--port", port),
    }[program]
    done = refused(
        *arguments, says=[f"port {port}", "in use", "choose another"], TMPDIR=str(temporary)
    )
    assert "Mock CRM" not in done.stdout  # nothing was started before
    assert list(temporary.iterdir()) == []
    with socket.create_connection(taken_port.getsockname(), timeout=5):
        accepted, _ = taken_port.accept()
        accepted.close()


def test_an_address_of_another_machine_cannot_be_listened_on(refused):
    refused(
        "mock", "crm", "--host", "192.0.2.1", says=["cannot listen on 192.0.2.1", "--host"]
    )  # an address that is kept for documentation (RFC 5737)


# Stores


@pytest.fixture
def stored_at(stage) -> Callable[[str], Path]:
    """Give the stage's configuration another store."""

    def change(url: str) -> Path:
        text = stage.config.read_text(encoding="utf-8")
        changed = stage.config.with_name("elsewhere.toml")
        changed.write_text(text.replace("sqlite:///host.db", url), encoding="utf-8")
        return changed

    return change


_STORES = {
    "a folder that cannot be made": "sqlite:////proc/crossdock/host.db",
    "a file where a folder should be": "sqlite:///a-file/host.db",
    "a folder where the file should be": "sqlite:///a-folder",
    "a file that is no database": "sqlite:///a-file",
    "PostgreSQL that nobody serves": "postgresql://kim:very-secret@127.0.0.1:1/crossdock",
    "PostgreSQL on a machine that is not there": "postgresql://kim:very-secret@nowhere.invalid/x",
}


@pytest.mark.parametrize("store", _STORES)
def test_a_store_that_cannot_be_used_is_told_without_its_password(
    refused, stored_at, tmp_path, store
):
    (tmp_path / "a-file").write_text("This is no database." * 100)
    (tmp_path / "a-folder").mkdir()
    url = _STORES[store].replace("very-secret", "***").split("///")[-1]
    done = refused(
        "worker", "--config", stored_at(_STORES[store]),
        says=["the store ", url, "cannot be opened", "check [store] url"],
    )  # fmt: skip
    assert "very-secret" not in done.stdout + done.stderr
    assert (tmp_path / "a-file").read_text() == "This is no database." * 100


def test_without_a_store_whatever_needs_none_works_and_whatever_does_says_so(
    refused, crossdock, stored_at
):
    config = stored_at("postgresql://kim:very-secret@127.0.0.1:1/crossdock")
    assert crossdock("plugins", "list", "--config", config).returncode == 0
    for command in (("deliveries", "list"), ("desk", "--port", "0")):
        refused(*command, "--config", config, says=["cannot be opened", "check [store] url"])


def test_a_database_that_takes_a_call_and_says_nothing_is_not_waited_for_forever(
    refused, stored_at, taken_port
):
    port = taken_port.getsockname()[1]
    config = stored_at(f"postgresql://kim:very-secret@127.0.0.1:{port}/x?connect_timeout=2")
    refused("worker", "--config", config, says=["cannot be opened", "timeout"])


# Systems that are away


class Apart:
    """A mock CRM and a mock ERP of one company, each in a process of its own."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._starts = 0
        self.crm = self._start("crm", 0)
        self.erp = self._start("erp", 0)

    def _start(self, system: str, port: int) -> Process:
        self._starts += 1
        return self._processes.start(
            f"{system}-{self._starts}",
            "mock", system, "--json", "--scale", "0.05", "--port", str(port),
        )  # fmt: skip

    def url(self, system: str) -> str:
        return str({"crm": self.crm, "erp": self.erp}[system].ready["mocks"][system])

    def stop_erp(self) -> None:
        self.erp.kill()

    def start_erp(self) -> None:
        """Start it where it was; it knows nothing of what happened before."""
        self.erp = self._start("erp", int(self.url("erp").rpartition(":")[2]))


@pytest.fixture
def apart(processes: Processes) -> Apart:
    return Apart(processes)


@pytest.mark.kill
def test_an_erp_that_is_down_is_told_and_nothing_is_lost(apart, stage_at, refused, crossdock):
    stage = stage_at(apart.url("crm"), apart.url("erp"))
    promoted = stage.promote()  # before the ERP goes; no worker has delivered it yet
    priced = stage.save()
    apart.stop_erp()

    done = refused(
        "view", "erp-tabs/aging", "--account", "A-1001", "--config", stage.config,
        says=["did not answer", "connection refused", "Is it running?", apart.url("erp")],
    )  # fmt: skip
    assert (done.stdout + done.stderr).count("Is it running?") == 1

    # A draft is kept, and shows that nobody could check it.
    draft = stage.save("A-1009", ("BRG-1001", "4"))
    assert (draft.status, draft.pricing_status) == ("draft", "unchecked")
    assert [(line.item_id, line.quantity) for line in draft.lines] == [("BRG-1001", 4)]
    assert any("did not answer" in check.message for check in draft.checks)
    assert stage.host.crm.quote(draft.id) == draft

    # What nobody could check becomes no order, even where it was priced before.
    for quote in (draft, priced):
        promotion = stage.host.promote_quote(quote.id, user="kim")
        assert promotion.order is None
        assert any("did not answer" in each.message for each in promotion.verdict.objections)
        assert stage.host.crm.quote(quote.id).order_id is None

    # What was promoted before waits for the ERP, and says so to whoever asks.
    worker = stage.start_worker()
    stage.until(lambda: stage.host.deliveries.list(states=["waiting"]))
    listed = crossdock("deliveries", "list", "--config", stage.config)
    assert listed.returncode == 0
    assert promoted.id in listed.stdout
    assert "(transient)" in listed.stdout
    assert "connection refused" in listed.stdout
    assert worker.alive()

    apart.start_erp()
    erp_order = stage.until(lambda: stage.host.crm.order(promoted.id).erp_order_id)
    stage.until(lambda: set(stage.host.deliveries.counts()) == {"done"})
    assert stage.host.erp.order(erp_order).reference == promoted.id
    assert "Traceback" not in worker.log.read_text(encoding="utf-8")

    again = stage.host.save_quote(stage.host.crm.quote(draft.id), user="kim")
    assert again.quote.pricing_status == "priced"
    order = stage.host.promote_quote(draft.id, user="kim").order
    stage.until(lambda: stage.host.crm.order(order.id).status == "confirmed")


def test_a_crm_that_is_down_is_told(apart, stage_at, refused):
    stage = stage_at(apart.url("crm"), apart.url("erp"))
    apart.crm.kill()
    refused(
        "view", "erp-tabs/aging", "--account", "A-1001", "--config", stage.config,
        says=["The CRM at", "did not answer", "Is it running?"],
    )  # fmt: skip


def test_credentials_that_are_wrong_are_told_with_the_place_to_correct_them(refused, stage):
    text = stage.config.read_text(encoding="utf-8")
    for good, place in (("erp-demo-key", "[erp.main]"), ("crossdock-secret", "[crm]")):
        wrong = stage.config.with_name("wrong.toml")
        wrong.write_text(text.replace(good, "no-longer-right"), encoding="utf-8")
        done = refused(
            "view", "erp-tabs/aging", "--account", "A-1001", "--config", wrong,
            says=[f"Check the credentials and rights under {place}"],
        )  # fmt: skip
        assert "no-longer-right" not in done.stdout + done.stderr
