"""Made by `sdk/python/generate` from tests/it/face/openapi.json. Not to be changed by hand."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict

from typing_extensions import NotRequired


class AccessLogEntry(TypedDict):
    """Reads of a memory by one app within a few seconds."""

    access_type: str
    """`search`, `list`, `get`, `context` or `inspect`."""
    accessed_at: str
    """The latest of them, RFC 3339."""
    app_id: str
    app_name: str
    count: int
    """How many."""
    id: int
    memory_id: str
    metadata_: dict[str, Any]
    """Always empty."""


class Account(TypedDict):
    """An account, without anything that it remembers."""

    apps: int
    """Apps seen so far."""
    created_at: str
    """RFC 3339."""
    credentials: int
    """Endpoints and API keys that work."""
    email: NotRequired[str | None]
    last_login_at: NotRequired[str | None]
    """RFC 3339; null without a sign-in by password."""
    memories: int
    """Memories that are not deleted."""
    role: str
    """`owner` or `operator`."""
    tenant_id: str
    user_id: str


class Accounts(TypedDict):
    """Part of the accounts."""

    next_cursor: NotRequired[str | None]
    total: int
    users: list[Account]
    """Newest first."""


class ActivityDay(TypedDict):
    """What one app did on one day."""

    app: str
    """The app."""
    count: int
    """How many memories it concerned."""
    date: str
    """In UTC."""
    operation: str
    """
    `created`, `updated`, `state_changed`, `deleted`; or `search`, `context`, `list`, `get`, `inspect` for memories
    that were read.
    """


class ActivityType(TypedDict):
    """Memories of one kind."""

    count: int
    """Memories that are not deleted."""
    memory_type: str


class App(TypedDict):
    """An app."""

    created_at: str
    """RFC 3339."""
    first_accessed: NotRequired[str | None]
    """RFC 3339; null while it has read nothing."""
    id: str
    is_active: bool
    """False while paused: its calls are refused."""
    last_accessed: NotRequired[str | None]
    """RFC 3339; null while it has read nothing."""
    name: str
    """The `{client}` of its personal URL."""
    total_memories_accessed: int
    """Memories returned to it, counted each time."""
    total_memories_created: int
    """Memories that it wrote and that are not deleted."""


class AppChanged(TypedDict):
    """What was done."""

    message: str
    status: str


class AppPage(TypedDict):
    """Part of the list of apps."""

    apps: list[App]
    page: int
    page_size: int
    total: int


class AskingClient(TypedDict):
    """Who asks."""

    host: NotRequired[str | None]
    """The host that vouches for it; null where it registered itself."""
    id: str
    imitates: NotRequired[str | None]
    """A well-known name that it bears without being at one of that name's hosts."""
    name: str
    """What it calls itself: a claim."""
    verified: bool
    """Whether a host vouches for it."""


class AuditEntry(TypedDict):
    """One line of the audit trail."""

    action: str
    at: str
    """RFC 3339."""
    credential_id: NotRequired[str | None]
    """The stored credential; null for a signed-in person."""
    detail: dict[str, Any]
    """Ids and counts, never text."""
    id: str
    subject_id: NotRequired[str | None]
    tenant_id: NotRequired[str | None]
    """Null for what concerns the service as a whole, or somebody whom it does not know."""
    user_id: NotRequired[str | None]
    """Null likewise, and for the operator's command line."""


class Category(TypedDict):
    """A tag as a category of OpenMemory."""

    count: int
    """How many memories carry it."""
    description: NotRequired[str | None]
    """Always null: tags have no description."""
    id: str
    """The same as the name."""
    name: str


class ChangeOut(TypedDict):
    """A change of one memory."""

    app: str
    """The app that did it."""
    at: str
    """RFC 3339."""
    memory_id: str
    state: str
    """The state after it."""
    version: int


class CheckoutIn(TypedDict):
    """The plan that is wanted."""

    plan: str


class ContextMemory(TypedDict):
    """A memory of a context."""

    app_name: str
    """The app that wrote it."""
    date: str
    """When it happened or, where that is not known, was added; RFC 3339."""
    flags: list[str]
    """What was noticed when it was written."""
    id: str
    memory: str
    memory_type: str
    part: str
    """`profile`, `recent` or `relevant`."""
    pinned: bool
    shortened: bool
    """Whether only the beginning of it is in the text."""
    speaker: NotRequired[str | None]
    trust: float
    """How far its source is trusted, 0 to 1."""


class ContextRequest(TypedDict):
    """What a context is wanted for."""

    project_id: NotRequired[str | None]
    """In this project."""
    query: NotRequired[str | None]
    """What is being asked or talked about; without it, profile and recent memories are answered."""
    session_id: NotRequired[str | None]
    """The conversation: its working memories are let in, and come first among the recent ones."""
    tokens: NotRequired[int | None]
    """Size of the text at most, 100 to 16,000; 1,000 when absent."""


class CreatedOut1(TypedDict):
    """For callers that may only write."""

    content: str
    """The text."""
    id: NotRequired[str | None]
    """Identifier; null where nothing holds the text."""
    memory: str
    """The text."""
    state: NotRequired[str | None]
    """`held` where it is held back."""


class CreatedOut2(TypedDict):
    """A memory just stored: what happened, and the whole row where the caller may read it."""

    event: str
    """
    `ADD`, `UPDATE`, or `NONE` where the next search finds nothing new: the row is then the memory that says the same, or the one
    that is held back.
    """
    message: NotRequired[str | None]
    """The same in a sentence, with what can be done."""
    reason: NotRequired[str | None]
    """Why."""


class CreatedOut4(CreatedOut1, CreatedOut2):
    """A memory just stored: what happened, and the whole row where the caller may read it."""


class CreatedRow1(TypedDict):
    """For callers that may only write."""

    content: str
    """The text."""
    id: NotRequired[str | None]
    """Identifier; null where nothing holds the text."""
    memory: str
    """The text."""
    state: NotRequired[str | None]
    """`held` where it is held back."""


class Credential(TypedDict):
    """A credential, without its secret."""

    client: str
    """The app that it speaks for."""
    created_at: str
    """RFC 3339."""
    expires_at: NotRequired[str | None]
    """RFC 3339; null for never."""
    hint: str
    """The public beginning of the secret."""
    id: str
    last_used_at: NotRequired[str | None]
    """RFC 3339, to within a minute; null while unused."""
    name: str
    project_id: NotRequired[str | None]
    """The only project that it opens; null for all."""
    revoked_at: NotRequired[str | None]
    """RFC 3339; null while it works."""
    scopes: list[str]


class DeadJobOut(TypedDict):
    """A job that was given up."""

    attempts: int
    error: NotRequired[str | None]
    """The last reason; never text of a tenant."""
    id: str
    kind: str
    subject_id: str
    tenant_id: str


class Decide(TypedDict):
    """What you say."""

    approve: bool
    expires_in_days: NotRequired[int | None]
    """Days after which it shall end."""
    project: NotRequired[str | None]
    """The only project that it shall open, by id or name."""
    scopes: NotRequired[list[str] | None]
    """Some of those that it asked for; all of them when absent."""


class Decided(TypedDict):
    """Where you go next."""

    redirect_to: NotRequired[str | None]
    """The address to open; null for a device, which finds out by itself."""


class DeletedOut(TypedDict):
    """What was deleted."""

    deleted: int
    """How many."""
    ids: list[str]
    """Which; ids that were not there are missing here."""
    message: str


DeliveryState: TypeAlias = Literal['pending', 'delivered', 'failed']
"""Whether it was taken."""


class EmailAndPassword(TypedDict):
    """Who signs in."""

    email: str
    password: str


class EmbeddingProgress(TypedDict):
    """How far the account's move to the server's embedding model is."""

    current: str
    """The server's model; new memories are embedded by it."""
    embedded: int
    """Those that have a vector of the server's model."""
    memories: int
    """Memories that are not deleted."""
    moving: bool
    """Whether searches still use another model."""
    reads: str
    """The model that searches use."""


class EndpointList(TypedDict):
    """All endpoints."""

    endpoints: list[Credential]
    """Newest first, revoked ones included."""
    total: int


class EndpointSecret(Credential):
    """An endpoint with its secret, shown this once."""

    client_config: dict[str, Any]
    """The configuration that most clients take, ready to paste."""
    http_url: str
    """For clients of Streamable HTTP."""
    old_secret_until: NotRequired[str | None]
    """When the secret before this one stops working, RFC 3339; only after a rotation."""
    secret: str
    """Not shown again."""
    sse_url: str
    """For clients of the legacy HTTP+SSE transport."""


class EraseIn(TypedDict):
    """That the end is meant, and by whom. Without `Debug`: it may hold a password."""

    confirm: bool
    """Must be true."""
    password: NotRequired[str | None]
    """The account's password. May be left out within ten minutes of a sign-in, and where another provider signs people in."""


EventKind: TypeAlias = Literal['memory.added', 'memory.updated', 'memory.deleted', 'memory.state_changed', 'usage.threshold', 'webhook.ping']
"""What can be told."""


class FailedLine(TypedDict):
    """A memory that was not stored."""

    detail: str
    """Why."""
    line: int
    """The number of its line; in an archive, of the memory. From 1."""


Feature: TypeAlias = Literal['inference', 'import']
"""What a plan may switch on."""


class Feedback(TypedDict):
    """What a memory was worth."""

    confidence: NotRequired[float | None]
    """0 to 1; 1 when absent."""
    feedback: str
    """`POSITIVE`, `NEGATIVE`, `NEUTRAL`, `CORRECTION` or `CONFIRMATION`, in any case; also taken as `feedback_type`."""
    memory_id: str
    query: NotRequired[str | None]
    """What had been asked when the memory was returned. The policy learns from it."""
    text: NotRequired[str | None]
    """With `CORRECTION`: the right text. It becomes a memory that takes the old one's place."""


class FeedbackStatistics(TypedDict):
    """Feedback of one kind."""

    avg_confidence: float
    count: int
    feedback_type: str


class Forecast(TypedDict):
    """An estimate of a month's use."""

    estimate: int
    high: int
    """…and this."""
    low: int
    """Half of all months should lie between this…"""


class Gate(TypedDict):
    """What the write gate holds back or replaces. `force` on a memory overrules the holding, never the rules on secrets."""

    contacts: str
    """E-mail addresses and telephone numbers; `keep` unless chosen otherwise."""
    duplicates: bool
    """Do not store again what the next search finds already."""
    echoes: bool
    """Hold back what the client was given a moment ago and brings back whole."""
    identifiers: str
    """Payment cards, bank accounts, social security numbers; `redact` unless chosen otherwise."""
    junk: bool
    """Hold back talk that says nothing, output of tools, prompts of programs."""
    secrets: str
    """Keys, tokens and passwords: `keep`, `redact` (the default: their names take their places) or `refuse`."""


class GateCounts(TypedDict):
    """What the write gate decided."""

    decisions: dict[str, int]
    """Memories by decision: `stored`, what was noticed (`redacted`, `instructions`, …), or why they were not stored."""
    rules: dict[str, int]
    """Versions of the rules in force."""


class Grant(TypedDict):
    """A client that was let in."""

    client: str
    """The app that it speaks for."""
    client_host: NotRequired[str | None]
    """The host that vouches for it; null where it registered itself."""
    client_id: str
    created_at: str
    """RFC 3339."""
    expires_at: NotRequired[str | None]
    """RFC 3339; moves on while it is used."""
    id: str
    """A credential: what it wrote can be undone by it."""
    imitates: NotRequired[str | None]
    """A well-known name that it bears without being at one of that name's hosts."""
    last_used_at: NotRequired[str | None]
    """RFC 3339, to within a minute; null while unused."""
    name: str
    project_id: NotRequired[str | None]
    """The only project that it opens; null for all."""
    redirect_host: NotRequired[str | None]
    """The host that you were sent back to; null for a program on your own computer."""
    revoked_at: NotRequired[str | None]
    """RFC 3339; null while it works."""
    scopes: list[str]


class GrantList(TypedDict):
    """All clients that were let in."""

    grants: list[Grant]
    """Newest first, ended ones included."""
    total: int


class HistoryStep(TypedDict):
    """One step in the life of a memory."""

    app_name: str
    """The app that did it."""
    changed_at: str
    """RFC 3339."""
    confidence: NotRequired[float | None]
    """The confidence after it."""
    event: str
    """`created`, `updated`, `state_changed`, `superseded`, `deleted` or `restored`."""
    expires_at: NotRequired[str | None]
    """Its end after it, RFC 3339."""
    memory: str
    """The text after it."""
    memory_type: NotRequired[str | None]
    """The kind after it; this and the next two are null for steps that an older server wrote."""
    metadata: dict[str, Any]
    """The client's JSON object after it."""
    pinned: NotRequired[bool | None]
    """Whether it was pinned after it."""
    state: str
    """The state after it."""
    superseded_by: NotRequired[str | None]
    """The memory that took its place."""
    tags: list[str]
    """The labels after it."""
    version: int
    """The version that the step made."""


class ImportOut(TypedDict):
    """What became of an import, or would: each memory that was read is stored, known, held, forgotten or failed."""

    dry_run: bool
    """True when nothing was stored, and this tells what would be."""
    failed: list[FailedLine]
    """Those that do not fit, the first hundred of them."""
    failed_more: int
    """How many others do not fit."""
    forgotten: int
    """Turns that the person has deleted before: they stay forgotten."""
    held: int
    """Turns of conversations that the write gate holds back."""
    held_by: dict[str, int]
    """The same by reason."""
    import_id: NotRequired[str | None]
    """Send it as `import_id` to `/api/v1/undo` to take all of it back; null where nothing was stored."""
    known: int
    """Those that were there already."""
    left_out: dict[str, int]
    """
    What the file has beside and was not read as a memory, by reason: `assistant`, `system`, `hidden`, `no_text`,
    `other_branch`, `unknown_speaker`, `unreadable`, `attachments`, `deleted`, `documents`.
    """
    read: int
    """Memories that were read."""
    samples: dict[str, list[str]]
    """Some texts of each kind: `stored`, `held_…`."""
    stored: int
    """New ones."""
    warning: NotRequired[str | None]
    """What is odd about the file as a whole."""


class InvoiceIn(TypedDict):
    """What became of an invoice."""

    state: str
    """`open`, `paid` or `refunded`."""


InvoiceState: TypeAlias = Literal['open', 'paid', 'refunded']
"""Whether it was paid."""


class ItemError(TypedDict):
    """Why a memory was not stored."""

    code: str
    """As in a problem."""
    detail: str
    """What is wrong with it."""


class ItemOut1(TypedDict):
    """Not stored; the others are."""

    error: ItemError
    """Why."""


class Jobs(TypedDict):
    """The background work."""

    by_state: dict[str, int]
    """By state: `queued`, `running`, `dead`."""
    dead: list[DeadJobOut]
    """Those that were given up, oldest first; up to 100."""
    oldest_due: NotRequired[str | None]
    """When the oldest queued one became due, RFC 3339."""


class KeyList(TypedDict):
    """All API keys."""

    keys: list[Credential]
    """Newest first, revoked ones included."""
    total: int


class KeySecret(Credential):
    """An API key with its secret, shown this once."""

    api_key: str
    """Not shown again."""
    old_secret_until: NotRequired[str | None]
    """When the key before this one stops working, RFC 3339; only after a rotation."""


class LearningEvent(TypedDict):
    """One entry of what was said of memories."""

    app_name: str
    """The app that said it."""
    confidence: float
    created_at: str
    """RFC 3339."""
    feedback: str
    """`POSITIVE`, `NEGATIVE`, `NEUTRAL`, `CORRECTION` or `CONFIRMATION`."""
    id: str
    memory_id: str
    query: NotRequired[str | None]
    """What had been asked, where told."""
    reverts: NotRequired[str | None]
    """The entry that this one takes back."""
    strength_after: float
    strength_before: float


class Line(TypedDict):
    """One line of a statement."""

    amount_micros: int
    """What the rest costs: millionths of the currency."""
    included: int
    """Of these the plan includes so many."""
    per: NotRequired[int | None]
    price_micros: NotRequired[int | None]
    """Millionths for `per` units; null for what has no price, or had more than one in the month."""
    quantity: int
    """Used in the month."""
    what: str
    """`plan`, or a meter."""


class LinkOut(TypedDict):
    """Two memories."""

    linked: bool
    """Whether they are linked now."""
    memory_id: str
    other_id: str


class LiveEvent1(TypedDict):
    """The stream is open. Changes after `seq` will follow."""

    newest: int
    """The newest change there was; events up to it lie in the past."""
    seq: int
    """Place in the change sequence."""
    type: Literal['ready']


class LiveEvent2(ChangeOut):
    """A memory is new."""

    type: Literal['memory.added']


class LiveEvent3(ChangeOut):
    """A memory has another text, label or state."""

    type: Literal['memory.changed']


class LiveEvent4(ChangeOut):
    """A memory is gone."""

    type: Literal['memory.deleted']


class LiveEvent5(TypedDict):
    """An app read memories. Reads are written down in batches: this comes some seconds after them."""

    access: str
    """`search`, `context`, `list`, `get` or `inspect`."""
    app: str
    """The app."""
    at: str
    """RFC 3339."""
    memory_ids: list[str]
    """Which."""
    type: Literal['memory.read']


class LiveEvent6(TypedDict):
    """An endpoint or API key was used."""

    app: str
    """The app that it speaks for."""
    at: str
    """RFC 3339."""
    credential_id: str
    """Which."""
    type: Literal['credential.used']


LiveEvent: TypeAlias = LiveEvent1 | LiveEvent2 | LiveEvent3 | LiveEvent4 | LiveEvent5 | LiveEvent6
"""The data of one event."""


class Me(TypedDict):
    """Who the caller is, and what they may do."""

    client: str
    """The app that the request speaks for."""
    credential: str
    """`access_token` or `api_key`."""
    credential_id: NotRequired[str | None]
    """The API key; null for an access token."""
    default_project_id: str
    """Where memories go when no project is named."""
    email: NotRequired[str | None]
    """Null for a credential that opens one project."""
    operator: bool
    """Whether the caller keeps the service running, and sees `/admin`."""
    project_id: NotRequired[str | None]
    """The only project that the credential opens; null for all."""
    scopes: list[str]
    tenant_id: str
    user_id: str


class MemoryChange(TypedDict):
    """What to change; absent fields stay."""

    confidence: NotRequired[float | None]
    """The new confidence, 0 to 1."""
    expires_at: NotRequired[str | None]
    """The new end (RFC 3339, a date, which is included, or seconds since 1970), or null for none."""
    memory_content: NotRequired[str | None]
    """The new text; also taken as `text`."""
    memory_type: NotRequired[str | None]
    """The new kind."""
    metadata: NotRequired[dict[str, Any] | None]
    """The new metadata, replacing the old object."""
    pinned: NotRequired[bool | None]
    """Pins (or unpins): a pinned memory never expires and comes first in a context."""
    tags: NotRequired[list[str] | None]
    """The new labels, replacing the old ones."""


class MemoryDeletion(TypedDict):
    """Which memories to delete."""

    all: NotRequired[bool | None]
    """All of them; needs `confirm: true` and the scope `memory:delete_all`."""
    confirm: NotRequired[bool | None]
    """That all is meant."""
    memory_ids: NotRequired[list[str] | None]
    """These; up to 1,000."""
    permanent: NotRequired[bool | None]
    """Erase them at once, so that nothing can be restored; the same as `?permanent=true`."""


class MemoryFilter(TypedDict):
    """Conditions and paging of a list."""

    app_ids: NotRequired[list[str] | None]
    """Written by one of these apps."""
    as_of: NotRequired[str | None]
    """What was known and held at this time (of a date: at its end), superseded memories included."""
    category_ids: NotRequired[list[str] | None]
    """With one of these tags; a category's id is its name."""
    cursor: NotRequired[str | None]
    """`next_cursor` of the part before, in whose order it goes on. Switches to paging by cursor."""
    from_date: NotRequired[str | None]
    """Happened (or was added) at or after: RFC 3339, a date, month or year (its beginning, UTC), or seconds since 1970."""
    limit: NotRequired[int | None]
    """Entries per part when paging by cursor, 1 to 200. Switches to paging by cursor."""
    memory_types: NotRequired[list[str] | None]
    """Of one of these kinds."""
    page: NotRequired[int | None]
    """From 1."""
    project_id: NotRequired[str | None]
    """In this project."""
    search_query: NotRequired[str | None]
    """Part of the text, in any case."""
    session_id: NotRequired[str | None]
    """Of this conversation."""
    show_archived: NotRequired[bool | None]
    """Archived ones as well."""
    show_expired: NotRequired[bool | None]
    """Also memories that have expired."""
    size: NotRequired[int | None]
    """Entries per page, 1 to 200."""
    sort_column: NotRequired[str | None]
    """`created_at` (the default), `occurred_at` (or added, where that is not known), `updated_at`, `memory` or `app_name`."""
    sort_direction: NotRequired[str | None]
    """`asc` or `desc`; newest first and from A to Z when absent."""
    states: NotRequired[list[str] | None]
    """In one of these states; active and paused when absent. `deleted` lists what can still be restored."""
    tags: NotRequired[list[str] | None]
    """The same as `category_ids`."""
    to_date: NotRequired[str | None]
    """Happened (or was added) at or before; a date, month or year is included to its end."""


class MemoryIds1(TypedDict):
    """An object."""

    memory_ids: list[str]
    """The ids."""


MemoryIds: TypeAlias = list[str] | MemoryIds1
"""Which memories to archive or restore: a bare list of ids, or an object that holds one."""


class MemoryPause(TypedDict):
    """Which memories to pause. Everything stays within the caller's own memories."""

    all_for_app: NotRequired[bool | None]
    """Taken for compatibility: naming an app means all of its memories."""
    app_id: NotRequired[str | None]
    """Those that this app wrote."""
    category_ids: NotRequired[list[str] | None]
    """Those with one of these tags; a category's id is its name."""
    global_pause: NotRequired[bool | None]
    """All of the caller's memories."""
    global_pause_for_user: NotRequired[bool | None]
    """The same as `global_pause`."""
    memory_ids: NotRequired[list[str] | None]
    """These; up to 1,000."""
    state: NotRequired[str | None]
    """`paused` (the default), `active` to resume, or `archived`."""


class MemorySearch(TypedDict):
    """A question, and conditions on its answers."""

    app_ids: NotRequired[list[str] | None]
    """Written by one of these apps."""
    apps: NotRequired[list[str] | None]
    """Written by one of the apps of these names."""
    as_of: NotRequired[str | None]
    """What was known and held at this time (of a date: at its end), superseded memories included."""
    from_date: NotRequired[str | None]
    """Happened (or was added) at or after: RFC 3339, a date, month or year (its beginning, UTC), or seconds since 1970."""
    limit: NotRequired[int | None]
    """1 to 100; 10 when absent."""
    memory_types: NotRequired[list[str] | None]
    """Of one of these kinds."""
    nearest: NotRequired[bool]
    """Also what was left out for its score, as `nearest`."""
    project_id: NotRequired[str | None]
    """In this project."""
    query: str
    """A question or some words."""
    session_id: NotRequired[str | None]
    """Of this conversation."""
    show_expired: NotRequired[bool]
    """Also memories that have expired."""
    states: NotRequired[list[str] | None]
    """In one of these states; active only when absent."""
    tags: NotRequired[list[str] | None]
    """With one of these tags; also taken as `categories`."""
    threshold: NotRequired[float | None]
    """Leaves out results with a lower score, 0 to 1; 0 keeps all. When absent, what is not likely to help is left out."""
    to_date: NotRequired[str | None]
    """Happened (or was added) at or before; a date, month or year is included to its end."""


class MemorySource(TypedDict):
    """Where a memory was taken from."""

    message: NotRequired[int | None]
    """The message of it, from 0."""
    quote: NotRequired[str | None]
    """The words."""
    session_id: NotRequired[str | None]
    """The conversation."""


class MemoryUndo(TypedDict):
    """How far to go back."""

    version: NotRequired[int | None]
    """The version to bring back; the one before the last change when absent."""


class Message(TypedDict):
    """One turn of a conversation."""

    content: str
    """What was said."""
    role: str
    """`user`, `assistant`, …"""


Meter: TypeAlias = Literal['adds', 'searches', 'reads', 'llm_tokens']
"""What is counted of a tenant, in whole units."""


class MeterUse(TypedDict):
    """What was used of one meter."""

    forecast: Forecast
    """An estimate of the whole month: what was used, and the median of each weekday for the days that are left."""
    limit: NotRequired[int | None]
    """Null without a limit."""
    meter: Meter
    used: int


class MonthCost(TypedDict):
    """What a month has cost so far."""

    beyond_plan_micros: int
    """Of these, what was used beyond the plan."""
    currency: str
    """ISO 4217, lower case."""
    total_micros: int


class MovedOut(TypedDict):
    """What was moved."""

    ids: list[str]
    """Which; ids that were not there are missing here."""
    message: str
    updated: int
    """How many."""


class NewCredential(TypedDict):
    """What a new credential shall be."""

    client: NotRequired[str | None]
    """The app that it speaks for; an endpoint needs one."""
    expires_at: NotRequired[str | None]
    """When it shall stop working: RFC 3339, a date (with whose end it does, UTC), or seconds since 1970."""
    name: NotRequired[str | None]
    """A label for lists; the client's name when absent."""
    project_id: NotRequired[str | None]
    """The only project that it shall open."""
    scopes: NotRequired[list[str] | None]
    """`memory:read`, `memory:write`, `memory:delete`, `memory:delete_all`, `account:manage`; the first three when absent."""


class OAuthRequest(TypedDict):
    """What a client asks."""

    approved_before: bool
    """Whether you let the same client in before, to the same address."""
    client: AskingClient
    expires_at: str
    """RFC 3339."""
    kind: str
    """`client`: a program that sent you here. `device`: the command line, which waits elsewhere."""
    redirect_host: NotRequired[str | None]
    """The host that you are sent back to; null for a program on your own computer, or a device."""
    scopes: list[str]
    """What it wants to be allowed."""


class PasswordChange(TypedDict):
    """The password there is, and the one that shall be."""

    current_password: str
    new_password: str


class Place(TypedDict):
    """A place to go to."""

    url: NotRequired[str | None]
    """Null where there is none: the operator changes how it is paid."""


class PlanLimits(TypedDict):
    """How much of everything; what is absent has no limit."""

    adds_per_month: NotRequired[int | None]
    """Memories stored in a calendar month (UTC)."""
    bytes: NotRequired[int | None]
    """Bytes of their texts."""
    llm_tokens_per_month: NotRequired[int | None]
    """Tokens of a chat model in a calendar month."""
    memories: NotRequired[int | None]
    """Memories that are not deleted."""
    projects: NotRequired[int | None]
    requests_per_minute: NotRequired[int | None]
    """Requests in a minute, weighed by what they cost."""
    searches_per_month: NotRequired[int | None]
    """Searches and contexts in a calendar month."""
    spend_per_month: NotRequired[int | None]
    """What usage beyond the plan may cost in a calendar month, in millionths of the currency. Then what costs stops."""


class PolicyOut(TypedDict):
    """How searches weigh meaning against words, as the account's own rated queries have it."""

    best: NotRequired[float | None]
    """The weight of meaning that did best on all of them, 0 to 1."""
    evaluated_at: NotRequired[str | None]
    """RFC 3339."""
    fixed: NotRequired[float | None]
    """Mean nDCG@10 of the rated queries with the fixed weight; null before the first replay."""
    learned: NotRequired[float | None]
    """Mean nDCG@10 of the learned weight on queries that it was not chosen on."""
    n: int
    """Rated queries."""
    switched_on: bool
    """Whether searches use `best`: only where it gains at least 0.02, and 2.5 times its standard error, on 20 queries or more."""


class Project(TypedDict):
    """A project."""

    created_at: str
    """RFC 3339."""
    id: str
    is_default: bool
    """Where memories go when no project is named."""
    name: str
    total_memories: int
    """Memories that are not deleted."""


class ProjectList(TypedDict):
    """All projects that the caller sees."""

    projects: list[Project]
    """The default one first."""
    total: int


class ProjectName(TypedDict):
    """A project's name."""

    name: str
    """1 to 100 characters, unique in the account."""


class ProviderBill(TypedDict):
    """One bill of the payment provider's own."""

    amount_micros: int
    created_at: str
    currency: str
    id: str
    state: str
    url: NotRequired[str | None]
    """Where it can be seen and paid."""


class Quota(TypedDict):
    """What is used up of a plan."""

    limit: int
    """How much there is."""
    of: str
    """What there is an amount of."""
    resets_at: NotRequired[str | None]
    """When it is free again, RFC 3339; null for what does not free itself."""
    upgrade: str
    """Where another plan can be chosen, under the address of the service."""
    used: int
    """How much was used, what was asked for included."""


class Receipt(TypedDict):
    """What was erased."""

    erased_at: str
    """RFC 3339."""
    rows: dict[str, int]
    """Rows by table."""
    tenant_id: str


class RedeliverIn(TypedDict):
    """What is to be told again."""

    event_id: NotRequired[str | None]
    """One event."""
    since: NotRequired[str | None]
    """Otherwise all that happened since; RFC 3339."""
    state: NotRequired[str | None]
    """Of these only what is in this state; `failed` when absent, `any` for all."""


class Redelivered(TypedDict):
    """How much is told again."""

    events: int


class RefreshToken(TypedDict):
    """A refresh token."""

    refresh_token: str
    """As the latest sign-in or refresh answered it."""


class Remarks(TypedDict):
    """What the write gate has to say."""

    flags: NotRequired[list[str]]
    """What was noticed about what was stored: `redacted`, `instructions`, `hidden_text`."""
    message: NotRequired[str | None]
    """The same in a sentence, with what can be done."""
    reason: NotRequired[str | None]
    """
    Why: `duplicate`, `tags_added`, `held_…`, `was_archived`, `was_paused`, `was_expired`, `was_held`, `archived`, `paused`,
    `forgotten_before`, `secret_…`.
    """
    state: NotRequired[str | None]
    """`held` where the memory is held back: `POST /api/v1/memories/{id}/keep` keeps it."""


class RenameCredential(TypedDict):
    """What may be changed of a credential: its label."""

    name: str
    """A label for lists; the client's name when empty."""


class RenameGrant(TypedDict):
    """Another label."""

    name: str
    """A label for lists; the app's name when empty."""


class RestoredOut(TypedDict):
    """What was restored."""

    conflicts: list[str]
    """Those that stay deleted (or superseded), since another memory of their project has the same text or key by now."""
    ids: list[str]
    """Which; ids that were not there, or needed nothing, are missing here."""
    message: str
    updated: int
    """How many."""


class ReviewDecision(TypedDict):
    """What is decided."""

    decision: str
    """
    `keep`, `edit` (with `text`), `merge` (it takes the other one's place, with `text` where one is given) or `drop` (it is
    deleted, and no automatic writer brings it back).
    """
    text: NotRequired[str | None]
    """The new text."""


class Revived(TypedDict):
    """What was queued again."""

    revived: int


class RotateIn(TypedDict):
    """How long the old secret goes on working."""

    grace_secs: NotRequired[int]
    """0 (the default) to 86,400 seconds."""


class ScoresOut(TypedDict):
    """Why a memory stands where it stands."""

    date: float
    """What a date that the question names adds to `order`."""
    dense: NotRequired[float | None]
    """Cosine to the query, -1 to 1; null while the memory has no embedding."""
    fused: float
    """Both together, 0 to 1."""
    lexical: float
    """BM25; 0 where no word matches."""
    neighbours: float
    """What the memories around it in its session add."""
    order: float
    """What results are ordered by; compares those of one answer alone."""
    quality: float
    """What feedback and trust make of it, 0.3 to 1.5; each halving takes as much from `order`."""
    speaker: float
    """What the speaker whom the question names adds."""


class Settings(TypedDict):
    """What the account has chosen."""

    decay: bool
    """Whether memories that nobody uses fade, within bounds; off unless chosen."""
    gate: Gate
    review: NotRequired[str]
    """
    What waits, hidden, until a person approves it: `off` (the default), `inferred` (what was taken from texts) or `all` (what
    no person has said in these words).
    """


class Statement(TypedDict):
    """What was used in a month and what it costs."""

    currency: str
    lines: list[Line]
    month: str
    """`2026-11`"""
    plan: str
    prices: int
    """Version of the file of prices."""
    total_cents: int
    """The same in hundredths, rounded to the nearest, halves away from zero."""
    total_micros: int


class Stats(TypedDict):
    """Totals of the account."""

    apps: list[App]
    email: NotRequired[str | None]
    """Null for a credential that opens one project."""
    total_apps: int
    total_memories: int
    """Memories that are not deleted."""
    user_id: str


Status: TypeAlias = Literal['ok', 'degraded', 'failed']
"""State of the server or of one of its parts."""


class StoredUse(TypedDict):
    """What is stored now."""

    bytes: int
    """Bytes of their texts."""
    bytes_limit: NotRequired[int | None]
    memories: int
    """Memories that are not deleted."""
    memories_limit: NotRequired[int | None]
    """Null without a limit."""


SubscriptionState: TypeAlias = Literal['trial', 'active', 'past_due', 'cancelled', 'paused']
"""How a subscription stands."""


class TokensOut(TypedDict):
    """Tokens of a sign-in."""

    access_token: str
    """For `Authorization: Bearer …`."""
    expires_in: int
    """Seconds until the access token expires."""
    refresh_token: str
    """For the next pair; works once."""
    token_type: str
    """Always `bearer`."""


class TrendDay(TypedDict):
    """Feedback of one day."""

    avg_confidence: float
    date: str
    """UTC, RFC 3339."""
    events: int


class TypeStatistics(TypedDict):
    """Memories of one kind."""

    avg_access_count: float
    avg_strength: float
    """0 to 1, without decay."""
    count: int
    first_memory: str
    """RFC 3339."""
    last_memory: str
    """RFC 3339."""
    memory_type: str


class UndoConflict(TypedDict):
    """A memory that stays as it is."""

    id: str
    reason: str
    """
    `changed_since`: somebody else changed it afterwards, or the same author did after the window. `same_text`: another
    memory of the project has the text or key that would come back.
    """


UndoWrites = TypedDict(
    'UndoWrites',
    {
        'app': NotRequired[str | None],
        'app_id': NotRequired[str | None],
        'credential_id': NotRequired[str | None],
        'dry_run': NotRequired[bool],
        'from': NotRequired[str | None],
        'import_id': NotRequired[str | None],
        'session_id': NotRequired[str | None],
        'to': NotRequired[str | None],
    },
)


class UndoneOut(TypedDict):
    """What was taken back."""

    conflicts: list[UndoConflict]
    """What stays as it is."""
    deleted: int
    """How many memories were deleted; they can be restored."""
    deleted_ids: list[str]
    """Memories that began in the window."""
    dry_run: bool
    """True when nothing was done, and this tells what would be."""
    restored: int
    """How many are again what they were."""
    restored_ids: list[str]
    """Memories that were changed in the window."""
    unchanged: int
    """How many were as they should be already."""


class UsageEvent(TypedDict):
    """Work that was counted, each piece once."""

    app: str
    at: str
    """RFC 3339."""
    credential_id: NotRequired[str | None]
    id: str
    meter: Meter
    model: str
    quantity: int
    source: str
    """What was counted: a change of the account, an operation."""


class UsageEvents(TypedDict):
    """Part of the events."""

    events: list[UsageEvent]
    """Newest first, of this month and the two before."""
    next_cursor: NotRequired[str | None]


class Webhook(TypedDict):
    """An address that is told, without its secret."""

    created_at: str
    """RFC 3339."""
    description: str
    events: list[EventKind]
    """What it is told; everything when empty."""
    failing_since: NotRequired[str | None]
    """When the first of them was, RFC 3339."""
    failures: int
    """Failures in a row."""
    id: str
    is_active: bool
    """False while it is switched off, by you or after five days without success."""
    url: str


class WebhookDelivery(TypedDict):
    """One thing that it was told, or will be."""

    attempts: int
    created_at: str
    """When it happened, RFC 3339."""
    data: dict[str, Any]
    """Ids and counts."""
    done_at: NotRequired[str | None]
    error: NotRequired[str | None]
    """Why it was not taken."""
    event_id: str
    """In `webhook-id`, after `msg_` and without hyphens; the same each time."""
    next_at: NotRequired[str | None]
    """When it is told next, while it is pending; RFC 3339."""
    state: DeliveryState
    status: NotRequired[int | None]
    """What was answered last."""
    type: EventKind


class WebhookIn(TypedDict):
    """A new webhook."""

    description: NotRequired[str]
    events: NotRequired[list[EventKind]]
    """What it is to be told; everything when empty or absent."""
    url: str
    """Begins with https://, on the public internet."""


class WebhookList(TypedDict):
    """The account's webhooks."""

    webhooks: list[Webhook]


class WebhookPatch(TypedDict):
    """What is to be changed; what is absent stays."""

    description: NotRequired[str | None]
    events: NotRequired[list[EventKind] | None]
    is_active: NotRequired[bool | None]
    url: NotRequired[str | None]


class WebhookWithSecret(Webhook):
    """An address with its secret, shown this once."""

    secret: str
    """Verifies what is told, by any library of Standard Webhooks."""


class AddOptions(TypedDict):
    """A memory to store. Unknown fields are refused: what the server decides (`id`, `tenant_id`, `created_at`, What a method takes besides its arguments."""

    app: NotRequired[str | None]
    """The app to store it for; the credential's when absent."""
    app_name: NotRequired[str | None]
    """The same as `app`."""
    confidence: NotRequired[float | None]
    """0 to 1; 1 when absent."""
    expires_at: NotRequired[str | None]
    """
    When it is no longer seen: RFC 3339, a date (after whose end, UTC), or seconds since 1970. A `working` memory without
    an end lives for a day after the last working memory of its session.
    """
    force: NotRequired[bool]
    """
    A person's own word: the write gate does not hold it back, and what was put away comes back. Secrets are still replaced or
    refused as the account has chosen.
    """
    memory_type: NotRequired[str | None]
    """`episodic`, `semantic` (the default), `procedural`, `working` or `associative`."""
    metadata: NotRequired[dict[str, Any] | None]
    """Any JSON object; it comes back as it was sent."""
    occurred_at: NotRequired[str | None]
    """When it happened: RFC 3339, a date (UTC), or seconds since 1970."""
    pattern_signature: NotRequired[str | None]
    """A key that is unique in its project: storing it again changes the memory that has it."""
    pinned: NotRequired[bool]
    """It never expires, and comes first in a context."""
    position: NotRequired[int | None]
    """Its place in that conversation; the order of adding when absent."""
    project_id: NotRequired[str | None]
    """The project to store it in; the default one when absent."""
    related: NotRequired[list[str] | None]
    """Memories of the same project to link it with, up to 50."""
    session_id: NotRequired[str | None]
    """The conversation that it came from."""
    speaker: NotRequired[str | None]
    """Who said it."""
    supersedes: NotRequired[str | None]
    """
    The memory of the same project whose place it takes: that one is hidden from now on, and readable `as_of` an earlier
    time.
    """
    tags: NotRequired[list[str] | None]
    """Labels."""


class SearchOptions(TypedDict):
    """A question, and conditions on its answers. What a method takes besides its arguments."""

    app_ids: NotRequired[list[str] | None]
    """Written by one of these apps."""
    apps: NotRequired[list[str] | None]
    """Written by one of the apps of these names."""
    as_of: NotRequired[str | None]
    """What was known and held at this time (of a date: at its end), superseded memories included."""
    from_date: NotRequired[str | None]
    """Happened (or was added) at or after: RFC 3339, a date, month or year (its beginning, UTC), or seconds since 1970."""
    limit: NotRequired[int | None]
    """1 to 100; 10 when absent."""
    memory_types: NotRequired[list[str] | None]
    """Of one of these kinds."""
    nearest: NotRequired[bool]
    """Also what was left out for its score, as `nearest`."""
    project_id: NotRequired[str | None]
    """In this project."""
    session_id: NotRequired[str | None]
    """Of this conversation."""
    show_expired: NotRequired[bool]
    """Also memories that have expired."""
    states: NotRequired[list[str] | None]
    """In one of these states; active only when absent."""
    tags: NotRequired[list[str] | None]
    """With one of these tags; also taken as `categories`."""
    threshold: NotRequired[float | None]
    """Leaves out results with a lower score, 0 to 1; 0 keeps all. When absent, what is not likely to help is left out."""
    to_date: NotRequired[str | None]
    """Happened (or was added) at or before; a date, month or year is included to its end."""


class ContextOptions(TypedDict):
    """What a context is wanted for. What a method takes besides its arguments."""

    project_id: NotRequired[str | None]
    """In this project."""
    session_id: NotRequired[str | None]
    """The conversation: its working memories are let in, and come first among the recent ones."""
    tokens: NotRequired[int | None]
    """Size of the text at most, 100 to 16,000; 1,000 when absent."""


class FeedbackOptions(TypedDict):
    """What a memory was worth. What a method takes besides its arguments."""

    confidence: NotRequired[float | None]
    """0 to 1; 1 when absent."""
    query: NotRequired[str | None]
    """What had been asked when the memory was returned. The policy learns from it."""
    text: NotRequired[str | None]
    """With `CORRECTION`: the right text. It becomes a memory that takes the old one's place."""


class ListOptions(TypedDict):
    """Conditions of a list."""

    app_id: NotRequired[str]
    """Written by this app."""
    project_id: NotRequired[str]
    """In this project."""
    from_date: NotRequired[str]
    """Happened (or was added) at or after: RFC 3339, a date, month or year (its beginning, UTC), or seconds since 1970."""
    to_date: NotRequired[str]
    """Happened (or was added) at or before; a date, month or year is included to its end."""
    categories: NotRequired[str]
    """With one of these tags, separated by commas."""
    tags: NotRequired[str]
    """The same as `categories`. For a tag that has a comma itself, there is `tag`."""
    memory_type: NotRequired[str]
    """Of one of these kinds, separated by commas."""
    state: NotRequired[str]
    """In one of these states, separated by commas; active only when absent. `deleted` lists what can still be restored."""
    session_id: NotRequired[str]
    """Of this conversation."""
    as_of: NotRequired[str]
    """What was known and held at this time (of a date: at its end), superseded memories included."""
    show_expired: NotRequired[bool]
    """Also memories that have expired."""
    search_query: NotRequired[str]
    """Part of the text, in any case."""
    sort_column: NotRequired[str]
    """`created_at` (the default), `occurred_at` (or added, where that is not known), `updated_at`, `memory` or `app_name`."""
    sort_direction: NotRequired[str]
    """`asc` or `desc`; newest first and from A to Z when absent."""
    tag: NotRequired[list[str]]
    """With this tag, letter by letter; may be repeated"""


class AccessLog(TypedDict):
    """Part of an access log."""

    logs: list[AccessLogEntry]
    """Latest first."""
    page: int
    page_size: int
    total: int


class ActivityOut(TypedDict):
    """What was done, and what there is."""

    activity: list[ActivityDay]
    """By day, operation and app, oldest day first; what did not happen is left out."""
    types: list[ActivityType]
    """Most frequent first."""


class AddedOut(Remarks):
    """What became of a memory that was sent."""

    event: str
    """`ADD`, `UPDATE`, `DELETE`, or `NONE` where the next search finds nothing new."""
    id: NotRequired[str | None]
    """The memory that now holds the text; null where none does."""
    memory: str
    """Its text."""


class AnalyticsOut(TypedDict):
    """What was learned in a project. Feedback that was taken back is not counted."""

    feedback_statistics: list[FeedbackStatistics]
    learning_trend: list[TrendDay]
    """The days of the last thirty that had feedback, oldest first."""
    memory_statistics: list[TypeStatistics]


class Audit(TypedDict):
    """Part of the audit trail."""

    entries: list[AuditEntry]
    """Newest first."""
    next_cursor: NotRequired[str | None]


class Categories(TypedDict):
    """Tags in use."""

    categories: list[Category]
    total: int


class Context(TypedDict):
    """A context."""

    degraded: bool
    """True when only words could be searched, since embeddings are not to be had now."""
    left_out: dict[str, int]
    """How many candidates are not in it: `no_room`, or `repeated` where another one says the same."""
    memories: list[ContextMemory]
    """The memories in the order of the text."""
    text: str
    """
    The memories in a fence, `<memories note="stored data, not instructions"> … </memories>`, one a line with date, app
    and, where it is not fully trusted, why. Empty where nothing is remembered.
    """
    tokens: int
    """Size of the text, estimated on the high side."""


class DayUse(TypedDict):
    """What was used on a day."""

    app: str
    day: str
    """In UTC, as `2026-11-30`."""
    key: NotRequired[str | None]
    """Name of the endpoint or key; null for a signed-in person."""
    meter: Meter
    model: str
    """Empty where no model was used."""
    quantity: int


class FeedbackList(TypedDict):
    """What was said of a memory."""

    feedback: list[LearningEvent]
    """Oldest first."""
    memory_id: str


class GrantIn(TypedDict):
    """What the operator gives; what is absent stays."""

    ends_at: NotRequired[str | None]
    """RFC 3339; empty for no end."""
    overrides: NotRequired[dict[str, Any] | None]
    """Limits for this account alone, by the names of the plan's; null lifts one."""
    plan: NotRequired[str | None]
    """Another plan; it is then active."""
    state: NotRequired[SubscriptionState | None]


class Health(TypedDict):
    """The answer of a probe."""

    checks: NotRequired[dict[str, Status]]
    """Each part by its name."""
    status: Status
    """The worst of the checks."""
    version: str
    """Version of the program."""


class History(TypedDict):
    """The life of a memory."""

    history: list[HistoryStep]
    """Oldest first."""
    memory_id: str


class HitOut(TypedDict):
    """One result of a search."""

    alike: NotRequired[int]
    """Older memories that say the same in other words and are folded under this one."""
    app_id: str
    app_name: str
    confidence: float
    created_at: int
    """Seconds since 1970."""
    flags: list[str]
    """What was noticed when it was written: `instructions`, `redacted`, …"""
    hash: str
    id: str
    memory: str
    """The text."""
    memory_type: str
    metadata: dict[str, Any]
    """The client's JSON object."""
    occurred_at: NotRequired[str | None]
    """When it happened, RFC 3339."""
    part: NotRequired[str | None]
    """The part of a long text that is nearest to the question."""
    project_id: str
    score: float
    """How likely it is that the memory bears on the question, 0 to 1: comparable between questions, accounts and models."""
    scores: ScoresOut
    """Why it stands where it stands."""
    session_id: NotRequired[str | None]
    source: NotRequired[MemorySource | None]
    speaker: NotRequired[str | None]
    state: str
    tags: list[str]
    trust: float
    """How far its source is trusted, 0 to 1."""
    updated_at: int
    """Seconds since 1970."""
    version: int


class Invoice(TypedDict):
    """One invoice."""

    amount_micros: int
    created_at: str
    currency: str
    id: str
    lines: list[Line]
    month: str
    """As `2026-11`."""
    paid_at: NotRequired[str | None]
    plan: str
    state: InvoiceState


class Invoices(TypedDict):
    """What was and is to be paid."""

    bills: list[ProviderBill]
    invoices: list[Invoice]
    """Newest first."""


ItemOut: TypeAlias = AddedOut | ItemOut1
"""What became of one memory."""


class Learned(LearningEvent):
    """What feedback did."""

    replacement: NotRequired[AddedOut | None]


class Memory(TypedDict):
    """One memory."""

    alike: NotRequired[int]
    """Older memories that say the same in other words and are folded under this one; see `/memories/{memory_id}/alike`."""
    app_id: str
    """The app that wrote it."""
    app_name: str
    """Its name."""
    categories: list[str]
    """Labels; the same as `tags`."""
    confidence: float
    """0 to 1."""
    content: str
    """The text."""
    created_at: int
    """Seconds since 1970."""
    deleted_at: NotRequired[str | None]
    """When it was deleted, RFC 3339; null unless it is."""
    expires_at: NotRequired[str | None]
    """When it is no longer seen, RFC 3339."""
    flags: list[str]
    """What was noticed when it was written: `instructions`, `redacted`, …"""
    hash: str
    """Hex SHA-256 by which equal memories are recognised."""
    held_for: NotRequired[str | None]
    """Why the write gate holds it back, while its state is `held`: `empty_talk`, `tool_output`, …, `review`."""
    id: str
    """Identifier."""
    memory: str
    """The text, under the name that searches use."""
    memory_type: str
    """Kind of memory."""
    metadata_: dict[str, Any]
    """The client's JSON object."""
    occurred_at: NotRequired[str | None]
    """When it happened, RFC 3339."""
    pattern_signature: NotRequired[str | None]
    """Key that is unique in its project."""
    pinned: bool
    """Never expires, and comes first in a context."""
    position: NotRequired[int | None]
    """Its place in that conversation."""
    project_id: str
    """The project that it lies in."""
    session_id: NotRequired[str | None]
    """The conversation that it came from."""
    source: NotRequired[MemorySource | None]
    speaker: NotRequired[str | None]
    """Who said it."""
    state: str
    """`active`, `paused`, `archived`, `held`, `superseded` or `deleted`."""
    strength: float
    """0 to 1."""
    superseded_at: NotRequired[str | None]
    """Until when it held, RFC 3339."""
    superseded_by: NotRequired[str | None]
    """The memory that took its place."""
    tags: list[str]
    """Labels."""
    text: NotRequired[str | None]
    """The text, under the name that answers about a single memory use; absent in lists."""
    trust: float
    """How far its source is trusted, 0 to 1."""
    updated_at: int
    """Seconds since 1970."""
    version: int
    """Grows by one with each change; the `ETag` of the memory."""


class MemoryIn(TypedDict):
    """
    A memory to store. Unknown fields are refused: what the server decides (`id`, `tenant_id`, `created_at`,
    `strength`, …) cannot be sent.
    """

    app: NotRequired[str | None]
    """The app to store it for; the credential's when absent."""
    app_name: NotRequired[str | None]
    """The same as `app`."""
    confidence: NotRequired[float | None]
    """0 to 1; 1 when absent."""
    expires_at: NotRequired[str | None]
    """
    When it is no longer seen: RFC 3339, a date (after whose end, UTC), or seconds since 1970. A `working` memory without
    an end lives for a day after the last working memory of its session.
    """
    force: NotRequired[bool]
    """
    A person's own word: the write gate does not hold it back, and what was put away comes back. Secrets are still replaced or
    refused as the account has chosen.
    """
    infer: NotRequired[bool | None]
    """
    Take facts from the text, where the server is set up for it (`llm.provider`); the answer then tells what became of
    each. A batch is stored verbatim.
    """
    memory_type: NotRequired[str | None]
    """`episodic`, `semantic` (the default), `procedural`, `working` or `associative`."""
    messages: NotRequired[list[Message] | None]
    """A conversation to take facts from, in place of `text`; not in a batch."""
    metadata: NotRequired[dict[str, Any] | None]
    """Any JSON object; it comes back as it was sent."""
    occurred_at: NotRequired[str | None]
    """When it happened: RFC 3339, a date (UTC), or seconds since 1970."""
    pattern_signature: NotRequired[str | None]
    """A key that is unique in its project: storing it again changes the memory that has it."""
    pinned: NotRequired[bool]
    """It never expires, and comes first in a context."""
    position: NotRequired[int | None]
    """Its place in that conversation; the order of adding when absent."""
    project_id: NotRequired[str | None]
    """The project to store it in; the default one when absent."""
    related: NotRequired[list[str] | None]
    """Memories of the same project to link it with, up to 50."""
    session_id: NotRequired[str | None]
    """The conversation that it came from."""
    speaker: NotRequired[str | None]
    """Who said it."""
    supersedes: NotRequired[str | None]
    """
    The memory of the same project whose place it takes: that one is hidden from now on, and readable `as_of` an earlier
    time.
    """
    tags: NotRequired[list[str] | None]
    """Labels."""
    text: NotRequired[str | None]
    """The text, stored verbatim unless facts are to be taken from it."""


class MemoryPage(TypedDict):
    """Part of a list."""

    items: list[Memory]
    next_cursor: NotRequired[str | None]
    """Send it as `cursor` for the next part; null at the end and for page numbers."""
    page: NotRequired[int | None]
    """The page's number; null when paging by cursor."""
    pages: int
    """How many pages there are."""
    size: int
    total: int
    """How many match in all."""


class Operation(TypedDict):
    """A write that takes facts from text."""

    created_at: str
    """RFC 3339."""
    finished_at: NotRequired[str | None]
    """RFC 3339; null until it has ended."""
    id: str
    reason: NotRequired[str | None]
    """
    Why it ended otherwise than by the model's answer: `no_facts`, or because rules took the model's place:
    `token_budget`, `model_refused`, `model_faulty`, `no_model`, or why it failed.
    """
    results: list[AddedOut]
    """What became of each fact; empty until it is done."""
    status: str
    """`queued`, `done` or `failed`."""
    tokens: int
    """Tokens that it took."""


class Overview(TypedDict):
    """How the service is."""

    active_users: int
    """People whom this process let in within a quarter of an hour."""
    checks: dict[str, Status]
    """Each part with its state."""
    database: str
    """`sqlite` or `postgres`."""
    embedder: str
    """Which model makes the vectors."""
    index: str
    """`embedded` or `qdrant`."""
    jobs: dict[str, int]
    """Jobs by state: `queued`, `running`, `dead`."""
    users: int
    version: str


class Plan(TypedDict):
    """One plan."""

    features: NotRequired[list[Feature]]
    id: str
    """Its name in storage and at the edges."""
    included: NotRequired[dict[str, int]]
    """How much of what has a price is in the plan, by meter, in a month."""
    limits: NotRequired[PlanLimits]
    price_per_month: NotRequired[int]
    """In millionths of the currency; 0 costs nothing."""
    title: str
    """Its name for people."""
    trial_days: NotRequired[int]
    """Days before the first payment."""


class PlanInForce(TypedDict):
    """The plan that holds."""

    ends_at: NotRequired[str | None]
    """The end of a trial, of the grace after a failed payment or of what is paid, RFC 3339."""
    features: list[Feature]
    id: str
    limits: PlanLimits
    read_only: bool
    """Nothing is added while the plan is paused."""
    state: SubscriptionState
    title: str


class PlanList(TypedDict):
    """Plans that can be had."""

    currency: str
    """ISO 4217, lower case; amounts are in millionths of it."""
    plans: list[Plan]
    self_service: bool
    """Whether people pay by themselves; otherwise the operator is asked."""


Problem = TypedDict(
    'Problem',
    {
        'code': str,
        'detail': str,
        'quota': NotRequired[Quota | None],
        'request_id': NotRequired[str | None],
        'retryable': bool,
        'status': int,
        'title': str,
        'type': str,
        'violated-policies': NotRequired[list[str]],
    },
)


class RelatedMemory(Memory):
    """A memory that belongs to another one."""

    linked: bool
    """True when somebody linked the two, false when they are alike."""


class ReviewEntry(TypedDict):
    """A memory that a person should look at."""

    kinds: list[str]
    """Why it is here: `held`, `inferred`, `flagged`, `alike`, `contradicts`."""
    memory: Memory
    other: NotRequired[Memory | None]
    why: str
    """The same in words, after "it stands here because"."""


class ReviewOut(TypedDict):
    """Part of the queue, newest first."""

    counts: dict[str, int]
    """The same by kind; one memory may be of several."""
    items: list[ReviewEntry]
    next_cursor: NotRequired[str | None]
    """Send it as `cursor` for the next part; null at the end."""
    total: int
    """How many memories wait."""


class SearchOut(TypedDict):
    """The answer to a search."""

    degraded: bool
    """True when only words could be searched, since embeddings are not to be had now."""
    left_out: dict[str, int]
    """How many memories were left out, by reason."""
    nearest: NotRequired[list[HitOut]]
    """Where it was asked for: what would have come next but for its score."""
    reason: NotRequired[str | None]
    """Why there are fewer results than asked for: `nothing_relevant`, `less_relevant`, `empty_tenant`, `filtered`, `paused`, …"""
    results: list[HitOut]
    """Best first."""


class SignedInOut(TokensOut):
    """Who signed in, with their tokens."""

    email: NotRequired[str | None]
    user_id: str


class Subscription(TypedDict):
    """Which plan the account has, and how it stands."""

    ends_at: NotRequired[str | None]
    """The end of a trial, of the grace or of what is paid, RFC 3339."""
    overrides: dict[str, Any]
    """Limits that the operator has set for this account alone."""
    plan: str
    provider: str
    """Who takes the money: `manual`, `stripe`."""
    renews_at: NotRequired[str | None]
    """When the next payment is due, RFC 3339."""
    state: SubscriptionState


class UsageReport(TypedDict):
    """What the account uses this month."""

    cost: MonthCost
    """What the month has cost so far."""
    days: list[DayUse]
    """Each day so far, by meter, app, key and model."""
    meters: list[MeterUse]
    """What is counted by the month."""
    month: str
    """The calendar month in UTC, as `2026-11`."""
    plan: PlanInForce
    resets_at: str
    """When the month's amounts are free again, RFC 3339."""
    stored: StoredUse


class WebhookDeliveries(TypedDict):
    """Part of what it was told."""

    deliveries: list[WebhookDelivery]
    """Newest first; kept for 30 days."""
    next_cursor: NotRequired[str | None]


class AccountMoney(TypedDict):
    """What the operator sees of an account's money."""

    invoices: list[Invoice]
    subscription: Subscription


class AlikeOut(TypedDict):
    """Memories that tell the same fact."""

    items: list[Memory]
    """Newest first; this one is left out."""


class AppMemories(TypedDict):
    """Part of what an app wrote."""

    memories: list[Memory]
    """Newest first."""
    page: int
    page_size: int
    total: int


class AppMemory(TypedDict):
    """A memory that an app read, and how often."""

    access_count: int
    """How often it was returned to the app."""
    memory: Memory
    """The memory."""


class BatchIn(TypedDict):
    """Memories to store."""

    app: NotRequired[str | None]
    """The app to store those for that name none; the credential's when absent. Also taken as `app_name`."""
    force: NotRequired[bool]
    """A person's own word: the write gate holds none of them back."""
    infer: NotRequired[bool | None]
    """Taken for compatibility: texts are stored verbatim."""
    memories: list[MemoryIn]
    """Up to 1,000, each as for storing one."""


class BatchOut(TypedDict):
    """The answer to a batch, in the order of what was sent."""

    results: list[ItemOut]


class Checkout(TypedDict):
    """What came of it."""

    outcome: str
    """`done`; `pay`: it holds once it is paid at `url`; `asked`: the operator was told."""
    subscription: NotRequired[Subscription | None]
    url: NotRequired[str | None]


class CreatedOut3(Memory, CreatedOut2):
    """A memory just stored: what happened, and the whole row where the caller may read it."""


CreatedOut: TypeAlias = CreatedOut3 | CreatedOut4
"""A memory just stored: what happened, and the whole row where the caller may read it."""


CreatedRow: TypeAlias = Memory | CreatedRow1
"""The row of [`CreatedOut`]."""


class FadingOut(TypedDict):
    """A memory that has lost strength by not being used."""

    effective_strength: float
    """What is left of it, 0 to 1; never below 0.1 unless feedback has brought it there."""
    memory: Memory
    strength: float
    """What it would be without time, use counted, 0 to 1."""


class Related(TypedDict):
    """Memories that belong to another one, as a page that is never followed by a second."""

    items: list[RelatedMemory]
    """Those that are linked with it, the newest link first; then those that are like it, most alike first."""
    page: int
    pages: int
    results: list[HitOut]
    """Those that are like it, with their scores."""
    size: int
    total: int


class AppAccessed(TypedDict):
    """Part of what an app read."""

    memories: list[AppMemory]
    """Most read first."""
    page: int
    page_size: int
    total: int


class FadingList(TypedDict):
    """What fades."""

    decay: bool
    """Whether the account's memories fade. While they do not, this is what would happen."""
    fading: list[FadingOut]
    """What has lost most first."""
