"""The door for programs with hard-wired hosts: a local proxy that ends TLS in front of a mock."""

from crossdock_mocks.engine.proxy.environment import environment, shell
from crossdock_mocks.engine.proxy.hosts import Hosts, read_routes
from crossdock_mocks.engine.proxy.server import Proxy, proxy_in_thread

__all__ = ["Hosts", "Proxy", "environment", "proxy_in_thread", "read_routes", "shell"]
