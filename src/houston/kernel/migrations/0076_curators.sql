-- Why WhatsApp will never carry a notice to its curator, such as a number that is not there: from then on only routes are left.

alter table notices add column refused text;
