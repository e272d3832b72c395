DROP FUNCTION ledger_roll_up();
