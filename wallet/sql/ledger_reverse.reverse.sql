DROP FUNCTION ledger_reverse;
