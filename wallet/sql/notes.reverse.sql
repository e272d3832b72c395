DROP TRIGGER kept_truncate ON wallet_note;
DROP TRIGGER kept ON wallet_note;
DROP TRIGGER immutable ON wallet_note;
DROP TRIGGER audit ON wallet_note;
