DROP VIEW wallet_reportline;
DROP FUNCTION ledger_roll_up();
DROP FUNCTION ledger_game(jsonb);
