DROP VIEW wallet_ledgerleg;
DROP FUNCTION ledger_post_batch;
DROP FUNCTION ledger_transfer;
