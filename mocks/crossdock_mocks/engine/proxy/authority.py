"""A certificate authority that lives as long as its proxy, and one certificate per host."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import final

import trustme


@final
class Authority:
    """Makes certificates that only clients who were told of this authority believe.

    Its private key is never written to disk.
    """

    def __init__(self) -> None:
        self._ca = trustme.CA(
            organization_name="Crossdock mocks", organization_unit_name="throw-away authority"
        )
        self._contexts: dict[str, ssl.SSLContext] = {}

    def write_certificate(self, path: Path) -> None:
        """Write the authority's own certificate as PEM: what clients are to trust."""
        self._ca.cert_pem.write_to_path(str(path))

    def context(self, host: str) -> ssl.SSLContext:
        """What a server needs to speak TLS as a host; made when the host is first asked for.

        The certificate names the host as subject alternative name and carries the key identifiers
        that strict clients (Python 3.13 and later among them) look for.
        """
        if host not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.set_alpn_protocols(["http/1.1"])
            self._ca.issue_cert(host).configure_cert(context)
            self._contexts[host] = context
        return self._contexts[host]
