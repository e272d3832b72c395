DROP FUNCTION ledger_reverse;
DROP FUNCTION ledger_reverse_repeat;
