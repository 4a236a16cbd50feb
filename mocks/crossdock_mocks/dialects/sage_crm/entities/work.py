"""What people work on: opportunities, leads, cases, communications and notes."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.sage_crm.entities.columns import Table, together
from crossdock_mocks.dialects.sage_crm.entities.parties import SOURCES
from crossdock_mocks.sdata import Collection, Resource

OPPORTUNITY_STATUSES: Final = ("In Progress", "Won", "Lost", "Stalled")
ACTIONS: Final = ("PhoneOut", "PhoneIn", "EmailOut", "EmailIn", "Meeting", "ToDo", "Note")

_oppo, _lead, _case = Table("oppo"), Table("lead"), Table("case")
_comm, _note = Table("comm"), Table("note")

OPPORTUNITY: Final = Resource(
    name="opportunity", kind="Opportunity", plural="Opportunities",
    key_name="oppo_opportunityid", title="{oppo_description}", label="Opportunity",
    shows_key=True, key_kind="integer", stamps=_oppo.stamped(),
    properties=together(
        _oppo.text("description", 100, required=True),
        _oppo.link("primarycompanyid", "company", "Company"),
        _oppo.link("primarypersonid", "person", "Person"),
        _oppo.link("assigneduserid", "users", "AssignedUser"),
        _oppo.text("stage", 40),
        _oppo.choice("status", OPPORTUNITY_STATUSES, default="In Progress"),
        _oppo.choice("source", SOURCES),
        _oppo.money("forecast"),
        _oppo.link("currency", "currency", "Currency"),
        _oppo.whole("certainty"),
        _oppo.at("opened"), _oppo.at("closed"), _oppo.at("targetclose"),
        _oppo.money("totalquotes", read_only=True),
        _oppo.money("totalorders", read_only=True),
        _oppo.memo("note"),
        _oppo.text("cdkey", indexed=True),
        _oppo.at("cdcontractstartson"), _oppo.number("cdprobability"),
        _oppo.memo("cddata"),
        _oppo.stamps(),
        (
            Collection("Quotes", "quotes", "quot_opportunityid"),
            Collection("Orders", "orders", "orde_opportunityid"),
            Collection("Communication", "communication", "comm_opportunityid"),
        ),
    ),
)  # fmt: skip

LEAD: Final = Resource(
    name="lead", kind="Lead", key_name="lead_leadid", title="{lead_description}", label="Lead",
    shows_key=True, key_kind="integer", stamps=_lead.stamped(),
    properties=together(
        _lead.text("description", 100, required=True),
        _lead.text("companyname", 60), _lead.text("personfirstname", 30),
        _lead.text("personlastname", 40), _lead.text("personemail"),
        _lead.choice("source", SOURCES),
        _lead.choice(
            "status", ("In Progress", "Qualified", "Disqualified", "Opportunity"),
            default="In Progress",
        ),
        _lead.link("assigneduserid", "users", "AssignedUser"),
        _lead.link("primarycompanyid", "company", "Company"),
        _lead.at("opened"),
        _lead.stamps(),
    ),
)  # fmt: skip

CASES: Final = Resource(
    name="cases", kind="Case", key_name="case_caseid", title="{case_description}", label="Case",
    shows_key=True, key_kind="integer", stamps=_case.stamped(),
    properties=together(
        _case.text("referenceid", 20, read_only=True),
        _case.text("description", 100, required=True),
        _case.link("primarycompanyid", "company", "Company"),
        _case.link("primarypersonid", "person", "Person"),
        _case.link("assigneduserid", "users", "AssignedUser"),
        _case.choice("status", ("In Progress", "Closed"), default="In Progress"),
        _case.choice(
            "stage", ("Logged", "Queued", "Investigating", "Waiting", "Solved"), default="Logged"
        ),
        _case.choice("priority", ("Low", "Normal", "High"), default="Normal"),
        _case.at("opened"), _case.at("closed"), _case.memo("problemnote"),
        _case.stamps(),
    ),
)  # fmt: skip

COMMUNICATION: Final = Resource(
    name="communication", kind="Communication", key_name="comm_communicationid",
    title="{comm_subject}", label="Communication", shows_key=True, key_kind="integer",
    stamps=_comm.stamped(),
    properties=together(
        _comm.choice("type", ("Appointment", "Task"), default="Task"),
        _comm.choice("action", ACTIONS, default="ToDo"),
        _comm.choice("status", ("Pending", "In Progress", "Complete", "Cancelled"),
                     default="Pending"),
        _comm.choice("priority", ("Low", "Normal", "High"), default="Normal"),
        _comm.text("subject"), _comm.memo("note"),
        _comm.at("datetime"), _comm.at("todatetime"), _comm.at("completedtime"),
        _comm.link("companyid", "company", "Company"),
        _comm.link("personid", "person", "Person"),
        _comm.link("userid", "users", "User"),
        _comm.link("opportunityid", "opportunity", "Opportunity"),
        _comm.link("quoteid", "quotes", "Quote"),
        _comm.link("orderid", "orders", "Order"),
        _comm.link("caseid", "cases", "Case"),
        _comm.text("cdkey", indexed=True), _comm.text("cdkind", 40),
        _comm.text("cddocumentid", 60), _comm.text("cdactor"), _comm.memo("cddata"),
        _comm.stamps(),
    ),
)  # fmt: skip

NOTES: Final = Resource(
    name="notes", kind="Note", key_name="note_noteid", title="{note_note}", label="Note",
    shows_key=True, key_kind="integer", stamps=_note.stamped(), provenance="documented",
    writes="documented",
    properties=together(
        (_note.memo("note", required=True)),
        _note.whole("foreigntableid", required=True),
        _note.whole("foreignid", required=True, indexed=True),
        _note.stamps(),
    ),
)  # fmt: skip
