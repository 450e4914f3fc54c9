-- What stands on these messages; and what was last asked of the channel's own reaction to each, if that is not
-- done, and no later one of the channel stands.
with looked_at as (
    select * from unnest($1::uuid[], $2::text[]) as l (chat_id, wire_id)
),
asked as (
    select distinct on (m.chat_id, m.body ->> 'target_wire_id')
        m.chat_id, m.body ->> 'target_wire_id' as wire_id, m.author_name, m.body ->> 'text' as emoji, m.created_at,
        m.status, m.error_code, m.error_text
    from messages m
    where m.kind = 3 and m.chat_id = any($1) and m.status <> 5
    order by m.chat_id, m.body ->> 'target_wire_id', m.seq desc
)
select
    r.chat_id, r.wire_id, r.author, r.author_name, r.emoji, r.at, null::smallint as status, null as error_code,
    null as error_text
from looked_at
join reactions r using (chat_id, wire_id)
where r.emoji is not null
union all
select
    a.chat_id, a.wire_id, '', nullif(a.author_name, ''), a.emoji, a.created_at, a.status, a.error_code, a.error_text
from looked_at
join asked a using (chat_id, wire_id)
where a.status in (0, 1, 4)
    and not exists (
        select from reactions r
        where r.chat_id = a.chat_id and r.wire_id = a.wire_id and r.author = '' and r.at > a.created_at
            and a.status = 4
    )
order by at, author
