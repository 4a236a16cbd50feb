"""Users, their log-ins, the organization itself, and what is on people's desks."""

from typing import Final

from crossdock_mocks.dialects.salesforce.model import (
    FieldType,
    ObjectType,
    area,
    checkbox,
    integer,
    lookup,
    picklist,
    read_only,
    text,
)

_OWNER = lookup("OwnerId", "User")
_WHO = lookup("WhoId", "Contact", "Lead", label="Name ID")
_WHAT = lookup(
    "WhatId", "Account", "Opportunity", "Campaign", "Quote", "Order", "Product2", "Case",
    label="Related To ID",
)  # fmt: skip
_ACCOUNT = read_only(lookup("AccountId", "Account"))

PEOPLE: Final = (
    ObjectType(
        "Organization", "00D", create=False, delete=False, update=False,
        fields=(
            text("Name", 80, required=True, naming=True),
            FieldType("OrganizationType", "picklist", values=["Developer Edition"]),
            text("InstanceName", 5),
            checkbox("IsSandbox"),
            text("DefaultLocaleSidKey", 40),
            text("TimeZoneSidKey", 40),
            text("LanguageLocaleKey", 40),
            integer("FiscalYearStartMonth"),
        ),
    ),
    ObjectType(
        "Profile", "00e", create=False, update=False, delete=False,
        fields=(
            text("Name", 255, required=True, naming=True),
            picklist("UserType", ["Standard"], default="Standard"),
            text("Description"),
        ),
    ),
    ObjectType(
        "User", "005", delete=False,
        fields=(
            FieldType("Username", "string", length=80, required=True, unique=True),
            text("LastName", 80, required=True),
            text("FirstName", 40),
            read_only(text("Name", 121, naming=True)),
            text("CompanyName", 80),
            text("Division", 80),
            text("Department", 80),
            text("Title", 80),
            FieldType("Email", "email", length=128, required=True),
            FieldType("Phone", "phone", length=40),
            text("Alias", 8, required=True),
            text("EmployeeNumber", 20),
            checkbox("IsActive", default=True),
            lookup("ManagerId", "User", children="DelegatedUsers"),
            lookup("ProfileId", "Profile", required=True, children="Users"),
            FieldType("LastLoginDate", "datetime", create=False, update=False),
            picklist("UserType", ["Standard"], create=False, update=False, default="Standard"),
            picklist("TimeZoneSidKey", ["GMT"], default="GMT"),
            picklist("LocaleSidKey", ["en_GB", "en_US"], default="en_US"),
            picklist("EmailEncodingKey", ["UTF-8"], default="UTF-8"),
            picklist("LanguageLocaleKey", ["en_US"], default="en_US"),
        ),
    ),
    ObjectType(
        "LoginHistory", "0Ya", create=False, update=False, delete=False,
        label="Login History", plural="Login History",
        fields=(
            lookup("UserId", "User", relationship=None),
            FieldType("LoginTime", "datetime", indexed=True),
            picklist("LoginType", ["Application", "Remote Access 2.0", "Other Apex API"]),
            text("SourceIp", 39),
            text("Status", 128),
            text("Application", 64),
        ),
    ),
    ObjectType(
        "Task", "00T",
        fields=(
            _WHO,
            _WHAT,
            FieldType("Subject", "combobox", naming=True,
                      values=["Call", "Send Letter", "Send Quote", "Other"]),
            FieldType("ActivityDate", "date", label="Due Date Only", indexed=True),
            picklist("Status", ["Not Started", "In Progress", "Completed",
                                "Waiting on someone else", "Deferred"],
                     default="Not Started", required=True),
            picklist("Priority", ["High", "Normal", "Low"], default="Normal", required=True),
            read_only(checkbox("IsHighPriority")),
            _OWNER,
            area("Description"),
            read_only(checkbox("IsClosed")),
            picklist("TaskSubtype", ["Task", "Email", "Call"], default="Task", update=False),
            picklist("Type", ["Call", "Email", "Meeting", "Other"]),
            integer("CallDurationInSeconds"),
            text("CallDisposition"),
            picklist("CallType", ["Inbound", "Outbound", "Internal"]),
            FieldType("CompletedDateTime", "datetime", create=False, update=False),
            _ACCOUNT,
        ),
    ),
    ObjectType(
        "Event", "00U",
        fields=(
            _WHO,
            _WHAT,
            FieldType("Subject", "combobox", naming=True,
                      values=["Call", "Email", "Meeting", "Other"]),
            text("Location"),
            checkbox("IsAllDayEvent"),
            FieldType("StartDateTime", "datetime", indexed=True),
            FieldType("EndDateTime", "datetime"),
            FieldType("ActivityDateTime", "datetime", label="Due Date Time"),
            FieldType("ActivityDate", "date", label="Due Date Only", indexed=True),
            integer("DurationInMinutes", label="Duration"),
            _OWNER,
            area("Description"),
            picklist("Type", ["Call", "Email", "Meeting", "Other"]),
            picklist("ShowAs", ["Busy", "OutOfOffice", "Free"], default="Busy"),
            _ACCOUNT,
        ),
    ),
)  # fmt: skip
