"""A program with one unmodified neonize client in it: orders as JSON lines come in, events go out.

It is started by `tools.fake_whatsapp.trusted`. Lines go out on a descriptor of their own, because the
library prints to stdout.
"""

import asyncio
import json
import os
import sys
import threading
from typing import Any

from neonize.aioze import events as kinds
from neonize.aioze.client import NewAClient
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import (
    Message,
    MessageContextInfo,
)
from neonize.utils import build_jid
from neonize.utils.enum import MediaType, ReceiptType

_OUT = os.fdopen(int(os.environ["OUT_FD"]), "w", buffering=1)
_LOCK = threading.Lock()


def emit(event: str, **more: Any) -> None:
    with _LOCK:
        _OUT.write(json.dumps({"event": event, **more}, default=str) + "\n")


async def run(store: str) -> None:
    client = NewAClient(store)
    for name in kinds.__all__:
        kind = getattr(kinds, name)
        if name.endswith("Ev") and kind in kinds.EVENT_TO_INT:
            client.event(kind)(lambda _, event, name=name: _tell(client, name, event))
    client.qr(_tell_qr)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tasks = set()
    while line := await reader.readline():
        task = asyncio.create_task(_obey(client, json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    os._exit(0)


async def _tell_qr(_: NewAClient, data: bytes) -> None:
    emit("Qr", code=data.decode())


async def _tell(client: NewAClient, name: str, event: Any) -> None:
    if name == "MessageEv":
        source = event.Info.MessageSource
        message = event.Message
        if message.HasField("protocolMessage"):
            part = message.protocolMessage
            emit("Protocol", kind=part.type, target=part.key.ID, text=_text(part.editedMessage))
            return
        emit(
            "Message",
            id=event.Info.ID,
            chat=source.Chat.User + "@" + source.Chat.Server,
            sender=source.Sender.User,
            mine=source.IsFromMe,
            text=_text(message),
            quoted=message.extendedTextMessage.contextInfo.stanzaID,
            file=await _file(client, message),
        )
    elif name == "ReceiptEv":
        emit("Receipt", ids=list(event.MessageIDs), kind=str(event.Type))
    elif name == "HistorySyncEv":
        texts = [
            one.message.message.conversation
            for talk in event.Data.conversations
            for one in talk.messages
        ]
        emit("HistorySync", texts=texts)
    else:
        emit(name.removesuffix("Ev"), told=str(event).replace("\n", " ")[:300])


def _text(message: Any) -> str:
    return (
        message.conversation
        or message.extendedTextMessage.text
        or message.imageMessage.caption
        or message.documentMessage.caption
    )


async def _file(client: NewAClient, message: Any) -> str | None:
    if not (message.HasField("imageMessage") or message.HasField("documentMessage")):
        return None
    return (await client.download_any(message)).decode("latin-1")


async def _obey(client: NewAClient, order: dict[str, Any]) -> None:
    try:
        answer = await _answer(client, order)
        emit("Answer", ref=order["ref"], **answer)
    except Exception as error:  # noqa: BLE001 - whatever the library raises is the answer
        emit("Answer", ref=order["ref"], error=str(error))


async def _answer(client: NewAClient, order: dict[str, Any]) -> dict[str, Any]:
    to = build_jid(order.get("to", "0"), order.get("server", "s.whatsapp.net"))
    match order["do"]:
        case "connect":
            task = await client.connect()
            task.add_done_callback(_note_end)
        case "pair":
            return {"code": await client.PairPhone(order["to"], True)}
        case "send":
            secret = MessageContextInfo(messageSecret=bytes.fromhex(order.get("secret", "")))
            message = Message(conversation=order["text"], messageContextInfo=secret)
            return {"id": (await client.send_message(to, message)).ID}
        case "send_document":
            sent = await client.send_document(
                to, order["bytes"].encode("latin-1"), order["text"], filename="f.bin"
            )
            return {"id": sent.ID}
        case "edit":
            changed = Message(conversation=order["text"])
            return {"id": (await client.edit_message(to, order["id"], changed)).ID}
        case "revoke":
            me = await client.get_me()
            return {"id": (await client.revoke_message(to, me.JID, order["id"])).ID}
        case "read":
            await client.mark_read(order["id"], chat=to, sender=to, receipt=ReceiptType.READ)
        case "upload":
            found = await client.upload(order["bytes"].encode("latin-1"), MediaType.MediaDocument)
            return {"path": found.DirectPath}
        case "disconnect":
            await client.disconnect()
        case "logout":
            await client.logout()
    return {}


def _note_end(task: "asyncio.Task[Any]") -> None:
    failed = None if task.cancelled() else task.exception()
    emit("ConnectEnded", error=None if failed is None else str(failed))


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1]))
