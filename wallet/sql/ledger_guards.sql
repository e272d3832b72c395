-- What the database refuses, whoever asks.

CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: its rows are immutable, correct them by a reversal', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_immutable', TABLE = TG_TABLE_NAME;
END $$;

-- The triggers of entries and returns run at depth 1 and what they write at depth 2, a client's own
-- writes at 1.
CREATE FUNCTION ledger_refuse_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() > 1 AND TG_LEVEL = 'STATEMENT' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% on % is refused: a balance moves only with its ledger entry', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balance_needs_entry', TABLE = TG_TABLE_NAME;
END $$;

-- Rows that are written once.
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON wallet_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER immutable_truncate BEFORE TRUNCATE ON wallet_ledgerentry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON wallet_holdreturn
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER immutable_truncate BEFORE TRUNCATE ON wallet_holdreturn
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON wallet_failedstake
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER immutable_truncate BEFORE TRUNCATE ON wallet_failedstake
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON wallet_seal
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER immutable_truncate BEFORE TRUNCATE ON wallet_seal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON wallet_adjustmentdecision
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER immutable_truncate BEFORE TRUNCATE ON wallet_adjustmentdecision
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON wallet_houseaccount
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER immutable_truncate BEFORE TRUNCATE ON wallet_houseaccount
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- Rows that move only when an entry moves them.
CREATE TRIGGER balance_at_birth BEFORE INSERT ON wallet_wallet
    FOR EACH ROW WHEN (NEW.balance <> 0 OR NEW.held <> 0 OR NEW.version <> 0)
    EXECUTE FUNCTION ledger_refuse_balance();
CREATE TRIGGER balance_needs_entry BEFORE UPDATE ON wallet_wallet
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_balance();
CREATE TRIGGER kept BEFORE DELETE ON wallet_wallet
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER kept_truncate BEFORE TRUNCATE ON wallet_wallet
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER hold_needs_entry BEFORE INSERT OR UPDATE ON wallet_hold
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_balance();
CREATE TRIGGER kept BEFORE DELETE ON wallet_hold
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER kept_truncate BEFORE TRUNCATE ON wallet_hold
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- What was proposed is what gets decided: only the decision may be written, once, by someone else.
CREATE FUNCTION adjustment_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'proposed'
       OR (OLD.channel_id, OLD.wallet_id, OLD.kind, OLD.amount, OLD.reason, OLD.attachment, OLD.maker_id)
          IS DISTINCT FROM
          (NEW.channel_id, NEW.wallet_id, NEW.kind, NEW.amount, NEW.reason, NEW.attachment, NEW.maker_id)
    THEN
        RAISE EXCEPTION 'adjustment % is decided, or its proposal would change', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'adjustment_decided', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER proposal_kept BEFORE UPDATE ON wallet_adjustment
    FOR EACH ROW EXECUTE FUNCTION adjustment_refuse_change();
CREATE TRIGGER kept BEFORE DELETE ON wallet_adjustment
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();

CREATE FUNCTION adjustment_refuse_own_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.checker_id = (SELECT maker_id FROM wallet_adjustment WHERE id = NEW.adjustment_id) THEN
        RAISE EXCEPTION 'nobody decides an adjustment of their own'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'adjustment_own_decision', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER not_the_maker BEFORE INSERT ON wallet_adjustmentdecision
    FOR EACH ROW EXECUTE FUNCTION adjustment_refuse_own_decision();

-- A wallet has its player's channel and currency, and neither can change behind its back.
ALTER TABLE wallet_player
    ADD CONSTRAINT player_identity UNIQUE (id, channel_id, currency);
ALTER TABLE wallet_wallet
    ADD CONSTRAINT wallet_of_player FOREIGN KEY (player_id, channel_id, currency)
    REFERENCES wallet_player (id, channel_id, currency);

-- Inserting an entry moves its wallet, and nothing else does. The comparison with the wallet's
-- version makes the sequence gapless, the one with its balance makes the chain exact, and those
-- with channel, player, currency and house account take the place of foreign keys, whose checks
-- would lock rows that all entries share. What a CHECK constraint would say of an entry is said here
-- too: PostgreSQL reads the text of its CHECKs anew for every statement, a fifth of a posting's work.
CREATE FUNCTION ledger_apply_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_sound boolean;
BEGIN
    -- In branches: whatever an expression names is prepared anew for every entry.
    IF NEW.outcome = 'applied' THEN
        v_sound := NEW.amount = NEW.requested AND NEW.code = '';
    ELSE
        v_sound := NEW.outcome IN ('refused', 'tombstone') AND NEW.amount = 0 AND NEW.code <> '';
    END IF;
    IF NOT v_sound THEN
        RAISE EXCEPTION 'entry %/%: % of % with code "%" is not an outcome',
            NEW.source, NEW.reference, NEW.outcome, NEW.amount, NEW.code
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_outcome',
                  TABLE = 'wallet_ledgerentry';
    END IF;
    IF NEW.amount < 0 THEN
        v_sound := NEW.kind NOT IN ('bonus', 'deposit', 'fee_refund', 'opening', 'payout', 'prize',
                                    'provider_in', 'refund', 'release', 'transfer_in');
    ELSE
        v_sound := NEW.amount = 0 OR NEW.kind NOT IN ('bet', 'clawback', 'fee', 'hold',
                                                      'provider_out', 'tip', 'transfer_out',
                                                      'withdrawal');
    END IF;
    IF NOT v_sound THEN
        RAISE EXCEPTION 'entry %/%: a % cannot be of %',
            NEW.source, NEW.reference, NEW.kind, NEW.amount
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_rule',
                  TABLE = 'wallet_ledgerentry';
    END IF;
    IF NEW.balance_after < 0 THEN
        IF NEW.amount < 0
           AND NEW.kind NOT IN ('clawback', 'correction', 'provider_out', 'reversal') THEN
            RAISE EXCEPTION 'entry %/%: a % cannot take wallet % to %',
                NEW.source, NEW.reference, NEW.kind, NEW.wallet_id, NEW.balance_after
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_floor',
                      TABLE = 'wallet_ledgerentry';
        END IF;
    END IF;
    UPDATE wallet_wallet w
       SET balance = NEW.balance_after,
           version = NEW.sequence
      FROM wallet_houseaccount h
     WHERE w.id = NEW.wallet_id
       AND (h.id, h.channel_id, h.currency) = (NEW.house_account_id, NEW.channel_id, NEW.currency)
       AND w.version = NEW.sequence - 1
       AND w.balance + NEW.amount = NEW.balance_after
       AND (w.channel_id, w.player_id, w.currency) = (NEW.channel_id, NEW.player_id, NEW.currency);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'entry %/% does not continue wallet % with house account %',
            NEW.source, NEW.reference, NEW.wallet_id, NEW.house_account_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_continues_wallet',
                  TABLE = 'wallet_ledgerentry';
    END IF;
    IF NEW.kind IN ('hold', 'release') THEN
        UPDATE wallet_wallet SET held = held - NEW.amount
         WHERE id = NEW.wallet_id AND held >= NEW.amount;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'entry %/%: wallet % withholds less than %',
                NEW.source, NEW.reference, NEW.wallet_id, NEW.amount
                USING ERRCODE = 'check_violation', CONSTRAINT = 'wallet_held_floor',
                      TABLE = 'wallet_wallet';
        END IF;
        IF NEW.kind = 'hold' AND NEW.amount < 0 THEN
            INSERT INTO wallet_hold (entry_id, wallet_id, amount, remaining)
            VALUES (NEW.id, NEW.wallet_id, -NEW.amount, -NEW.amount);
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER apply_entry AFTER INSERT ON wallet_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION ledger_apply_entry();

CREATE FUNCTION ledger_apply_return() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE wallet_hold SET remaining = remaining - NEW.amount WHERE entry_id = NEW.hold_id;
    RETURN NULL;
END $$;

CREATE TRIGGER apply_return AFTER INSERT ON wallet_holdreturn
    FOR EACH ROW EXECUTE FUNCTION ledger_apply_return();

-- Half of a page stays free, so that moving a balance needs no new index entries.
ALTER TABLE wallet_wallet SET (fillfactor = 50);

-- Readers that follow the ledger ask by transaction; entries lie in that order on disk.
CREATE INDEX entry_by_transaction ON wallet_ledgerentry USING brin (xact) WITH (pages_per_range = 16);
