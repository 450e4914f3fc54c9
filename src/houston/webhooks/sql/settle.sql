-- Write down one try and what follows from it; nothing at all when the endpoint has changed hands meanwhile.
with settled as (
    update endpoints set
        era = $3, xid = $4::bigint::text::xid8, seq = $5,
        fails = $6, refusals = $7, first_failed_at = $8, retry_at = $9
    where id = $1 and fence = $2
    returning id
),
tried as (
    insert into attempts (
        endpoint_id, at, kind, items, answer_code, answer_start, error, took_ms, next_try_at, era, xid, seq,
        first_event, last_event
    )
    select id, $10, $11, $12, $13, $14, $15, $16, $9, $17, $18::bigint::text::xid8, $19, $22, $23
    from settled
),
buried as (
    insert into dead_letters (endpoint_id, at, body, error, first_event, last_event)
    select id, $10, $20::jsonb, $21, $22, $23
    from settled
    where $20::jsonb is not null
)
select id from settled
