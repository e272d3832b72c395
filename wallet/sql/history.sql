-- Who tried to sign in may be forgotten after ninety days, never earlier, and only by the function
-- below: the application's role cannot delete these rows.

DROP TRIGGER immutable ON wallet_stafflogin;
CREATE TRIGGER immutable BEFORE UPDATE ON wallet_stafflogin
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER kept BEFORE DELETE ON wallet_stafflogin
    FOR EACH ROW WHEN (OLD.at >= now() - interval '90 days')
    EXECUTE FUNCTION ledger_refuse_change();

-- Deletes at most so many sign-ins of staff and logins of players from before the moment.
CREATE FUNCTION forget_logins(p_before timestamptz, p_most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public
AS $$
DECLARE
    v_before timestamptz := least(p_before, now() - interval '90 days');
    v_staff bigint;
    v_players bigint;
BEGIN
    DELETE FROM wallet_stafflogin WHERE id IN (
        SELECT id FROM wallet_stafflogin WHERE at < v_before ORDER BY at, id LIMIT p_most);
    GET DIAGNOSTICS v_staff = ROW_COUNT;
    DELETE FROM wallet_loginevent WHERE id IN (
        SELECT e.id FROM wallet_channel c
         CROSS JOIN LATERAL (
               SELECT id FROM wallet_loginevent
                WHERE channel_id = c.id AND at < v_before ORDER BY at LIMIT p_most) e
         LIMIT p_most - v_staff);
    GET DIAGNOSTICS v_players = ROW_COUNT;
    RETURN v_staff + v_players;
END $$;
