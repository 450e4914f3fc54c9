-- One row per running server process. A node that stops renewing loses what it holds.

create table nodes (
    id bigint generated always as identity primary key,
    host text not null,
    pid integer not null,
    process_started text not null,
    started_at timestamptz not null,
    expires_at timestamptz not null
);

-- What other slices may ask: is the owner of a thing alive?
create view live_nodes as select id from nodes where expires_at > now();
