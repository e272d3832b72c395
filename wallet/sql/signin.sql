-- Who may sign in from where and with what is audited; attempts to sign in stay as they were.

SELECT audit_table('wallet_staffnetwork');
SELECT audit_table('wallet_secondfactor', 'secret,recovery', 'last_step');

CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON wallet_stafflogin
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER immutable_truncate BEFORE TRUNCATE ON wallet_stafflogin
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
