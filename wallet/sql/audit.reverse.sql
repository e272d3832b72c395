DROP FUNCTION audit_table;
DROP FUNCTION audit_change CASCADE;
DROP TRIGGER immutable_truncate ON wallet_auditevent;
DROP TRIGGER immutable ON wallet_auditevent;
