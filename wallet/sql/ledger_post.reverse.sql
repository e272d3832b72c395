DROP FUNCTION ledger_return_holds;
DROP FUNCTION ledger_post;
DROP FUNCTION ledger_stake_state;
DROP FUNCTION ledger_house_account;
DROP FUNCTION ledger_repeat;
DROP TYPE ledger_answer;
