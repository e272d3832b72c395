DROP INDEX entry_by_transaction;
DROP TRIGGER apply_return ON wallet_holdreturn;
DROP TRIGGER apply_entry ON wallet_ledgerentry;
DROP FUNCTION ledger_apply_return();
DROP FUNCTION ledger_apply_entry();
ALTER TABLE wallet_wallet DROP CONSTRAINT wallet_of_player;
ALTER TABLE wallet_player DROP CONSTRAINT player_identity;
DROP FUNCTION ledger_refuse_balance() CASCADE;
DROP FUNCTION ledger_refuse_change() CASCADE;
