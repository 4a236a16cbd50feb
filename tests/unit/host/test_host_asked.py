"""Points that the host does not ask yet are said to be so."""

from click.testing import CliRunner

from crossdock import hookspecs
from crossdock.cli import main

CONFIG = """
[crm]
system = "crm"
[erp.main]
system = "erp"
[plugins]
enabled = ["nightly"]
paths = ["plugins"]
"""


def test_a_point_that_is_not_asked_yet_is_told(write_plugin, tmp_path):
    write_plugin(
        "nightly",
        "from crossdock import hookimpl\n@hookimpl\ndef scheduled_jobs():\n    return []\n",
        points=["scheduled_jobs"],
    )
    (tmp_path / "crossdock.toml").write_text(CONFIG, encoding="utf-8")

    told = CliRunner().invoke(main, ["plugins", "list", "--config", f"{tmp_path}/crossdock.toml"])

    assert "not asked by this version of the host: scheduled_jobs" in told.output


def test_what_is_asked_is_an_extension_point():
    assert all(hasattr(getattr(hookspecs, name), "crossdock_spec") for name in hookspecs.ASKED)
