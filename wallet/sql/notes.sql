-- A note's text, author and moment never change, and what was withdrawn stays withdrawn.

SELECT audit_table('wallet_note');

CREATE TRIGGER immutable BEFORE UPDATE ON wallet_note FOR EACH ROW
    WHEN (OLD.withdrawn_at IS NOT NULL
          OR (OLD.channel_id, OLD.player_id, OLD.author_id, OLD.text, OLD.at)
             IS DISTINCT FROM (NEW.channel_id, NEW.player_id, NEW.author_id, NEW.text, NEW.at))
    EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER kept BEFORE DELETE ON wallet_note
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER kept_truncate BEFORE TRUNCATE ON wallet_note
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
