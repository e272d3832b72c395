-- Reversal by reference: once, in full, and remembered when the original is not here yet.

-- The answer to a reversal whose key is already in the ledger.
CREATE FUNCTION ledger_reverse_repeat(
    w wallet_wallet, e wallet_ledgerentry, p_targets text[], p_target_reference text,
    p_expected numeric
) RETURNS ledger_answer LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF EXISTS (
        SELECT FROM wallet_ledgerentry t
         WHERE t.id = e.reverses_id AND t.reference = p_target_reference
           AND t.source = ANY (p_targets) AND t.player_id = w.player_id
           AND t.requested = coalesce(p_expected, t.requested)
    ) THEN
        RETURN (e.id, 'replay', e.code, e.balance_after - e.amount, e.balance_after,
                e.sequence, e.posted_at)::ledger_answer;
    END IF;
    RETURN (e.id, 'conflict', 'conflict', w.balance, w.balance, NULL, NULL)::ledger_answer;
END $$;

CREATE FUNCTION ledger_reverse(
    p_wallet bigint,                -- the player's wallet for a tombstone; the original names its own
    p_targets text[],               -- sources under which the original may stand, most likely first
    p_target_reference text,
    p_target_kind text,             -- what a tombstone stands for
    p_kind text,                    -- refund or reversal
    p_source text,
    p_reference text,
    p_expected numeric DEFAULT NULL,        -- the original's amount, as the caller believes it
    p_unless_settled boolean DEFAULT false,
    p_round text DEFAULT '',
    p_actor integer DEFAULT NULL,
    p_reason text DEFAULT '',
    p_detail jsonb DEFAULT NULL,
    p_occurred_at timestamptz DEFAULT NULL
) RETURNS ledger_answer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public
SET lock_timeout = '1100ms'
AS $$
DECLARE
    w wallet_wallet;
    t wallet_ledgerentry;
    e wallet_ledgerentry;
    v_kind text := p_kind;
    v_code text := '';
    v_wallet bigint;
    v_found boolean;
BEGIN
    SELECT * INTO w FROM wallet_wallet WHERE id = p_wallet;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no wallet %', p_wallet
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_unknown_wallet';
    END IF;
    -- Unlocked, only to learn which of the player's wallets to lock.
    SELECT wallet_id INTO v_wallet FROM wallet_ledgerentry
     WHERE channel_id = w.channel_id AND reference = p_target_reference AND source = ANY (p_targets)
       AND player_id = w.player_id
     ORDER BY array_position(p_targets, source::text) LIMIT 1;
    SELECT * INTO w FROM wallet_wallet WHERE id = coalesce(v_wallet, p_wallet) FOR NO KEY UPDATE;

    SELECT * INTO e FROM wallet_ledgerentry
     WHERE channel_id = w.channel_id AND reference = p_reference AND source = p_source;
    IF FOUND THEN
        RETURN ledger_reverse_repeat(w, e, p_targets, p_target_reference, p_expected);
    END IF;

    SELECT * INTO t FROM wallet_ledgerentry
     WHERE channel_id = w.channel_id AND reference = p_target_reference AND source = ANY (p_targets)
     ORDER BY array_position(p_targets, source::text) LIMIT 1;
    v_found := FOUND;
    IF NOT v_found THEN
        INSERT INTO wallet_ledgerentry AS x (
            channel_id, player_id, wallet_id, house_account_id, kind, outcome, code, requested,
            amount, currency, balance_after, sequence, source, reference, round_code, actor_id,
            reason, detail, occurred_at, posted_at
        ) SELECT
            w.channel_id, w.player_id, w.id, ledger_house_account(w.channel_id, w.currency, r.contra),
            p_target_kind, 'tombstone', 'cancelled', coalesce(p_expected, 0), 0, w.currency,
            w.balance, w.version + 1, p_targets[1], p_target_reference, p_round, p_actor,
            p_reason, p_detail, coalesce(p_occurred_at, clock_timestamp()), clock_timestamp()
          FROM wallet_entryrule r WHERE r.kind = p_target_kind
        ON CONFLICT (channel_id, reference, source) DO NOTHING
        RETURNING * INTO e;
        IF FOUND THEN
            RETURN (e.id, 'refused', 'unknown_reference', w.balance, w.balance, e.sequence,
                    e.posted_at)::ledger_answer;
        END IF;
        -- The original arrived meanwhile under another wallet of the player.
        SELECT * INTO t FROM wallet_ledgerentry
         WHERE channel_id = w.channel_id AND reference = p_target_reference AND source = p_targets[1];
    END IF;
    IF t.player_id = w.player_id AND t.wallet_id <> w.id THEN
        SELECT * INTO w FROM wallet_wallet WHERE id = t.wallet_id FOR NO KEY UPDATE;
        SELECT * INTO e FROM wallet_ledgerentry
         WHERE channel_id = w.channel_id AND reference = p_reference AND source = p_source;
        IF FOUND THEN
            RETURN ledger_reverse_repeat(w, e, p_targets, p_target_reference, p_expected);
        END IF;
    END IF;

    v_code := CASE
        WHEN t.player_id <> w.player_id OR t.outcome = 'tombstone' THEN 'unknown_reference'
        WHEN t.outcome = 'refused' THEN 'target_refused'
        WHEN t.kind IN ('release', 'refund', 'reversal', 'transfer_out', 'transfer_in')
             OR p_kind = 'refund' AND t.requested > 0 THEN 'not_reversible'
        WHEN EXISTS (SELECT FROM wallet_ledgerentry x WHERE x.reverses_id = t.id) THEN 'already_reversed'
        WHEN t.requested <> coalesce(p_expected, t.requested) THEN 'amount_differs'
        WHEN t.kind = 'hold' AND NOT EXISTS (
            SELECT FROM wallet_hold h WHERE h.entry_id = t.id AND h.remaining = h.amount
        ) THEN 'already_reversed'
        WHEN p_unless_settled AND t.round_code <> '' AND EXISTS (
            SELECT FROM wallet_ledgerentry x
             WHERE x.channel_id = t.channel_id AND x.round_code = t.round_code AND x.round_code <> ''
               AND x.player_id = t.player_id AND x.kind = 'payout' AND x.outcome = 'applied'
               AND (x.wallet_id <> t.wallet_id OR x.sequence > t.sequence)
        ) AND NOT EXISTS (SELECT FROM wallet_failedstake f WHERE f.stake_id = t.id) THEN 'settled'
        ELSE ''
    END;
    IF v_code <> '' THEN
        RETURN (NULL, 'refused', v_code, w.balance, w.balance, NULL, NULL)::ledger_answer;
    END IF;

    IF t.kind = 'hold' THEN
        v_kind := 'release';
    END IF;
    INSERT INTO wallet_ledgerentry AS x (
        channel_id, player_id, wallet_id, house_account_id, kind, outcome, code, requested, amount,
        currency, balance_after, sequence, source, reference, round_code, reverses_id, actor_id,
        reason, detail, occurred_at, posted_at
    ) VALUES (
        w.channel_id, w.player_id, w.id, t.house_account_id, v_kind, 'applied', '', -t.amount,
        -t.amount, w.currency, w.balance - t.amount, w.version + 1, p_source, p_reference,
        t.round_code, t.id, p_actor, p_reason, p_detail,
        coalesce(p_occurred_at, clock_timestamp()), clock_timestamp()
    )
    ON CONFLICT (channel_id, reference, source) DO NOTHING
    RETURNING * INTO e;
    IF NOT FOUND THEN
        -- Another wallet's request took the key while this one was being decided.
        SELECT * INTO e FROM wallet_ledgerentry
         WHERE channel_id = w.channel_id AND reference = p_reference AND source = p_source;
        RETURN ledger_reverse_repeat(w, e, p_targets, p_target_reference, p_expected);
    END IF;
    IF t.kind = 'hold' THEN
        PERFORM ledger_return_holds(e.id, w, e.amount, ARRAY[t.reference::text], '{}');
    END IF;
    RETURN (e.id, 'applied', '', w.balance, e.balance_after, e.sequence, e.posted_at)::ledger_answer;
END $$;
