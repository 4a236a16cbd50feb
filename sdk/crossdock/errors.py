"""Every error that Crossdock raises, grouped by what can be done about it.

CrossdockError
|- SetupError              a person must change something before it can work
|  |- ConfigError          crossdock.toml, the environment, a command's arguments
|  |- ManifestError        plugin.toml
|  `- PluginNotLoaded      a plugin's code, or what it needs; what ran before goes on
|- PluginFault             a plugin raised, or answered what its extension point does not allow
|  |- DeadlineExceeded     it did not answer in time
|  `- PluginPaused         it failed too often and is not asked for a while
|- AccessDenied            the plugin's scopes or the user's rights do not allow it
|- LinkConflict            an ERP record belongs to another CRM record already
|- StepFailed              a step failed before a crash; its exception's own class is not known
|- UnknownDelivery         there is no delivery of that number
|- NotRetriable            a delivery is not in a state from which it can be retried
|- DeliveryChanged         a delivery is not any more as it was when somebody looked at it
|- NotAway                 a remote system answers, so there is nothing to try again
|- NotEditable             what a delivery carries cannot be changed (any more)
|- EditRefused             the changes to what a delivery carries do not make sense
|- ApprovalRefused         an approval cannot be decided so, or not by this user
|- ConflictChanged         a conflict of two systems is settled, or cannot be decided so
|  |- ValueRefused         what a person gave for it cannot stand in that field
|- PossiblyCreated         nobody knows whether the ERP made an order; a person must look
|- PlacementConflict       what is said of an order in the ERP does not fit what is known of it
|- NotSupported            the remote system cannot do or know this
`- RemoteError             a CRM or ERP did not do what it was asked
   |- RemoteUnavailable    transient: the same call may succeed later
   |  `- OutcomeUnknown    an order was sent and not answered; it is looked for again later
   |- RemoteRefused        business: the system understood and said no
   |  |- NotFound          there is no such record
   |  `- Conflict          somebody else changed it, or it exists already
   |     `- Stale          somebody else changed it since it was read: read it again
   |- RemoteRejectedData   data: the system did not accept the form of what was sent
   |- RemoteUnauthorized   authorization: credentials are wrong, expired or too weak
   `- RemoteMisbehaved     bug: the answer does not fit the system's own document
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen


class CrossdockError(Exception):
    """The root of all errors of this package."""


class SetupError(CrossdockError):
    """Something must be set up differently; the message says what and where."""


class ConfigError(SetupError):
    """The configuration cannot be used."""


class ManifestError(SetupError):
    """A `plugin.toml` cannot be used."""


class PluginNotLoaded(SetupError):
    """A plugin cannot be loaded, or not be changed as asked; what ran before goes on.

    Attributes:
        detail: the traceback, where its code raised.
    """

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class PluginFault(CrossdockError):
    """A plugin failed. This is never a business answer.

    Attributes:
        plugin_id: which plugin.
        point: the extension point or tab that was being served.
    """

    def __init__(self, message: str, *, plugin_id: str, point: str) -> None:
        super().__init__(message)
        self.plugin_id = plugin_id
        self.point = point


class DeadlineExceeded(PluginFault):
    """A plugin did not answer within its deadline."""


class PluginPaused(PluginFault):
    """A plugin failed too often, so it is not asked for a while; nothing was asked of it.

    Attributes:
        retry_after: seconds after which it may be asked again.
    """

    def __init__(
        self, message: str, *, plugin_id: str, point: str, retry_after: float | None = None
    ) -> None:
        super().__init__(message, plugin_id=plugin_id, point=point)
        self.retry_after = retry_after


class AccessDenied(CrossdockError):
    """The plugin's scopes or the user's rights do not cover what was asked.

    Attributes:
        scope: the scope that is missing, such as `erp.invoices:read`.
    """

    def __init__(self, message: str, *, scope: str) -> None:
        super().__init__(message)
        self.scope = scope


class LinkConflict(CrossdockError):
    """An ERP record belongs to another CRM record already; the message says to which."""


class StepFailed(CrossdockError):
    """A recorded step had failed, with an exception whose class this process does not know.

    Attributes:
        original: the name of that class.
    """

    def __init__(self, message: str, *, original: str) -> None:
        super().__init__(message)
        self.original = original


class UnknownDelivery(CrossdockError):
    """There is no delivery of that number."""


class NotRetriable(CrossdockError):
    """A delivery is not in a state from which it can be retried; the message says in which."""


class DeliveryChanged(CrossdockError):
    """A delivery is not any more as it was when somebody looked at it; look at it again."""


class NotAway(CrossdockError):
    """No circuit of this remote system is open."""


class ConflictChanged(CrossdockError):
    """A conflict of two systems is settled by now, or cannot be decided so."""


class ValueRefused(ConflictChanged):
    """What a person gave in a conflict cannot stand in its field; the message says what can."""


class ApprovalRefused(CrossdockError):
    """An approval cannot be decided so, or not by this user; the message says why."""


class UnknownApproval(ApprovalRefused):
    """There is no approval of that number."""


class NotEditable(CrossdockError):
    """What a delivery carries cannot be changed, or not any more; the message says why."""


class EditRefused(CrossdockError):
    """Changes to what a delivery carries do not make sense.

    Attributes:
        fields: what is wrong with each field, named as it was given.
    """

    def __init__(self, fields: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{each.field}: {each.message}" for each in fields))
        self.fields = tuple(fields)


class PossiblyCreated(CrossdockError):
    """An order was sent to an ERP that did not answer, and could not be found there since.

    It is not sent again: a person looks in the ERP and says what is there.

    Attributes:
        system: the ERP's configured name.
        reference: what the order carries there: the CRM order's id.
        evidence: what was tried when, and what came of it, a sentence each.
    """

    def __init__(
        self, message: str, *, system: str, reference: str, evidence: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.system = system
        self.reference = reference
        self.evidence = tuple(evidence)


class PlacementConflict(CrossdockError):
    """What is said of an order in the ERP does not fit what is known of it."""


class NotSupported(CrossdockError):
    """A remote system cannot do or know this; the message says which system and what."""


@frozen
class FieldError:
    """One field that a remote system complained of.

    Attributes:
        field: named as in our records, dotted: `lines.0.item_id`; as the system named it where no
            record has such a field.
        message: what the system said of it.
    """

    field: str
    message: str


class RemoteError(CrossdockError):
    """A CRM or ERP did not do what it was asked.

    Attributes:
        system: its configured name.
        status: the HTTP status, where there was an answer.
        code: the system's own error code, where it gave one.
        fields: what it said of single fields.
        retry_after: seconds that it asked to wait, where it did.
    """

    def __init__(
        self,
        message: str,
        *,
        system: str,
        status: int | None = None,
        code: str = "",
        fields: Sequence[FieldError] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.system = system
        self.status = status
        self.code = code
        self.fields = tuple(fields)
        self.retry_after = retry_after


class RemoteUnavailable(RemoteError):
    """Transient: no answer, a time-out, too many requests, or a server error.

    Attributes:
        maybe_done: whether the call may have taken effect all the same; false where it surely did
            not, because nobody was reached or the system turned it away unread.
    """

    def __init__(
        self,
        message: str,
        *,
        system: str,
        status: int | None = None,
        code: str = "",
        fields: Sequence[FieldError] = (),
        retry_after: float | None = None,
        maybe_done: bool = True,
    ) -> None:
        super().__init__(
            message,
            system=system,
            status=status,
            code=code,
            fields=fields,
            retry_after=retry_after,
        )
        self.maybe_done = maybe_done


class OutcomeUnknown(RemoteUnavailable):
    """An order was sent and not answered, and is not to be found yet; it is looked for again."""


class RemoteRefused(RemoteError):
    """Business: the system understood the call and refused it."""


class NotFound(RemoteRefused):
    """There is no such record."""


class Conflict(RemoteRefused):
    """Somebody else changed the record since it was read, or it exists already."""


class Stale(Conflict):
    """Somebody else changed the record since it was read: read it again, then decide anew."""


class RemoteRejectedData(RemoteError):
    """Data: the system did not accept the form of what was sent."""


class RemoteUnauthorized(RemoteError):
    """Authorization: the credentials are wrong, have expired, or are too weak."""


class RemoteMisbehaved(RemoteError):
    """Bug: the answer does not fit the system's own document."""
