-- Hourly totals. Whole transactions only, and only below the oldest one still running, so that
-- every entry is added once, however many writers there are.
CREATE FUNCTION ledger_roll_up() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public
AS $$
DECLARE
    v_from bigint;
    v_until bigint;
    v_entries bigint;
BEGIN
    SELECT until_xact INTO v_from FROM wallet_totalsmark WHERE id = 1 FOR UPDATE;
    v_until := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    WITH fresh AS (
        SELECT channel_id, currency, date_trunc('hour', occurred_at, 'UTC') AS hour, kind,
               count(*) AS entries, sum(amount) AS amount
          FROM wallet_ledgerentry
         WHERE xact >= v_from AND xact < v_until AND outcome = 'applied'
         GROUP BY 1, 2, 3, 4
    ), added AS (
        INSERT INTO wallet_hourlytotal AS t (channel_id, currency, hour, kind, entries, amount)
        SELECT channel_id, currency, hour, kind, entries, amount FROM fresh
        ON CONFLICT (channel_id, hour, currency, kind) DO UPDATE
           SET entries = t.entries + EXCLUDED.entries, amount = t.amount + EXCLUDED.amount
    )
    SELECT coalesce(sum(entries), 0) INTO v_entries FROM fresh;
    UPDATE wallet_totalsmark SET until_xact = v_until, rolled_at = clock_timestamp() WHERE id = 1;
    RETURN v_entries;
END $$;
