"""Files in the hands of simulated people, over the control that every other side has."""

from typing import Any

import httpx


async def say_file(
    http: httpx.AsyncClient,
    person: str,
    to: str,
    body: bytes,
    mime: str,
    name: str | None = None,
    text: str | None = None,
) -> str:
    """A person sends a file; the message's id."""
    kept = await http.post(
        "/media",
        content=body,
        params={} if name is None else {"name": name},
        headers={"content-type": mime},
    )
    uri = kept.raise_for_status().json()["content_uri"]
    said = await http.post(
        f"/people/{person}/say", json={"to": to, "text": text, "content_uri": uri}
    )
    return str(said.raise_for_status().json()["id"])


async def seen_file(http: httpx.AsyncClient, arrival: dict[str, Any]) -> bytes:
    """The file that reached a person."""
    return (await http.get(arrival["content_uri"])).raise_for_status().content


async def fail_hosts(http: httpx.AsyncClient, status: int | None) -> None:
    """Files can be neither had nor handed in on the other side."""
    (await http.post("/media-hosts", json={"status": status})).raise_for_status()
