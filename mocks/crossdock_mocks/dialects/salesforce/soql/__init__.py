"""SOQL: a grammar, a syntax tree, and SQL over the rows of a world.

It knows no HTTP and no particular object: a `Schema` says what there is and where it is kept.
"""

from crossdock_mocks.dialects.salesforce.soql.errors import Place, SoqlError
from crossdock_mocks.dialects.salesforce.soql.schema import Child, Context, Entity, Field, Schema
from crossdock_mocks.dialects.salesforce.soql.statement import (
    Answer,
    Statement,
    compile_statement,
)

__all__ = [
    "Answer",
    "Child",
    "Context",
    "Entity",
    "Field",
    "Place",
    "Schema",
    "SoqlError",
    "Statement",
    "compile_statement",
]
