-- The next open messages of each channel, oldest first, passing over the chats that are busy or must wait.
select
    c.n, m.id, m.channel_id, m.chat_id, m.account_id, m.kind, m.body, m.wire_id, m.status, m.attempts, m.not_before,
    m.client_ref, ch.address, not ch.they_wrote as first_contact
from unnest($1::uuid[]) with ordinality as c (channel_id, n)
cross join lateral (
    select *
    from messages m
    where m.open
        and m.channel_id = c.channel_id
        and m.chat_id <> all (
            select b.chat_id from unnest($2::uuid[], $3::uuid[]) as b (channel_id, chat_id)
            where b.channel_id = c.channel_id
        )
    order by m.seq
    limit $4
) m
join chats ch on ch.id = m.chat_id
order by c.n, m.seq
