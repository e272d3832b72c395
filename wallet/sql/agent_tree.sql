-- Agents are a tree: no agent stands below itself, and nobody's parent is in another channel.
-- Changes of one channel's tree wait for each other, so that two of them cannot close a circle.

CREATE FUNCTION agent_tree() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('agent_tree'), NEW.channel_id);
    IF NOT EXISTS (SELECT FROM wallet_agent
                    WHERE id = NEW.parent_id AND channel_id = NEW.channel_id) THEN
        RAISE EXCEPTION 'the parent of agent % is none of its channel', NEW.agent_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'agent_parent_in_channel',
                  TABLE = 'wallet_agent';
    END IF;
    IF EXISTS (
        WITH RECURSIVE above AS (
            SELECT id, parent_id FROM wallet_agent WHERE id = NEW.parent_id
            UNION
            SELECT a.id, a.parent_id FROM wallet_agent a JOIN above ON a.id = above.parent_id
        )
        SELECT FROM above WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION 'agent % would stand below itself', NEW.agent_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'agent_not_below_itself',
                  TABLE = 'wallet_agent';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER tree BEFORE INSERT OR UPDATE OF parent_id, channel_id ON wallet_agent
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION agent_tree();
