-- When a CRM was last asked what was missed although nothing seemed wrong, whatever came of it.

alter table crm_connections add column looked_at timestamptz;
