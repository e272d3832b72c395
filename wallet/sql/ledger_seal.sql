-- Seals: SHA-256 over closed blocks of entries, each chained to the seal before it.

-- An entry as the seal sees it. The column order is part of the format.
CREATE FUNCTION ledger_entry_bytes(e wallet_ledgerentry) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT record_send(ROW(
        e.id, e.channel_id, e.player_id, e.wallet_id, e.house_account_id, e.kind, e.outcome, e.code,
        e.requested, e.amount, e.currency, e.balance_after, e.sequence, e.source, e.reference,
        e.round_code, e.reverses_id, e.actor_id, e.reason, e.detail::text, e.occurred_at,
        e.posted_at, e.xact
    ))
$$;

CREATE FUNCTION ledger_block_digest(p_from bigint, p_until bigint, p_previous bytea) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256(p_previous || string_agg(ledger_entry_bytes(e), ''::bytea ORDER BY e.xact, e.id))
      FROM wallet_ledgerentry e WHERE e.xact >= p_from AND e.xact < p_until
$$;

-- Seal the next block of about p_size entries and return how many it holds; 0 when there is
-- nothing to seal. Whole transactions only, and only below the oldest one still running: nothing
-- can be added to a block behind its seal.
CREATE FUNCTION ledger_seal(p_size integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public
AS $$
DECLARE
    v_horizon bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    v_last wallet_seal;
    v_from bigint;
    v_span bigint;
    v_until bigint;
    v_count integer;
BEGIN
    PERFORM pg_advisory_xact_lock('wallet_seal'::regclass::bigint);
    SELECT * INTO v_last FROM wallet_seal ORDER BY id DESC LIMIT 1;
    v_from := coalesce(v_last.until_xact, 0);
    -- As many transactions as the last block took; a batch may hold thousands of entries in one.
    v_span := greatest(1, coalesce(
        (v_last.until_xact - v_last.from_xact) * p_size / v_last.entries, p_size));
    -- Widen the window until it holds a block: the index knows ranges of transactions, not counts.
    LOOP
        v_until := least(v_from + v_span, v_horizon);
        SELECT count(*) INTO v_count FROM wallet_ledgerentry WHERE xact >= v_from AND xact < v_until;
        EXIT WHEN v_count >= p_size OR v_until >= v_horizon;
        v_span := v_span * 4;
    END LOOP;
    IF v_count > p_size THEN
        SELECT xact + 1 INTO v_until FROM wallet_ledgerentry WHERE xact >= v_from AND xact < v_until
         ORDER BY xact OFFSET p_size - 1 LIMIT 1;
        SELECT count(*) INTO v_count FROM wallet_ledgerentry WHERE xact >= v_from AND xact < v_until;
    END IF;
    IF v_count = 0 THEN
        RETURN 0;
    END IF;
    INSERT INTO wallet_seal (id, entries, from_xact, until_xact, digest, sealed_at)
    VALUES (
        coalesce(v_last.id, 0) + 1, v_count, v_from, v_until,
        ledger_block_digest(v_from, v_until, coalesce(v_last.digest, ''::bytea)), clock_timestamp()
    );
    RETURN v_count;
END $$;

-- Whether a seal still matches its entries and its predecessor.
CREATE FUNCTION ledger_seal_holds(p_seal bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT s.digest = ledger_block_digest(s.from_xact, s.until_xact, coalesce(p.digest, ''::bytea))
           AND s.from_xact = coalesce(p.until_xact, 0)
           AND (p.id IS NOT NULL OR s.id = 1)
      FROM wallet_seal s LEFT JOIN wallet_seal p ON p.id = s.id - 1
     WHERE s.id = p_seal
$$;
