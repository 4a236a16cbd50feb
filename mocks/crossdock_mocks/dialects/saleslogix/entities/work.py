"""What people do: activities ahead, history behind, tickets of service."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.saleslogix.entities.words import (
    KEPT,
    OURS,
    STAMPS,
    account,
    day,
    flag,
    integer,
    memo,
    picklist,
    text,
)
from crossdock_mocks.sdata import Field, Reference, Resource

ACTIVITY_TYPES: Final = ("atAppointment", "atPhoneCall", "atToDo", "atPersonal", "atLiterature")
HISTORY_TYPES: Final = (*ACTIVITY_TYPES, "atNote", "atEMail", "atDocument", "atFax")

_ABOUT: Final = (
    text("AccountId", 12, indexed=True), Field("AccountName", length=128, read_only=True),
    text("ContactId", 12, indexed=True), Field("ContactName", length=64, read_only=True),
    text("OpportunityId", 12, indexed=True), Field("OpportunityName", length=128, read_only=True),
    text("LeadId", 12, indexed=True), Field("LeadName", length=64, read_only=True),
    text("TicketId", 12, indexed=True), Field("TicketNumber", length=32, read_only=True),
    Field("Company", length=128, read_only=True), text("PhoneNumber", 32), flag("Timeless"),
    text("Description", 128), text("Category"),
    text("Priority"), memo("LongNotes"), memo("Notes"), integer("Duration"), text("UserId", 12),
)  # fmt: skip

_RIGHTS: Final = tuple(
    Field(name, "boolean", read_only=True, default=True, precedence=4)
    for name in ("AllowAdd", "AllowEdit", "AllowDelete", "AllowComplete")
)
"""What the user may do with an activity: everything, here."""

WORK: Final = (
    Resource(
        "activities", "Activity", plural="Activities", title="{Description}", letter="V",
        stamps=STAMPS, also=("system",), provenance="source", properties=(
            picklist("Type", ACTIVITY_TYPES, required=True), day("StartDate", required=True),
            day("EndDate"), flag("Alarm"), day("AlarmTime"), text("Location"), flag("Rollover"),
            flag("Recurring"), text("RecurrenceState", default="rstNotRecurring"),
            integer("RecurPeriod"), integer("RecurPeriodSpec"), integer("RecurIterations"),
            *_RIGHTS, *_ABOUT, Reference("Leader", "users"), *OURS, *KEPT,
        ),
    ),
    Resource(
        "history", "History", plural="Histories", title="{Description}", letter="h",
        stamps=STAMPS, provenance="source", properties=(
            picklist("Type", HISTORY_TYPES, required=True), day("StartDate"),
            day("OriginalDate"), day("CompletedDate"), text("Result"), text("ResultCode"),
            text("CompletedUser", 12), Field("UserName", length=64, read_only=True), *_ABOUT,
            *OURS, *KEPT,
        ),
    ),
    Resource(
        "tickets", "Ticket", title="{TicketNumber}", letter="t", stamps=STAMPS,
        provenance="source", properties=(
            Field("TicketNumber", length=32, read_only=True), text("Subject", 128, required=True),
            text("StatusCode", default="Open"), text("UrgencyCode"), text("Area"),
            text("Category"), text("Issue"), text("ViaCode"), memo("Notes"), day("ReceivedDate"),
            day("AssignedDate"), day("NeededByDate"), day("CompletedDate"), account(),
            Reference("Contact", "contacts"), Reference("AssignedTo", "owners"),
            Reference("CompletedBy", "owners"), Reference("Urgency", "urgencies"),
            Reference("TicketProblem", "ticketProblems", nested=True, owned=True),
            Reference("TicketSolution", "ticketSolutions", nested=True, owned=True),
            *KEPT,
        ),
    ),
    Resource(
        "urgencies", "Urgency", plural="Urgencies", title="{Description}", letter="v",
        stamps=STAMPS, create=False, update=False, delete=False, provenance="source",
        properties=(text("Description"), text("UrgencyCode"), *KEPT),
    ),
    Resource(
        "ticketProblems", "TicketProblem", letter="P", stamps=STAMPS, provenance="source",
        properties=(memo("Notes"), *KEPT),
    ),
    Resource(
        "ticketSolutions", "TicketSolution", letter="R", stamps=STAMPS, provenance="source",
        properties=(memo("Notes"), *KEPT),
    ),
)  # fmt: skip
