-- Not only a channel may be in trouble: a connection to a CRM or a webhook as well, which this slice knows by id and name.

alter table incidents
    drop constraint incidents_pkey,
    alter column channel_id drop not null,
    add column integration_id uuid,
    add column name text not null default '',
    add column subject uuid generated always as (coalesce(channel_id, integration_id)) stored primary key,
    add unique (channel_id);
comment on column incidents.name is 'Of what is connected, as it was told last; a channel is asked for its own.';
