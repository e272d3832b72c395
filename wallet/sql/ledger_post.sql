-- Posting: lock the wallet, look the key up, decide, write. One call, one round trip.
-- Business outcomes are answers, never exceptions; exceptions mean that the caller is wrong.

CREATE TYPE ledger_answer AS (
    entry_id bigint,
    result text,            -- applied, replay, conflict, refused
    code text,              -- '' or why nothing moved
    balance_before numeric,
    balance_after numeric,
    sequence bigint,
    posted_at timestamptz
);

-- The answer to a request whose key is already in the ledger.
CREATE FUNCTION ledger_repeat(
    w wallet_wallet, e wallet_ledgerentry, p_kind text, p_amount numeric, p_round text
) RETURNS ledger_answer LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF e.outcome = 'tombstone' AND e.player_id = w.player_id THEN
        RETURN (e.id, 'refused', e.code, w.balance, w.balance, e.sequence, e.posted_at)::ledger_answer;
    ELSIF (e.player_id, e.currency, e.kind, e.requested)
          = (w.player_id, w.currency, p_kind, p_amount)
          AND (e.round_code = p_round OR p_kind = 'release' AND p_round = '') THEN
        RETURN (e.id, 'replay', e.code, e.balance_after - e.amount, e.balance_after,
                e.sequence, e.posted_at)::ledger_answer;
    END IF;
    RETURN (e.id, 'conflict', 'conflict', w.balance, w.balance, NULL, NULL)::ledger_answer;
END $$;

CREATE FUNCTION ledger_house_account(p_channel integer, p_currency text, p_role text)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_id bigint;
BEGIN
    SELECT id INTO v_id FROM wallet_houseaccount
     WHERE channel_id = p_channel AND currency = p_currency AND role = p_role;
    IF NOT FOUND THEN
        INSERT INTO wallet_houseaccount (channel_id, currency, role)
        VALUES (p_channel, p_currency, p_role) ON CONFLICT DO NOTHING;
        SELECT id INTO v_id FROM wallet_houseaccount
         WHERE channel_id = p_channel AND currency = p_currency AND role = p_role;
    END IF;
    RETURN v_id;
END $$;

-- Whether the round that a payout settles has a bet: 'live', 'refunded' or 'unknown'. A refund that
-- the payout itself calls for (p_excused) does not count against it.
CREATE FUNCTION ledger_stake_state(
    w wallet_wallet, p_round text, p_stakes text[], p_excused text[]
) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN bool_or(r.id IS NULL OR stake.reference = ANY (p_excused)) THEN 'live'
        WHEN count(*) > 0 THEN 'refunded'
        ELSE 'unknown'
    END
    FROM (
        SELECT id, reference FROM wallet_ledgerentry
         WHERE channel_id = w.channel_id AND round_code = p_round AND round_code <> ''
           AND player_id = w.player_id AND kind = 'bet' AND outcome = 'applied'
        UNION
        SELECT id, reference FROM wallet_ledgerentry
         WHERE channel_id = w.channel_id AND reference = ANY (p_stakes)
           AND player_id = w.player_id AND kind = 'bet' AND outcome = 'applied'
    ) stake
    LEFT JOIN wallet_ledgerentry r ON r.reverses_id = stake.id
$$;

CREATE FUNCTION ledger_post(
    p_wallet bigint,
    p_kind text,
    p_amount numeric,
    p_source text,
    p_reference text,
    p_round text DEFAULT '',
    p_needs_stake boolean DEFAULT false,    -- refuse a payout whose bet is not here
    p_stakes text[] DEFAULT '{}',           -- references of the bets that a payout settles
    p_failed text[] DEFAULT '{}',           -- those among them that the provider calls failed
    p_refuse_failed boolean DEFAULT false,  -- wait until the failed ones have been refunded
    p_holds text[] DEFAULT '{}',            -- references of the holds that a release returns
    p_actor integer DEFAULT NULL,
    p_reason text DEFAULT '',
    p_detail jsonb DEFAULT NULL,
    p_occurred_at timestamptz DEFAULT NULL,
    p_shares numeric[] DEFAULT '{}'         -- how much of each hold, where the caller says so
) RETURNS ledger_answer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public
SET lock_timeout = '1100ms'
AS $$
DECLARE
    w wallet_wallet;
    e wallet_ledgerentry;
    r wallet_entryrule;
    v_code text := '';
    v_outcome text := 'applied';
    v_amount numeric := p_amount;
    v_stored boolean := true;
    v_status text;
    v_house bigint;
    v_stake text;
    v_covered numeric;
    v_round text := p_round;
    v_id bigint;
    v_at timestamptz;
BEGIN
    SELECT * INTO w FROM wallet_wallet WHERE id = p_wallet FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no wallet %', p_wallet
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_unknown_wallet';
    END IF;

    -- After the lock, so that a copy that committed while this one waited is seen.
    PERFORM FROM wallet_ledgerentry WHERE channel_id = w.channel_id AND reference = p_reference;
    IF FOUND THEN
        -- A stake is also met by the tombstone that a refund left under another source of the
        -- same sender.
        SELECT * INTO e FROM wallet_ledgerentry
         WHERE channel_id = w.channel_id AND reference = p_reference
           AND (source = p_source
                OR p_amount < 0 AND outcome = 'tombstone' AND player_id = w.player_id
                   AND split_part(source, ':', 1) = split_part(p_source, ':', 1))
         ORDER BY source = p_source DESC LIMIT 1;
        IF FOUND THEN
            RETURN ledger_repeat(w, e, p_kind, p_amount, p_round);
        END IF;
    END IF;

    SELECT x.sign, x.forced, x.needs_active, x.contra, p.status, h.id
      INTO r.sign, r.forced, r.needs_active, r.contra, v_status, v_house
      FROM wallet_entryrule x
      JOIN wallet_player p ON p.id = w.player_id
      LEFT JOIN wallet_houseaccount h
             ON (h.channel_id, h.currency, h.role) = (w.channel_id, w.currency, x.contra)
     WHERE x.kind = p_kind;
    IF NOT FOUND OR p_kind IN ('refund', 'reversal') OR p_amount * r.sign < 0
       OR p_amount <> round(p_amount, 4) OR p_reference = '' THEN
        RAISE EXCEPTION 'a % of % under %/% cannot be posted', p_kind, p_amount, p_source, p_reference
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_rule',
                  HINT = 'Check the kind, the sign of the amount, its four decimals and the reference; '
                         'what takes another entry back goes through ledger_reverse.';
    END IF;

    -- Every condition costs its share of each posting: those of rare kinds stand behind one.
    IF r.needs_active AND v_status <> 'active' THEN
        v_code := 'player_inactive';
    ELSIF p_amount < 0 AND NOT r.forced AND w.balance + p_amount < 0 THEN
        v_code := 'insufficient_funds';
    ELSIF p_kind = 'release' THEN
        -- Without a round of its own it belongs to that of its holds.
        SELECT sum(h.remaining), CASE
                   WHEN p_round <> '' THEN p_round
                   WHEN min(x.round_code) = max(x.round_code) THEN min(x.round_code) ELSE '' END
          INTO v_covered, v_round
          FROM wallet_ledgerentry x JOIN wallet_hold h ON h.entry_id = x.id
         WHERE x.channel_id = w.channel_id AND x.reference = ANY (p_holds)
           AND x.wallet_id = w.id AND x.kind = 'hold';
        v_stored := false;
        v_code := CASE WHEN v_covered IS NULL THEN 'hold_unknown'
                       WHEN v_covered = 0 THEN 'hold_returned'
                       WHEN v_covered < p_amount THEN 'hold_exceeded' ELSE '' END;
    ELSIF p_kind = 'payout' THEN
        v_stake := ledger_stake_state(
            w, p_round, p_stakes, CASE WHEN p_refuse_failed THEN p_failed ELSE '{}' END
        );
        IF v_stake = 'unknown' AND p_needs_stake THEN
            v_code := 'stake_unknown';
            v_stored := false;
        ELSIF v_stake = 'refunded' AND p_amount > 0 THEN
            v_code := 'stake_refunded';
        ELSIF p_refuse_failed AND EXISTS (
            SELECT FROM wallet_ledgerentry s LEFT JOIN wallet_ledgerentry u ON u.reverses_id = s.id
             WHERE s.channel_id = w.channel_id AND s.reference = ANY (p_failed)
               AND s.player_id = w.player_id AND s.kind = 'bet' AND s.outcome = 'applied'
               AND u.id IS NULL
        ) THEN
            v_code := 'refund_awaited';
            v_stored := false;
        END IF;
    END IF;

    IF v_code <> '' THEN
        IF NOT v_stored THEN
            RETURN (NULL, 'refused', v_code, w.balance, w.balance, NULL, NULL)::ledger_answer;
        END IF;
        v_amount := 0;
        v_outcome := 'refused';
    END IF;
    IF v_house IS NULL THEN
        v_house := ledger_house_account(w.channel_id, w.currency, r.contra);
    END IF;

    INSERT INTO wallet_ledgerentry AS x (
        channel_id, player_id, wallet_id, house_account_id, kind, outcome, code, requested, amount,
        currency, balance_after, sequence, source, reference, round_code, actor_id, reason, detail,
        occurred_at, posted_at
    ) VALUES (
        w.channel_id, w.player_id, w.id, v_house, p_kind, v_outcome, v_code, p_amount, v_amount,
        w.currency, w.balance + v_amount, w.version + 1, p_source, p_reference, v_round, p_actor, p_reason, p_detail,
        coalesce(p_occurred_at, clock_timestamp()), clock_timestamp()
    )
    ON CONFLICT (channel_id, reference, source) DO NOTHING
    RETURNING id, x.posted_at INTO v_id, v_at;
    IF NOT FOUND THEN
        -- Another wallet's request took the key while this one was being decided.
        SELECT * INTO e FROM wallet_ledgerentry
         WHERE channel_id = w.channel_id AND reference = p_reference AND source = p_source;
        RETURN ledger_repeat(w, e, p_kind, p_amount, p_round);
    END IF;

    IF p_kind IN ('release', 'payout') AND v_code = '' THEN
        IF p_kind = 'release' AND p_amount > 0 THEN
            PERFORM ledger_return_holds(v_id, w, p_amount, p_holds, p_shares);
        ELSIF p_failed <> '{}' THEN
            INSERT INTO wallet_failedstake (stake_id, reported_by_id)
            SELECT s.id, v_id FROM wallet_ledgerentry s
             WHERE s.channel_id = w.channel_id AND s.reference = ANY (p_failed)
               AND s.player_id = w.player_id AND s.kind = 'bet' AND s.outcome = 'applied'
            ON CONFLICT DO NOTHING;
        END IF;
    END IF;
    RETURN (v_id, v_outcome, v_code, w.balance, w.balance + v_amount, w.version + 1,
            v_at)::ledger_answer;
END $$;

-- Spread a release over its holds: as the caller says if that adds up and every hold covers its
-- share, else oldest first. The caller has checked that together they cover it.
CREATE FUNCTION ledger_return_holds(
    p_entry bigint, w wallet_wallet, p_amount numeric, p_holds text[], p_shares numeric[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_amount = (SELECT sum(share) FROM unnest(p_shares) share) AND NOT EXISTS (
        SELECT FROM unnest(p_holds, p_shares) AS wanted (reference, share)
          LEFT JOIN wallet_ledgerentry x
                 ON x.channel_id = w.channel_id AND x.reference = wanted.reference
                AND x.wallet_id = w.id AND x.kind = 'hold'
          LEFT JOIN wallet_hold h ON h.entry_id = x.id
         WHERE share IS NULL OR share < 0 OR share > coalesce(h.remaining, 0)
    ) THEN
        INSERT INTO wallet_holdreturn (entry_id, hold_id, amount)
        SELECT p_entry, x.id, share
          FROM unnest(p_holds, p_shares) AS wanted (reference, share)
          JOIN wallet_ledgerentry x
            ON x.channel_id = w.channel_id AND x.reference = wanted.reference
           AND x.wallet_id = w.id AND x.kind = 'hold'
         WHERE share > 0;
        RETURN;
    END IF;
    INSERT INTO wallet_holdreturn (entry_id, hold_id, amount)
    SELECT p_entry, entry_id, least(remaining, p_amount - before)
      FROM (
        SELECT h.entry_id, h.remaining,
               coalesce(sum(h.remaining) OVER (
                   ORDER BY h.entry_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
          FROM wallet_ledgerentry x JOIN wallet_hold h ON h.entry_id = x.id
         WHERE x.channel_id = w.channel_id AND x.reference = ANY (p_holds)
           AND x.wallet_id = w.id AND x.kind = 'hold' AND h.remaining > 0
      ) open_hold
     WHERE before < p_amount;
END $$;
