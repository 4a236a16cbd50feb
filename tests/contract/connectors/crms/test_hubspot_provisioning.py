"""A portal is given what it lacks by a command."""

from click.testing import CliRunner

from crossdock.cli import main
from crossdock_mocks.datasets import generate
from crossdock_mocks.dialects.hubspot import dialect
from crossdock_mocks.dialects.hubspot.apps import PRIVATE_APP
from crossdock_mocks.engine import App
from crossdock_mocks.engine.server import serve_in_thread


def test_the_command_names_what_a_portal_lacks_and_makes_it_once(tmp_path):
    app = App(dialect())
    world = app.open_world(generate(seed=20, scale=0.01))
    with serve_in_thread((app, world)) as (address,):
        config = tmp_path / "crossdock.toml"
        config.write_text(
            f'[crm]\nsystem = "hubspot"\nurl = "{address.base_url}"\n'
            f'access_token = "{PRIVATE_APP.token}"\n'
            '[erp.main]\nsystem = "erp"\nurl = "http://127.0.0.1:1"\napi_key = "key"\n'
        )
        run = CliRunner().invoke
        named = run(main, ["provision", "--config", str(config)])
        assert named.exit_code == 1
        assert "missing  crm  orders.crossdock_key" in named.output
        made = run(main, ["provision", "--config", str(config), "--apply"])
        assert made.exit_code == 0
        assert "orders.crossdock_key" in made.output
        again = run(main, ["provision", "--config", str(config), "--apply"])
        assert (again.exit_code, again.output) == (0, "crm has all that it needs.\n")
    world.close()
