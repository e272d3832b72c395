-- eBET's tableType of an entry, or NULL. Some games write it as text.
CREATE FUNCTION ledger_game(detail jsonb) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN detail ->> 'tableType' ~ '^-?[0-9]{1,9}(\.0+)?$'
                THEN (detail ->> 'tableType')::numeric::integer END
$$;

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
    WITH fresh AS MATERIALIZED (
        SELECT e.channel_id, p.sub_channel_id, p.agent_id, e.player_id, e.currency,
               date_trunc('hour', e.occurred_at, 'UTC') AS hour, e.kind,
               coalesce(r.kind, '') AS reversed_kind,
               coalesce(ledger_game(r.detail), ledger_game(e.detail)) AS game,
               count(*) AS entries, sum(e.amount) AS amount,
               min(e.posted_at) AS first_posted_at, max(e.posted_at) AS last_posted_at
          FROM wallet_ledgerentry e
          JOIN wallet_player p ON p.id = e.player_id
          LEFT JOIN wallet_ledgerentry r ON r.id = e.reverses_id
         WHERE e.xact >= v_from AND e.xact < v_until AND e.outcome = 'applied'
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
    ), added AS (
        INSERT INTO wallet_hourlytotal AS t (
            channel_id, sub_channel_id, agent_id, game, currency, hour, kind, reversed_kind,
            entries, amount, first_posted_at, last_posted_at)
        SELECT channel_id, sub_channel_id, agent_id, game, currency, hour, kind, reversed_kind,
               sum(entries), sum(amount), min(first_posted_at), max(last_posted_at)
          FROM fresh GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        ON CONFLICT (channel_id, hour, currency, kind, reversed_kind, game, sub_channel_id, agent_id)
        DO UPDATE SET
            entries = t.entries + EXCLUDED.entries, amount = t.amount + EXCLUDED.amount,
            first_posted_at = least(t.first_posted_at, EXCLUDED.first_posted_at),
            last_posted_at = greatest(t.last_posted_at, EXCLUDED.last_posted_at)
    ), active AS (
        INSERT INTO wallet_activeplayer (
            channel_id, sub_channel_id, agent_id, game, currency, hour, player_id)
        SELECT DISTINCT channel_id, sub_channel_id, agent_id, game, currency, hour, player_id
          FROM fresh WHERE kind IN ('bet', 'fee')
        ON CONFLICT DO NOTHING
    )
    SELECT coalesce(sum(entries), 0) INTO v_entries FROM fresh;
    UPDATE wallet_totalsmark SET until_xact = v_until, rolled_at = clock_timestamp() WHERE id = 1;
    RETURN v_entries;
END $$;

CREATE VIEW wallet_reportline AS
    SELECT id, channel_id, sub_channel_id, agent_id, game, currency, hour, kind, reversed_kind,
           entries, amount, first_posted_at, last_posted_at, NULL::bigint AS player_id
      FROM wallet_hourlytotal
    UNION ALL
    SELECT -id, channel_id, sub_channel_id, agent_id, game, currency, hour, '', '',
           0, 0, NULL, NULL, player_id
      FROM wallet_activeplayer;
