-- Several postings in one call. Wallets are locked in id order, so that callers cannot deadlock.

CREATE FUNCTION ledger_transfer(
    p_from bigint,
    p_to bigint,
    p_amount numeric,
    p_reference text,
    p_actor integer DEFAULT NULL,
    p_reason text DEFAULT ''
) RETURNS ledger_answer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public
SET lock_timeout = '1100ms'
AS $$
DECLARE
    v_out ledger_answer;
    v_in ledger_answer;
BEGIN
    PERFORM FROM wallet_wallet WHERE id IN (p_from, p_to) ORDER BY id FOR NO KEY UPDATE;
    IF p_amount <= 0 OR p_from = p_to OR 1 <> (
        SELECT count(DISTINCT (player_id, currency)) FROM wallet_wallet WHERE id IN (p_from, p_to)
    ) THEN
        RAISE EXCEPTION 'no transfer of % from wallet % to wallet %', p_amount, p_from, p_to
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfer_rule',
                  HINT = 'Transfer a positive amount between two wallets of one player.';
    END IF;
    v_out := ledger_post(p_from, 'transfer_out', -p_amount, 'transfer:out', p_reference,
                         p_actor => p_actor, p_reason => p_reason);
    IF v_out.result = 'replay' AND v_out.code = '' AND NOT EXISTS (
        SELECT FROM wallet_ledgerentry o JOIN wallet_ledgerentry i
            ON (i.channel_id, i.reference, i.source) = (o.channel_id, o.reference, 'transfer:in')
         WHERE o.id = v_out.entry_id AND o.wallet_id = p_from AND i.wallet_id = p_to
    ) THEN
        SELECT v_out.entry_id, 'conflict', 'conflict', balance, balance, NULL, NULL INTO v_out
          FROM wallet_wallet WHERE id = p_from;
    END IF;
    IF v_out.result = 'applied' THEN
        v_in := ledger_post(p_to, 'transfer_in', p_amount, 'transfer:in', p_reference,
                            p_actor => p_actor, p_reason => p_reason);
        IF v_in.result <> 'applied' THEN
            RAISE EXCEPTION 'transfer % cannot arrive: %', p_reference, v_in.code
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfer_rule';
        END IF;
    END IF;
    RETURN v_out;
END $$;

-- An outcome for each item, in the items' order. An item that breaks a rule is answered 'error'
-- and leaves the others alone.
CREATE FUNCTION ledger_post_batch(p_items jsonb)
RETURNS TABLE (item integer, answer ledger_answer, error text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public
SET lock_timeout = '1100ms'
AS $$
DECLARE
    i jsonb;
    v_constraint text;
BEGIN
    PERFORM FROM wallet_wallet
      WHERE id IN (SELECT (x->>'wallet')::bigint FROM jsonb_array_elements(p_items) x)
      ORDER BY id FOR NO KEY UPDATE;
    item := 0;
    FOR i IN SELECT * FROM jsonb_array_elements(p_items) LOOP
        answer := NULL;
        error := '';
        BEGIN
            answer := ledger_post(
                (i->>'wallet')::bigint, i->>'kind', (i->>'amount')::numeric, i->>'source',
                i->>'reference', coalesce(i->>'round_code', ''), p_reason => coalesce(i->>'reason', ''),
                p_actor => (i->>'actor')::integer, p_detail => i->'detail',
                p_occurred_at => (i->>'occurred_at')::timestamptz,
                p_holds => ARRAY(SELECT jsonb_array_elements_text(coalesce(i->'holds', '[]')))
            );
        EXCEPTION WHEN integrity_constraint_violation THEN
            GET STACKED DIAGNOSTICS v_constraint = CONSTRAINT_NAME;
            error := v_constraint;
        END;
        RETURN NEXT;
        item := item + 1;
    END LOOP;
END $$;

-- Each applied entry as its two sides. They sum to zero by construction.
CREATE VIEW wallet_ledgerleg AS
    SELECT id || ':w' AS leg_id, id AS entry_id, channel_id, wallet_id,
           NULL::bigint AS house_account_id, currency, amount, posted_at
      FROM wallet_ledgerentry WHERE outcome = 'applied'
    UNION ALL
    SELECT id || ':h', id, channel_id, NULL, house_account_id, currency, -amount, posted_at
      FROM wallet_ledgerentry WHERE outcome = 'applied';
