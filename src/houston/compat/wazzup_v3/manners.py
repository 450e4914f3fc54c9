"""How the dialect behaves where its clients disagree."""

from dataclasses import dataclass
from typing import Any

from litestar import Response

from houston.kernel.clock import Clock
from houston.kernel.vault import Vault
from houston.kernel.wake import Wakes
from houston.people.keyring import Keyring
from houston.webhooks.postman import Postman


@dataclass(frozen=True, slots=True)
class Manners:
    """What the settings of this server chose, its clock, bell and keys, and who tries addresses."""

    clock: Clock
    wakes: Wakes
    ok_as_json: bool
    postman: Postman
    vault: Vault
    public_url: str | None
    """Under which others reach this server; without it, the address that was asked."""
    customers: bool
    """Whether accounts make accounts for customers of their own."""
    keyring: Keyring

    def ok(self) -> Response[Any]:
        """The two bytes that clients wait for; a setting makes it JSON for those that insist on that."""
        if self.ok_as_json:
            return Response({"ok": True}, status_code=200)
        return Response("OK", status_code=200, media_type="text/plain")
