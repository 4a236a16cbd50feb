"""What customers ask service for."""

from typing import Final

from crossdock_mocks.dialects.salesforce.model import (
    FieldType,
    ObjectType,
    area,
    checkbox,
    lookup,
    picklist,
    read_only,
    text,
)

CLOSED: Final = "Closed"

SERVICE: Final = (
    ObjectType(
        "Case", "500",
        fields=(
            FieldType("CaseNumber", "string", length=30, auto="{0:08d}", create=False,
                      update=False, naming=True),
            lookup("ContactId", "Contact", children="Cases"),
            lookup("AccountId", "Account", children="Cases"),
            lookup("ParentId", "Case", children="Cases", label="Parent Case ID"),
            text("SuppliedName", 80, label="Name"),
            FieldType("SuppliedEmail", "email", length=80, label="Email Address"),
            text("SuppliedPhone", 40, label="Phone"),
            text("SuppliedCompany", 80, label="Company"),
            picklist("Type", ["Mechanical", "Electrical", "Electronic", "Structural", "Other"],
                     label="Case Type"),
            picklist("Status", ["New", "Working", "Escalated", CLOSED], default="New",
                     indexed=True),
            picklist("Reason", ["Installation", "Equipment Complexity", "Performance",
                                "Breakdown", "Equipment Design", "Feedback", "Other"],
                     label="Case Reason"),
            picklist("Origin", ["Phone", "Email", "Web"], label="Case Origin"),
            text("Subject", 255),
            picklist("Priority", ["High", "Medium", "Low"], default="Medium"),
            area("Description"),
            read_only(checkbox("IsClosed", label="Closed")),
            FieldType("ClosedDate", "datetime", create=False, update=False),
            checkbox("IsEscalated", label="Escalated"),
            lookup("OwnerId", "User"),
            read_only(FieldType("ContactPhone", "phone", length=40)),
            read_only(FieldType("ContactEmail", "email", length=80)),
        ),
    ),
)  # fmt: skip
