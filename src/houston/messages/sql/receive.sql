-- Store what came in, once (law I1), and count what nobody has answered yet.
with heard as (
    select *
    from unnest(
        $1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::jsonb[],
        $9::text[], $10::timestamptz[], $11::bool[]
    ) with ordinality as h (
        id, channel_id, chat_id, address, direction, author, author_name, body, wire_id, at, retrieved, n
    )
),
chatted as (
    insert into chats as c (id, account_id, channel_id, address, name, ours_first, they_wrote, last_at)
    select
        h.chat_id, g.account_id, h.channel_id, min(h.address), max(h.author_name) filter (where h.direction = 0),
        bool_and(h.direction = 1), bool_or(h.direction = 0), max(h.at)
    from heard h
    join channel_gate g on g.id = h.channel_id
    group by h.chat_id, g.account_id, h.channel_id
    order by h.chat_id
    on conflict (id) do update set
        name = coalesce(excluded.name, c.name),
        they_wrote = c.they_wrote or excluded.they_wrote,
        last_at = greatest(c.last_at, excluded.last_at)
),
stored as (
    insert into messages (
        id, account_id, channel_id, chat_id, direction, author, author_name, body, wire_id, open, status, retrieved,
        created_at, sent_at
    )
    select
        h.id, g.account_id, h.channel_id, h.chat_id, h.direction, h.author, h.author_name, h.body, h.wire_id, false,
        case when h.direction = 0 then 10 else 3 end, h.retrieved, h.at, h.at
    from heard h
    join channel_gate g on g.id = h.channel_id
    order by h.n
    on conflict do nothing
    returning id, account_id
)
select id, account_id from stored
