-- How often somebody wanted a connection looked at anew. What was found out before that puts nothing off.

alter table crm_connections add column anew integer not null default 0;
