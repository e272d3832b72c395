-- Who changed what, when and from where, written by the database so that nothing goes round it:
-- the admin, a bulk update, a command or SQL typed by hand.

-- Arguments: the primary key's column; columns whose content stays out (their change is shown);
-- columns whose change is no news. Lists are comma-separated.
CREATE FUNCTION audit_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public
AS $$
DECLARE
    v_old jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) ELSE '{}' END;
    v_new jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) ELSE '{}' END;
    v_row jsonb := v_old || v_new;
    v_secret text[] := string_to_array(TG_ARGV[1], ',');
    v_before jsonb;
    v_after jsonb;
BEGIN
    SELECT jsonb_object_agg(key, CASE WHEN key = ANY (v_secret) AND value NOT IN ('""', 'null')
                                      THEN '"•••"' ELSE value END)
      INTO v_before FROM jsonb_each(v_old - string_to_array(TG_ARGV[2], ','))
     WHERE TG_OP = 'DELETE' OR value IS DISTINCT FROM v_new -> key;
    SELECT jsonb_object_agg(key, CASE WHEN key = ANY (v_secret) AND value NOT IN ('""', 'null')
                                      THEN '"•••"' ELSE value END)
      INTO v_after FROM jsonb_each(v_new - string_to_array(TG_ARGV[2], ','))
     WHERE TG_OP = 'INSERT' OR value IS DISTINCT FROM v_old -> key;
    IF v_before IS NULL AND v_after IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO wallet_auditevent (
        at, actor_id, database_role, address, path, action, relation, object_id, channel_number,
        before, after
    ) VALUES (
        clock_timestamp(),
        nullif(current_setting('backoffice.actor', true), '')::integer,
        session_user,
        nullif(current_setting('backoffice.address', true), '')::inet,
        coalesce(current_setting('backoffice.path', true), ''),
        lower(TG_OP), TG_TABLE_NAME, v_row ->> TG_ARGV[0],
        CASE TG_TABLE_NAME WHEN 'wallet_channel' THEN v_row ->> 'id' ELSE v_row ->> 'channel_id' END
            ::integer,
        v_before, v_after
    );
    RETURN NULL;
END $$;

-- Watch a table from now on.
CREATE FUNCTION audit_table(
    p_table text, p_secret text DEFAULT '', p_quiet text DEFAULT '', p_key text DEFAULT 'id'
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON %I'
        ' FOR EACH ROW EXECUTE FUNCTION audit_change(%L, %L, %L)', p_table, p_key, p_secret, p_quiet);
END $$;

CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON wallet_auditevent
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER immutable_truncate BEFORE TRUNCATE ON wallet_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

SELECT audit_table('wallet_channel');
SELECT audit_table('wallet_channelkey', 'private_pem');
SELECT audit_table('wallet_subchannel');
SELECT audit_table('wallet_agent', 'api_password');
SELECT audit_table('wallet_player', 'password', 'last_login_at');
SELECT audit_table('wallet_wallettype', '', '', 'type_id');
SELECT audit_table('wallet_adjustment');
SELECT audit_table('wallet_adjustmentdecision');
SELECT audit_table('wallet_approvallimit');
SELECT audit_table('wallet_staffscope');
SELECT audit_table('auth_user', 'password', 'last_login');
SELECT audit_table('auth_user_groups');
SELECT audit_table('auth_user_user_permissions');
SELECT audit_table('auth_group');
SELECT audit_table('auth_group_permissions');
