"""The side-car: the host over HTTP, as `specs/host.openapi.yaml` describes it."""

from crossdock.server.api.app import create_api
from crossdock.server.api.settings import ApiSettings

__all__ = ["ApiSettings", "create_api"]
