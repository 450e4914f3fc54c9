-- Many endpoints for an account: named, signed with secrets that lie sealed, for chosen facts and channels; and facts
-- that somebody wants to have told again.

alter table endpoints
    alter column kinds drop not null,
    add column name text not null default '',
    add column channels uuid[],
    add column sealed bytea[] not null default '{}',
    add column older_until timestamptz;

-- Which facts a POST told, as their ids in the feed.
alter table attempts
    add column first_event text,
    add column last_event text;
alter table dead_letters
    add column first_event text,
    add column last_event text;

-- Facts from behind `reached` up to `until` are told again to one endpoint. A row is gone when all of it is done.
create table replays (
    id bigint generated always as identity primary key,
    endpoint_id uuid not null references endpoints on delete cascade,
    reached text not null,
    until text not null,
    asked_at timestamptz not null
);
create index on replays (endpoint_id, id);
