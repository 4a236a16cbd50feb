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
    text("TicketId", 12, indexed=True), text("Description", 128), text("Category"),
    text("Priority"), memo("LongNotes"), memo("Notes"), integer("Duration"), text("UserId", 12),
)  # fmt: skip

WORK: Final = (
    Resource(
        "activities", "Activity", plural="Activities", title="{Description}", letter="V",
        stamps=STAMPS, provenance="source", properties=(
            picklist("Type", ACTIVITY_TYPES, required=True), day("StartDate", required=True),
            day("EndDate"), flag("Timeless"), flag("Alarm"), day("AlarmTime"), text("Location"),
            *_ABOUT, Reference("Leader", "users"), *OURS, *KEPT,
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
            text("Status", default="Open"), text("StatusCode"), text("Urgency"), text("Area"),
            text("Category"), text("Issue"), day("ReceivedDate"), day("NeededByDate"),
            day("CompletedDate"), text("ViaCode"), memo("TicketProblem"), memo("TicketSolution"),
            account(), Reference("Contact", "contacts"), Reference("AssignedTo", "owners"),
            *KEPT,
        ),
    ),
)  # fmt: skip
