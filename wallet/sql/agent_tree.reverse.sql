DROP TRIGGER tree ON wallet_agent;
DROP FUNCTION agent_tree();
