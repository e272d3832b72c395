DROP FUNCTION forget_logins(timestamptz, integer);
DROP TRIGGER kept ON wallet_stafflogin;
DROP TRIGGER immutable ON wallet_stafflogin;
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON wallet_stafflogin
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
