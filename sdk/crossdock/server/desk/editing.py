"""Accounts, contacts and opportunities are edited, with the guards' answers beside their fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote as percent_encoded

from attrs import evolve, frozen
from starlette.responses import Response

from crossdock.errors import Conflict, RemoteRefused, RemoteRejectedData
from crossdock.host.asking.verdict import Verdict
from crossdock.records import Account, Contact, Money, Opportunity
from crossdock.server.desk import findings, record_form
from crossdock.server.desk.findings import Message, Messages
from crossdock.server.desk.record_form import Field
from crossdock.server.desk.visit import Visit

_KINDS: Final = (
    ("prospect", "Prospect"),
    ("customer", "Customer"),
    ("partner", "Partner"),
    ("former", "Former"),
)
Save = Callable[[Any], tuple[Any, Verdict]]


@frozen(kw_only=True)
class Outcome:
    """What a save came to, told on the page after it."""

    title: str
    verdict: Verdict


@frozen(kw_only=True)
class Editor:
    """What is edited, and how.

    Attributes:
        name: what the page is called.
        trail: where it stands, for the breadcrumbs.
        back: where to go without saving.
        path: gives the page of a record that was saved.
        save: gives the saved record, or `None`, and the verdict.
        more: what the page shows besides.
    """

    name: str
    record: Any
    fields: Sequence[Field]
    trail: Sequence[tuple[str, str | None]]
    back: str
    path: Callable[[Any], str]
    save: Save
    more: Mapping[str, Any]

    @property
    def version(self) -> str:
        """Which version of the record the form is made from."""
        return self.record.version or ""


def account(visit: Visit) -> Editor:
    """Edit an account, or a new one."""
    host = visit.desk.host
    account_id = visit.request.path_params.get("account", "")
    record = host.crm.account(account_id) if account_id else _new_account(visit)
    owners = _people(visit)

    def save(judged: Account) -> tuple[Account | None, Verdict]:
        saved = host.save_account(judged, user=visit.who)
        return saved.account, saved.verdict

    fields = (
        Field(name="name", label="Name", complete="organization"),
        Field(name="kind", label="Kind", kind="choice", choices=_KINDS),
        Field(name="industry", label="Industry"),
        Field(name="owner_id", label="Owner", kind="choice", choices=owners, none="Nobody"),
        Field(name="email", label="E-mail", kind="email"),
        Field(name="phone", label="Phone", kind="tel"),
        Field(name="website", label="Website", kind="url"),
        Field(name="tax_number", label="Tax number"),
        Field(name="address.street", label="Street"),
        Field(name="address.postcode", label="Postcode"),
        Field(name="address.city", label="City"),
        Field(name="address.region", label="Region"),
        Field(
            name="address.country",
            label="Country",
            help="The code of two letters, such as DE or GB.",
        ),
    )
    here = _account_path(record.id) if record.id else "/accounts"
    above = [(record.name, here)] if record.id else []
    name = "Edit account" if record.id else "New account"
    return Editor(
        name=name,
        record=record,
        fields=fields,
        trail=[("Accounts", "/accounts"), *above, (name, None)],
        back=here,
        path=lambda saved: f"{_account_path(saved.id)}/edit",
        save=save,
        more={"subject": record.name},
    )


def contact(visit: Visit) -> Editor:
    """Edit a contact, or a new one of an account."""
    host = visit.desk.host
    contact_id = visit.request.path_params.get("contact", "")
    record = (
        host.crm.contact(contact_id)
        if contact_id
        else Contact(id="", account_id=visit.path("account"), last_name="")
    )
    owner = host.crm.account(record.account_id)

    def save(judged: Contact) -> tuple[Contact | None, Verdict]:
        saved = host.save_contact(judged, user=visit.who)
        return saved.contact, saved.verdict

    fields = (
        Field(name="first_name", label="First name"),
        Field(name="last_name", label="Last name"),
        Field(name="job_title", label="Job title"),
        Field(name="email", label="E-mail", kind="email"),
        Field(name="phone", label="Phone", kind="tel"),
    )
    name = "Edit contact" if record.id else "New contact"
    mine = f"/contacts/{percent_encoded(record.id)}"
    above = [(record.name, mine)] if record.id else []
    return Editor(
        name=name,
        record=record,
        fields=fields,
        trail=[
            ("Accounts", "/accounts"),
            (owner.name, _account_path(owner.id)),
            *above,
            (name, None),
        ],
        back=mine if record.id else _account_path(owner.id),
        path=lambda saved: f"/contacts/{percent_encoded(saved.id)}/edit",
        save=save,
        more={"subject": record.name or owner.name},
    )


def opportunity(visit: Visit) -> Editor:
    """Edit an opportunity, or a new one of an account; its score stands beside it."""
    host = visit.desk.host
    deal_id = visit.request.path_params.get("opportunity", "")
    stages = host.crm.stages()
    if deal_id:
        record = host.crm.opportunity(deal_id)
        owner = host.crm.account(record.account_id)
    else:
        owner = host.crm.account(visit.path("account"))
        record = Opportunity(
            id="",
            account_id=owner.id,
            name="",
            stage_id=next((each.id for each in stages if each.kind == "open"), ""),
            amount=Money.zero(owner.currency or "EUR"),
            owner_id=visit.who.id,
        )

    def save(judged: Opportunity) -> tuple[Opportunity | None, Verdict]:
        saved = host.save_opportunity(judged, user=visit.who)
        return saved.opportunity, saved.verdict

    fields = (
        Field(name="name", label="Name"),
        Field(
            name="stage_id",
            label="Stage",
            kind="choice",
            choices=tuple((stage.id, stage.name) for stage in stages),
        ),
        Field(name="amount", label=f"Amount in {record.amount.currency}", kind="money"),
        Field(name="close_on", label="Closes on", kind="date"),
        Field(name="contract_starts_on", label="Contract starts on", kind="date"),
        Field(name="owner_id", label="Owner", kind="choice", choices=_people(visit), none="Nobody"),
    )
    name = record.name or "New opportunity"
    return Editor(
        name=name,
        record=record,
        fields=fields,
        trail=[("Accounts", "/accounts"), (owner.name, _account_path(owner.id)), (name, None)],
        back=_account_path(owner.id),
        path=lambda saved: f"/opportunities/{percent_encoded(saved.id)}",
        save=save,
        more={
            "subject": owner.name,
            "scored": host.score_opportunity(record, user=visit.who) if record.id else None,
        },
    )


def shown(make: Callable[[Visit], Editor]) -> Callable[[Visit], Response]:
    """Make the handler that shows an editor's form."""

    def handler(visit: Visit) -> Response:
        editor = make(visit)
        outcome = visit.word if isinstance(visit.word, Outcome) else None
        said = record_form.said_by(outcome.verdict, editor.fields) if outcome else ()
        values = record_form.values_of(editor.record, editor.fields)
        return _page(visit, editor, values, [*said], outcome=outcome)

    return handler


def sent(make: Callable[[Visit], Editor]) -> Callable[[Visit], Response]:
    """Make the handler that saves what was typed into an editor's form."""

    def handler(visit: Visit) -> Response:
        editor = make(visit)
        values = record_form.submitted(visit.form, editor.fields)
        judged, problems = record_form.read(values, editor.fields, editor.record)
        if problems:
            said = [*record_form.said_of(problems, editor.fields)]
            return _page(visit, editor, values, said, refused=True)
        if visit.sent("version") != editor.version:
            return _stale(visit, editor, values)
        try:
            saved, verdict = editor.save(judged)
        except Conflict as conflict:
            if conflict.code not in ("", "stale_version"):
                return _page(visit, editor, values, [_refusal(conflict)], refused=True)
            return _stale(visit, make(visit), values)
        except (RemoteRefused, RemoteRejectedData) as said_no:
            told = record_form.said_of(
                {each.field: each.message for each in said_no.fields}, editor.fields
            )
            said = [*told] or [_refusal(said_no)]
            return _page(visit, editor, values, said, refused=True)
        if saved is None:
            said = [*record_form.said_by(verdict, editor.fields)]
            return _page(visit, editor, values, said, refused=True, verdict=verdict)
        return visit.go(editor.path(saved), word=Outcome(title="Saved", verdict=verdict))

    return handler


def _stale(visit: Visit, editor: Editor, values: Mapping[str, str]) -> Response:
    """Keep what was typed and say that the record is another one by now."""
    text = (
        "Somebody else saved this while you were editing it. What you typed is still here: save "
        "again to put it in the place of theirs, or open the page anew."
    )
    return _page(visit, editor, values, [Message(level="error", text=text)], refused=True)


def _refusal(error: RemoteRefused | RemoteRejectedData) -> Message:
    return Message(level="error", text=str(error))


def _page(
    visit: Visit,
    editor: Editor,
    values: Mapping[str, str],
    said: Sequence[Message],
    *,
    refused: bool = False,
    outcome: Outcome | None = None,
    verdict: Verdict | None = None,
) -> Response:
    verdict = verdict or (outcome.verdict if outcome else None)
    # With status 200: that a guard said no is an answer, and no fault of the browser's request.
    return visit.show(
        "record.html",
        editor=editor,
        values=values,
        messages=Messages(said),
        refused=refused,
        outcome=outcome,
        amended=findings.amended(verdict, visit.desk.wording) if verdict else (),
        **{"scored": None, **editor.more},
    )


def _new_account(visit: Visit) -> Account:
    return evolve(Account(id="", name="", kind="prospect"), owner_id=visit.who.id)


def _people(visit: Visit) -> tuple[tuple[str, str], ...]:
    return tuple((user.id, user.name) for user in visit.users.values() if user.active)


def _account_path(account_id: str) -> str:
    return f"/accounts/{percent_encoded(account_id)}"
