"""Approvals: what a guard wanted a named role to agree to, who answered what, and why (C5)."""

from crossdock.host.approvals.approval import Approval, ApprovalPolicy, ApprovalState
from crossdock.host.approvals.approvals import Approvals

__all__ = ["Approval", "ApprovalPolicy", "ApprovalState", "Approvals"]
