-- What went wrong with a connection, as a code that has words for people; and what is done can be found by its age.

alter table crm_connections add column fault text;
create index on crm_hooks (received_at) where not open;
create index on crm_errands (created_at) where not open;
