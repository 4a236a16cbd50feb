"""Any OpenAPI document as a stateful mock: what it means is inferred, and what is not is told."""

from crossdock_mocks.inference.mock import Inferred, NotUnderstood, infer, open_document
from crossdock_mocks.inference.report import as_text, report

__all__ = ["Inferred", "NotUnderstood", "as_text", "infer", "open_document", "report"]
