DROP TRIGGER immutable_truncate ON wallet_stafflogin;
DROP TRIGGER immutable ON wallet_stafflogin;
DROP TRIGGER audit ON wallet_secondfactor;
DROP TRIGGER audit ON wallet_staffnetwork;
