"""What a validator found, each as a violation with its pointer and what was expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from jsonschema_rs import ValidationError, ValidationErrorKind, Validator

from crossdock_mocks.engine.problem import Violation

_SHOWN = 200


def violations(validator: Validator, instance: Any, where: str, base: str = "") -> list[Violation]:
    """All that a validator finds wrong with a value.

    Args:
        validator: The compiled validator.
        instance: The value.
        where: `body`, `query`, `path`, `header` or `cookie`.
        base: Pointer of the value itself.
    """
    found = [
        violation
        for error in validator.iter_errors(instance)
        for violation in _of(error, where, base)
    ]
    return list({(each.pointer, each.keyword, each.message): each for each in found}.values())


def pointer(path: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def received(value: Any) -> Any:
    """What came, short enough to be shown."""
    if isinstance(value, dict):
        return f"an object of {len(value)}"
    if isinstance(value, (list, tuple)):
        return f"an array of {len(value)}"
    if isinstance(value, str) and len(value) > _SHOWN:
        return f"{value[:_SHOWN]}..."
    return value


def _of(error: ValidationError, where: str, base: str) -> Iterator[Violation]:
    kind = error.kind
    keyword = kind.name
    at = base + pointer(error.instance_path)
    if isinstance(kind, ValidationErrorKind.Required):
        at += pointer([kind.property])
        yield Violation(at, "is required", "a value", None, where, keyword)
    elif isinstance(
        kind,
        (ValidationErrorKind.AdditionalProperties, ValidationErrorKind.UnevaluatedProperties),
    ):
        for name in kind.unexpected:
            value = received(error.instance.get(name)) if isinstance(error.instance, dict) else None
            yield Violation(
                at + pointer([name]), "is not known here", "no such member", value, where, keyword
            )
    elif isinstance(kind, (ValidationErrorKind.AnyOf, ValidationErrorKind.OneOfNotValid)):
        yield from _nearest(kind.context, error, where, base, at)
    elif isinstance(kind, ValidationErrorKind.FalseSchema):
        yield Violation(
            at, "may not be sent here", "no such member", received(error.instance), where, "false"
        )
    elif isinstance(kind, ValidationErrorKind.Custom):
        yield Violation(at, error.message, "integer", received(error.instance), where, "type")
    else:
        yield Violation(
            at, _message(error), _expected(error), received(error.instance), where, keyword
        )


def _nearest(
    branches: list[list[ValidationError]], error: ValidationError, where: str, base: str, at: str
) -> Iterator[Violation]:
    """Reasons of the only form that fits at the top, or else one reason for all forms."""
    depth = len(error.instance_path)
    near = [
        branch
        for branch in branches
        if not any(
            len(each.instance_path) <= depth
            and isinstance(each.kind, (ValidationErrorKind.Type, ValidationErrorKind.Constant))
            for each in branch
        )
    ]
    if len(near) == 1:
        for each in near[0]:
            yield from _of(each, where, base)
        return
    expected = "one of: " + "; ".join(
        ", ".join(_expected(each) for each in branch) for branch in branches
    )
    yield Violation(
        at, "has none of the forms allowed", expected, received(error.instance), where,
        error.kind.name,
    )  # fmt: skip


def _expected(error: ValidationError) -> str:
    match error.kind:
        case ValidationErrorKind.Type(types=types):
            return " or ".join(types)
        case ValidationErrorKind.Enum(options=options):
            return "one of " + ", ".join(str(each) for each in options)
        case ValidationErrorKind.Constant(expected_value=value):
            return f"exactly {value}"
        case ValidationErrorKind.Format(format=name):
            return f"format {name}"
        case ValidationErrorKind.Pattern(pattern=text):
            return f"text like {text}"
        case ValidationErrorKind.Minimum(limit=limit):
            return f"at least {limit}"
        case ValidationErrorKind.Maximum(limit=limit):
            return f"at most {limit}"
        case ValidationErrorKind.ExclusiveMinimum(limit=limit):
            return f"above {limit}"
        case ValidationErrorKind.ExclusiveMaximum(limit=limit):
            return f"below {limit}"
        case ValidationErrorKind.MultipleOf(multiple_of=step):
            return f"a multiple of {step}"
        case ValidationErrorKind.MinLength(limit=limit):
            return f"at least {limit} characters"
        case ValidationErrorKind.MaxLength(limit=limit):
            return f"at most {limit} characters"
        case ValidationErrorKind.MinItems(limit=limit):
            return f"at least {limit} items"
        case ValidationErrorKind.MaxItems(limit=limit):
            return f"at most {limit} items"
        case ValidationErrorKind.MinProperties(limit=limit):
            return f"at least {limit} members"
        case ValidationErrorKind.MaxProperties(limit=limit):
            return f"at most {limit} members"
        case ValidationErrorKind.Required(property=name):
            return f"a member {name}"
        case _:
            return str(error.kind.name)


def _message(error: ValidationError) -> str:
    match error.kind:
        case ValidationErrorKind.UniqueItems():
            return "holds the same item twice"
        case ValidationErrorKind.OneOfMultipleValid():
            return "has more than one of the forms of which it may have one"
        case ValidationErrorKind.Not() | ValidationErrorKind.Contains():
            return error.message[:_SHOWN]
        case _:
            return f"should be {_expected(error)}"
