"""`crossdock serve` answers embed links beside its own operations."""

import hashlib
import re
from urllib.parse import urljoin

import httpx
import pytest

from crossdock.demo.processes import Processes
from crossdock.server.embed import sign

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("embed")]


def test_a_link_opens_at_the_side_car_without_a_key(stack, tmp_path):
    digest = hashlib.sha256(b"a key of the tests").hexdigest()
    config = stack.config.parent / "side-car.toml"
    text = stack.config.read_text(encoding="utf-8")
    key = f'[server.keys.tests]\nsha256 = "{digest}"\nscopes = ["tabs:read"]\n'
    config.write_text(f"{text}\n{key}", encoding="utf-8")
    signed = sign(
        stack.settings,
        tab="erp-tabs/aging",
        record=stack.story["account"],
        user="U-kim",
        origin=stack.settings.origins[0],
    )
    with Processes(tmp_path) as parts:
        serve = parts.start("serve", "serve", "--config", str(config), "--port", "0", "--json")
        url = serve.ready["url"]
        frame = httpx.get(url + signed.url)
        style = re.search(r'href="([^"]+crossdock\.css[^"]*)"', frame.text).group(1)

        assert frame.status_code == 200
        assert "Receivables" in frame.text
        policy = frame.headers["content-security-policy"]
        assert policy.endswith(f"frame-ancestors {stack.settings.origins[0]}")
        assert "x-frame-options" not in frame.headers
        assert httpx.get(urljoin(str(frame.url), style)).status_code == 200
        tabs = f"{url}/v1/accounts/{stack.story['account']}/tabs"
        assert httpx.get(tabs).status_code == 401  # everything else wants a key
