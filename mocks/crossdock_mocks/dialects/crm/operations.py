"""Operation id to behaviour: what the CRM's wire asks of the front office."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from crossdock_mocks.dialects.crm.authorization import issue_token
from crossdock_mocks.dialects.crm.filters import answer_list
from crossdock_mocks.engine import Behaviour, Call, Problem, RawJson, Reply, gt
from crossdock_mocks.frontoffice import (
    Office,
    Resource,
    activities,
    campaigns,
    cases,
    forecasts,
    leads,
    opportunities,
    orders,
    parties,
    people,
    price_lists,
    products,
    quotes,
    timeline,
)
from crossdock_mocks.frontoffice import resources as kinds
from crossdock_mocks.frontoffice.deletions import delete
from crossdock_mocks.frontoffice.office import Row
from crossdock_mocks.frontoffice.refusals import not_found

Create: TypeAlias = Callable[[Office, Mapping[str, Any]], Row]
CreateOnce: TypeAlias = Callable[[Office, Mapping[str, Any]], tuple[Row, bool]]
Change: TypeAlias = Callable[[Office, Row, Mapping[str, Any]], Row]


def _office(call: Call) -> Office:
    """The records, worked on by the acting user that the call names.

    Raises:
        Problem: 403 `unknown_user`, there is no such active user.
    """
    user_id = call.headers.get("x-acting-user")
    office = Office(call.world, user_id, call.principal or "")
    if user_id is not None:
        user = office.table(kinds.USER).get(user_id)
        if user is None or not user["active"]:
            raise Problem(
                403,
                "unknown_user",
                "",
                f"X-Acting-User names {user_id!r}, no active user of this CRM.",
            )
    return office


# The same for every kind of record


def _list(resource: Resource) -> Behaviour:
    return lambda call: answer_list(call, _office(call), resource)


def _list_of(parent: Resource, link: str, resource: Resource) -> Behaviour:
    """A list of what hangs on one record."""

    def behave(call: Call) -> Reply:
        office = _office(call)
        key = call.path["id"]
        if key not in office.table(parent):
            raise not_found(parent.entity, key)
        return answer_list(call, office, resource, {link: key})

    return behave


def _read(resource: Resource) -> Behaviour:
    def behave(call: Call) -> Reply:
        found = call.world.table(resource.table).raw(call.path["id"])
        if found is None:
            raise not_found(resource.entity, call.path["id"])
        return Reply(200, RawJson(found))

    return behave


def _create(create: Create) -> Behaviour:
    return lambda call: Reply(201, create(_office(call), call.body))


def _create_once(create: CreateOnce) -> Behaviour:
    def behave(call: Call) -> Reply:
        row, created = create(_office(call), call.body)
        return Reply(201 if created else 200, row)

    return behave


def _change(resource: Resource, change: Change) -> Behaviour:
    def behave(call: Call) -> Reply:
        office = _office(call)
        row = office.read(resource, call.path["id"])
        # What was ordered stays so, and that says more than a stale version.
        if resource is kinds.QUOTE:
            quotes.refuse_ordered(row)
        values = dict(call.body)
        office.expect(resource, row, values.pop("version"))
        return Reply(200, change(office, row, values))

    return behave


def _delete(resource: Resource) -> Behaviour:
    def behave(call: Call) -> Reply:
        delete(_office(call), resource, call.path["id"], call.query.get("version"))
        return Reply(204)

    return behave


def _versions(resource: Resource) -> Behaviour:
    """All versions of a record, also of one that was deleted."""

    def behave(call: Call) -> Reply:
        query = call.query
        table = call.world.table("crm_versions")
        where = {"entity": resource.entity, "record_id": call.path["id"]}
        total = table.count(where)
        if not total:
            raise not_found(resource.entity, call.path["id"])
        size, number = query["page_size"], query["page"]
        found = table.find(where, query["sort"], limit=size, offset=(number - 1) * size)
        data = [
            {
                **{field: row[field] for field in ("version", "at", "user_id")},
                resource.entity: row["record"],
            }
            for row in found
        ]
        return Reply(200, {"data": data, "page": number, "page_size": size, "total": total})

    return behave


# What only one kind does


def _summary(call: Call) -> Reply:
    return Reply(200, parties.summary(_office(call), call.path["id"]))


def _merge_account(call: Call) -> Reply:
    office = _office(call)
    row = office.read(kinds.ACCOUNT, call.path["id"])
    office.expect(kinds.ACCOUNT, row, call.body.get("version"))
    return Reply(200, parties.merge_account(office, row, call.body["into"]))


def _set_price(call: Call) -> Reply:
    office = _office(call)
    price_list = office.read(kinds.PRICE_LIST, call.path["id"])
    return Reply(200, price_lists.set_price(office, price_list, call.body))


def _convert_lead(call: Call) -> Reply:
    office = _office(call)
    return Reply(200, leads.convert(office, office.read(kinds.LEAD, call.path["id"]), call.body))


def _add_member(call: Call) -> Reply:
    return Reply(201, campaigns.add_member(_office(call), call.path["id"], call.body))


def _change_member(call: Call) -> Reply:
    office = _office(call)
    row = campaigns.member(office, call.path["id"], call.path["member_id"])
    values = dict(call.body)
    office.expect(kinds.MEMBER, row, values.pop("version"))
    return Reply(200, campaigns.change_member(office, row, values))


def _delete_member(call: Call) -> Reply:
    office = _office(call)
    row = campaigns.member(office, call.path["id"], call.path["member_id"])
    delete(office, kinds.MEMBER, row["id"])
    return Reply(204)


def _answer_play(call: Call) -> Reply:
    return Reply(201, opportunities.answer_play(_office(call), call.path["id"], call.body))


def _order_quote(call: Call) -> Reply:
    row, created = orders.order_quote(_office(call), call.path["id"], call.body or {})
    return Reply(201 if created else 200, row)


def _add_timeline_entry(call: Call) -> Reply:
    row, added = timeline.add_entry(_office(call), call.path["id"], call.body)
    return Reply(201 if added else 200, row)


def _complete_activity(call: Call) -> Reply:
    office = _office(call)
    row = office.read(kinds.ACTIVITY, call.path["id"])
    body = call.body or {}
    if row["completed_at"] is None:
        office.expect(kinds.ACTIVITY, row, body.get("version"))
    return Reply(200, activities.complete_activity(office, row, body.get("completed_at")))


def _record_login(call: Call) -> Reply:
    at = (call.body or {}).get("at")
    return Reply(201, people.record_login(_office(call), call.path["id"], at))


def _changes(call: Call) -> Reply:
    since = call.query.get("since", "0")
    where: dict[str, Any] = {"sequence": gt(int(since))}
    if "entity" in call.query:
        where["entity"] = call.query["entity"]
    found = call.world.table("crm_changes").find(where, limit=call.query["limit"])
    following = str(found[-1]["sequence"]) if found else since
    return Reply(200, {"items": found, "next": following})


BEHAVIOURS: Final[Mapping[str, Behaviour]] = {
    "issueToken": issue_token,
    "listAccounts": _list(kinds.ACCOUNT),
    "createAccount": _create(parties.create_account),
    "getAccount": _read(kinds.ACCOUNT),
    "changeAccount": _change(kinds.ACCOUNT, parties.change_account),
    "deleteAccount": _delete(kinds.ACCOUNT),
    "mergeAccount": _merge_account,
    "getAccountSummary": _summary,
    "listContacts": _list(kinds.CONTACT),
    "createContact": _create(parties.create_contact),
    "getContact": _read(kinds.CONTACT),
    "changeContact": _change(kinds.CONTACT, parties.change_contact),
    "deleteContact": _delete(kinds.CONTACT),
    "listProducts": _list(kinds.PRODUCT),
    "createProduct": _create(products.create_product),
    "getProduct": _read(kinds.PRODUCT),
    "changeProduct": _change(kinds.PRODUCT, products.change_product),
    "listPriceLists": _list(kinds.PRICE_LIST),
    "createPriceList": _create(price_lists.create_price_list),
    "getPriceList": _read(kinds.PRICE_LIST),
    "changePriceList": _change(kinds.PRICE_LIST, price_lists.change_price_list),
    "listPrices": _list_of(kinds.PRICE_LIST, "price_list_id", kinds.PRICE),
    "setPrice": _set_price,
    "listLeads": _list(kinds.LEAD),
    "createLead": _create(leads.create_lead),
    "getLead": _read(kinds.LEAD),
    "changeLead": _change(kinds.LEAD, leads.change_lead),
    "deleteLead": _delete(kinds.LEAD),
    "convertLead": _convert_lead,
    "listCampaigns": _list(kinds.CAMPAIGN),
    "createCampaign": _create(campaigns.create_campaign),
    "getCampaign": _read(kinds.CAMPAIGN),
    "changeCampaign": _change(kinds.CAMPAIGN, campaigns.change_campaign),
    "deleteCampaign": _delete(kinds.CAMPAIGN),
    "listCampaignMembers": _list_of(kinds.CAMPAIGN, "campaign_id", kinds.MEMBER),
    "createCampaignMember": _add_member,
    "changeCampaignMember": _change_member,
    "deleteCampaignMember": _delete_member,
    "listStages": _list(kinds.STAGE),
    "createStage": _create(opportunities.create_stage),
    "getStage": _read(kinds.STAGE),
    "changeStage": _change(kinds.STAGE, opportunities.change_stage),
    "deleteStage": _delete(kinds.STAGE),
    "listOpportunities": _list(kinds.OPPORTUNITY),
    "createOpportunity": _create(opportunities.create_opportunity),
    "getOpportunity": _read(kinds.OPPORTUNITY),
    "changeOpportunity": _change(kinds.OPPORTUNITY, opportunities.change_opportunity),
    "deleteOpportunity": _delete(kinds.OPPORTUNITY),
    "listStageHistoryOfOpportunity": _list_of(
        kinds.OPPORTUNITY, "opportunity_id", kinds.STAGE_HISTORY
    ),
    "listOpportunityVersions": _versions(kinds.OPPORTUNITY),
    "listPlayAnswersOfOpportunity": _list_of(
        kinds.OPPORTUNITY, "opportunity_id", kinds.PLAY_ANSWER
    ),
    "answerPlay": _answer_play,
    "listStageHistory": _list(kinds.STAGE_HISTORY),
    "listPlayAnswers": _list(kinds.PLAY_ANSWER),
    "listQuotes": _list(kinds.QUOTE),
    "createQuote": _create(quotes.create_quote),
    "getQuote": _read(kinds.QUOTE),
    "changeQuote": _change(kinds.QUOTE, quotes.change_quote),
    "deleteQuote": _delete(kinds.QUOTE),
    "listQuoteVersions": _versions(kinds.QUOTE),
    "orderQuote": _order_quote,
    "listOrders": _list(kinds.ORDER),
    "createOrder": _create(orders.create_order),
    "getOrder": _read(kinds.ORDER),
    "changeOrder": _change(kinds.ORDER, orders.change_order),
    "listOrderVersions": _versions(kinds.ORDER),
    "listOrderTimeline": _list_of(kinds.ORDER, "order_id", kinds.TIMELINE),
    "addTimelineEntry": _add_timeline_entry,
    "listActivities": _list(kinds.ACTIVITY),
    "createActivity": _create_once(activities.create_activity),
    "getActivity": _read(kinds.ACTIVITY),
    "changeActivity": _change(kinds.ACTIVITY, activities.change_activity),
    "deleteActivity": _delete(kinds.ACTIVITY),
    "completeActivity": _complete_activity,
    "listCases": _list(kinds.CASE),
    "createCase": _create(cases.create_case),
    "getCase": _read(kinds.CASE),
    "changeCase": _change(kinds.CASE, cases.change_case),
    "listUsers": _list(kinds.USER),
    "createUser": _create(people.create_user),
    "getUser": _read(kinds.USER),
    "changeUser": _change(kinds.USER, people.change_user),
    "listLoginsOfUser": _list_of(kinds.USER, "user_id", kinds.LOGIN),
    "recordLogin": _record_login,
    "listLogins": _list(kinds.LOGIN),
    "listForecasts": _list(kinds.FORECAST),
    "freezeForecast": _create(forecasts.freeze),
    "getForecast": _read(kinds.FORECAST),
    "listChanges": _changes,
}
