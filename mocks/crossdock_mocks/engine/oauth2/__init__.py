"""OAuth 2 in all its grants, as parts that a dialect puts behind its own paths."""

from crossdock_mocks.engine.oauth2.server import AuthorizationServer, Client, User
from crossdock_mocks.engine.oauth2.tokens import TABLES

__all__ = ["TABLES", "AuthorizationServer", "Client", "User"]
