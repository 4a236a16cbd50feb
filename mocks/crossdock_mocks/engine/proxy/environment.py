"""The environment that leads unmodified programs to the proxy."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

_BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


def environment(proxy_url: str, certificate: Path) -> dict[str, str]:
    """The variables that common clients read, with their values.

    `SSL_CERT_FILE` is for OpenSSL and httpx, `REQUESTS_CA_BUNDLE` for requests, `CURL_CA_BUNDLE`
    for curl, `NODE_EXTRA_CA_CERTS` for Node. Proxies are named in both spellings, as curl reads
    `http_proxy` in lower case only; this machine itself is left out. `NODE_USE_ENV_PROXY` lets
    Node from version 24 on honour them in `fetch` and `https`; older ones need a client that does,
    such as axios or undici's `EnvHttpProxyAgent`.

    Args:
        proxy_url: Where the proxy listens.
        certificate: File with the authority's certificate.
    """
    local = "localhost,127.0.0.1,::1"
    return {
        **dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), proxy_url),
        "NO_PROXY": local,
        "no_proxy": local,
        **{name: str(certificate) for name in _BUNDLES},
        "NODE_USE_ENV_PROXY": "1",
    }


def shell(variables: Mapping[str, str]) -> str:
    """Variables as lines that a POSIX shell can source."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
