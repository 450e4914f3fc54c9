-- As of which looking anew (`crm_connections.anew`) an errand was put off. Once its CRM is looked at anew, that
-- holds no more: what waited for a line to be attached goes out when it is.

alter table crm_errands add column anew integer;
