"""Choosing who sits at the desk."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from crossdock.server.desk import session
from crossdock.server.desk.visit import Visit


def choose(visit: Visit) -> Response:
    """Show the CRM's users to choose from."""
    return _choice(visit)


def enter(visit: Visit) -> Response:
    """Take the chosen user's seat."""
    chosen = visit.users.get(visit.sent("user"))
    if chosen is None or not chosen.active:
        return _choice(visit, status=422, problem="Choose one of the users.")
    session.sign_in(visit.request, chosen.id)
    return RedirectResponse(session.local_path(visit.sent("next")), status_code=303)


def leave(visit: Visit) -> Response:
    """Leave the seat."""
    session.sign_out(visit.request)
    return RedirectResponse("/sign-in", status_code=303)


def _choice(visit: Visit, *, status: int = 200, problem: str = "") -> Response:
    return visit.show(
        "sign_in.html",
        status=status,
        choices=sorted(
            (user for user in visit.users.values() if user.active), key=lambda user: user.name
        ),
        next=session.local_path(visit.query("next") or visit.sent("next") or "/accounts"),
        problem=problem,
    )
