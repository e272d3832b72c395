DROP FUNCTION ledger_seal_holds;
DROP FUNCTION ledger_seal;
DROP FUNCTION ledger_block_digest;
DROP FUNCTION ledger_entry_bytes;
