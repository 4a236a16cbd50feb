"""What went wrong when there was no whole answer, in plain words."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Iterator

import httpx

from crossdock.connectors.masking import masked
from crossdock.connectors.operations import Operation
from crossdock.errors import RemoteError, RemoteMisbehaved, RemoteUnavailable

# Failures before anything of the request was sent.
_NOT_REACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def no_answer(
    error: httpx.HTTPError,
    *,
    label: str,
    system: str,
    where: str,
    operation: Operation,
    seconds: float,
    secrets: Iterable[str],
) -> RemoteError:
    """Make the error for a call that got no whole answer.

    Args:
        error: what the HTTP client raised.
        label: the system in plain words, with its address.
        system: its configured name.
        where: the place of its settings.
        operation: what was asked of it.
        seconds: how long it could have taken.
        secrets: what must not be shown.
    """
    said = masked(str(error), secrets)
    if isinstance(error, httpx.DecodingError | httpx.TooManyRedirects):
        return RemoteMisbehaved(
            f"{label} answered {operation.id} with a body that cannot be decoded: {said}",
            system=system,
        )
    maybe_done = not isinstance(error, _NOT_REACHED)
    unknown = (
        " Whether the call took effect is not known."
        if maybe_done and not operation.repeatable
        else ""
    )
    return RemoteUnavailable(
        _sentence(error, said, label=label, where=where, operation=operation, seconds=seconds)
        + unknown,
        system=system,
        maybe_done=maybe_done,
    )


def _sentence(
    error: httpx.HTTPError,
    said: str,
    *,
    label: str,
    where: str,
    operation: Operation,
    seconds: float,
) -> str:
    if isinstance(error, httpx.PoolTimeout):
        return (
            f"{label} was not asked for {operation.id}: all connections to it were busy for "
            f"{seconds:.3g} s. It may be overloaded."
        )
    if isinstance(error, httpx.ConnectTimeout):
        return (
            f"{label} did not answer: no connection within {seconds:.3g} s. "
            f"Is the address under {where} right, and is it running?"
        )
    if isinstance(error, httpx.TimeoutException):
        return (
            f"{label} did not answer {operation.id} within {seconds:.3g} s. It may be overloaded."
        )
    if isinstance(error, httpx.ConnectError):
        causes = tuple(_causes(error))
        if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
            return f"{label} did not answer: connection refused. Is it running?"
        if any(isinstance(cause, socket.gaierror) for cause in causes):
            return f"{label} cannot be found: its name does not resolve. Check 'url' under {where}."
        if any(isinstance(cause, ssl.SSLError) for cause in causes):
            return f"{label} did not answer: no trusted connection could be made ({said})."
        return f"{label} did not answer: {said or 'no connection'}. Is it running?"
    return f"{label} broke off the connection during {operation.id} ({said or 'no answer'})."


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
