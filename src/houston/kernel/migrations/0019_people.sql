-- Who is to hear of statuses: operators in their chats, or the curators in their stead (law C5).

alter table accounts add column status_notices text not null default 'operators'
    check (status_notices in ('operators', 'curators'));

-- Channels whose statuses are told to curators alone. Where no curator would be told, operators are.
create view channels_told_to_curators as
    select g.id
    from channel_gate g join accounts a on a.id = g.account_id
    where a.status_notices = 'curators'
        and exists (
            select from curators c
            where c.account_id = g.account_id
                and 'statuses' = any(c.wants)
                and (c.channels is null or g.id = any(c.channels))
        );
