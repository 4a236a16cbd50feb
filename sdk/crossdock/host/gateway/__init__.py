"""Deny by default: what a plugin may call and see on behalf of a user.

Effective rights are the plugin's scopes cut down to what the user's roles allow (`rights`). Every
method of a port names the scope that it needs (`port`); what is hidden is taken out of all that
goes to a plugin (`masking`, `redaction`, `searching`, `wording`, `arguments`), put back into what
it hands back (`restoring`), and taken out of what it shows (`views`). Each refusal is written down
(`refusals`). What an ERP answered a moment ago may be shown again (`recent`), and says so
(`dating`). A dry run sends nothing (`rehearsal`). Events and jobs have no user, so there the
plugin's scopes alone decide.
"""

from crossdock.host.gateway.arguments import Arguments
from crossdock.host.gateway.dating import dated
from crossdock.host.gateway.masking import mask
from crossdock.host.gateway.passage import Passage
from crossdock.host.gateway.port import guarded_crm, guarded_erp, guarded_sync
from crossdock.host.gateway.recent import RecentAnswers
from crossdock.host.gateway.refusals import Refusal, Refusals
from crossdock.host.gateway.rehearsal import Rehearsal, Write, rehearsal, rehearsing
from crossdock.host.gateway.restoring import HiddenFieldSet, restored
from crossdock.host.gateway.rights import Rights, RightsByRole, may_open
from crossdock.host.gateway.views import NOT_VISIBLE, visible

__all__ = [
    "NOT_VISIBLE",
    "Arguments",
    "HiddenFieldSet",
    "Passage",
    "RecentAnswers",
    "Refusal",
    "Refusals",
    "Rehearsal",
    "Rights",
    "RightsByRole",
    "Write",
    "dated",
    "guarded_crm",
    "guarded_erp",
    "guarded_sync",
    "mask",
    "may_open",
    "rehearsal",
    "rehearsing",
    "restored",
    "visible",
]
