"""What a CRM asks its back office, answered by the plugins: SalesLogix's Back Office Extension.

SalesLogix waits for the answer in the middle of its own work, so nothing is asked of it meanwhile;
it names no user either. The role in `[server] back_office_role` says what the answer may hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crossdock.connectors.calling import deadline_in
from crossdock.connectors.told import while_it_waits
from crossdock.errors import NotFound, RemoteError
from crossdock.records import Availability, User
from crossdock.server.api.call import Answer, Call
from crossdock.server.api.problems import Problem, Wrong
from crossdock.server.back_office import saleslogix

if TYPE_CHECKING:
    from crossdock.host.asking.verdict import Verdict

_SECONDS: Final = 8.0  # SalesLogix gives up after ten


def answer_back_office(call: Call) -> Answer:
    """Answer one service: prices, totals, or what can be promised and when."""
    api = call.api
    if not api.settings.back_office_role:
        raise Problem(
            403, "back_office_off", "No back office here",
            "Name the role whose rights the answers have: back_office_role under [server].",
        )  # fmt: skip
    user = User(id="", name="SalesLogix", roles=(api.settings.back_office_role,))
    crm, service = api.host.crm, call.path("service")
    currency = getattr(crm, "base_currency", "")
    try:
        asked = saleslogix.read(
            service,
            call.body["request"]["options"],
            erp=getattr(crm, "erp", api.host.erp.systems[0]),
            currency=currency,
        )
    except saleslogix.BadOptions as bad:
        raise Problem(
            422, "options_unreadable", "The options cannot be read", f"{bad}.",
            errors=(Wrong(pointer="/request/options", message=str(bad)),),
        ) from None  # fmt: skip
    with while_it_waits(crm.system, asked.account), deadline_in(_SECONDS):
        result = _result(call, asked, user, currency)
    return Answer(body={"$name": service, "response": {"Result": result}})


def _result(call: Call, asked: saleslogix.Asked, user: User, currency: str) -> str:
    verdict = call.api.host.ask("before_quote_save", asked.quote, user=user)
    objections = [each.message for each in verdict.objections]
    away = [fault.message for fault in verdict.faults if fault.remote]
    if away or verdict.unchecked:
        return saleslogix.refused(away or ["The ERP is away; nothing could be checked."])
    if verdict.record.net is None or not _all_priced(verdict):
        told = [each.message for each in (*verdict.warnings, *verdict.notes)]
        return saleslogix.refused(objections or told or ["The ERP gave no prices."])
    if call.path("service") == saleslogix.VALIDATING:
        # It is about to be ordered, so whoever judges promotions is asked, too.
        ordered = call.api.host.ask("before_order_promote", verdict.record, user=user)
        if not ordered.allowed:
            return saleslogix.refused([each.message for each in ordered.objections])
    if asked.wanted != "availability":
        return saleslogix.priced(asked, verdict, currency)
    try:
        stock = _stock(call, asked)
    except (RemoteError, NotFound) as error:
        return saleslogix.refused([str(error)])
    return saleslogix.available(asked, verdict, stock)


def _all_priced(verdict: Verdict) -> bool:
    return all(line.net is not None for line in verdict.record.lines)


def _stock(call: Call, asked: saleslogix.Asked) -> list[Availability]:
    """Ask the ERP of the account's customer how much there is of each line's item."""
    systems = call.api.host.erp.systems
    system = next((name for name in asked.account.external_ids if name in systems), systems[0])
    erp = call.api.host.erp.using(system)
    return [erp.stock(line.item_id, line.quantity) for line in asked.quote.lines]
