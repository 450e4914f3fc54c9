// One chat: who it is, what was said, what the channel's status means for it, and the place to write.
import { useMemo, useState } from "react";
import type { Chat, Message } from "../../api/client";
import { useChannel } from "../../api/queries";
import { useAccess } from "../../app/access";
import { ChatHead } from "./ChatHead";
import { Composer } from "./Composer";
import { nameOf } from "./DialogRow";
import { Log } from "./Log";
import { PresenceNote } from "./PresenceNote";
import { QuotingContext } from "./quoting";
import { SidePanel } from "./SidePanel";

export function ChatPane({ chat }: { chat: Chat }) {
  const channel = useChannel(chat.channel_id);
  const { isWindow } = useAccess();
  const [quoted, quote] = useState<Message | null>(null);
  const quoting = useMemo(() => ({ quoted, quote }), [quoted]);
  return (
    <QuotingContext.Provider value={quoting}>
      <section className="chat" aria-label={nameOf(chat)}>
        <ChatHead chat={chat} />
        <Log chat={chat} />
        <PresenceNote chat={chat.id} />
        {channel !== undefined && <Composer chat={chat} channel={channel} />}
      </section>
      {channel !== undefined && !isWindow && <SidePanel chat={chat} channel={channel} />}
    </QuotingContext.Provider>
  );
}
