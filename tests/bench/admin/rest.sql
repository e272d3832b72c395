-- What is written beside the ledger: an inbox row for every fifth entry, a job and an account for
-- every player, sessions, logins, and an audit event for every tenth entry.

INSERT INTO callbacks_receivedcallback (
    event, channel_number, seq_no, username, round_code, request, answer, status, http_status,
    decision, note, "case", handled_at, entry_id, address, microseconds, received_at)
SELECT CASE WHEN mod(e.id, 3) = 0 THEN 'syncCredit' ELSE 'increaseCredit' END, e.channel_id,
       e.reference, p.username, e.round_code,
       '{"seqNo":"' || e.reference || '","channelId":' || e.channel_id || ',"username":"'
           || p.username || '","money":' || e.amount || ',"roundCode":"' || e.round_code || '"}',
       '{"status":200,"money":' || e.balance_after || '}', 200, 200,
       CASE WHEN mod(e.id, 505) = 0 THEN 'refused' WHEN mod(e.id, 2015) = 0 THEN 'failed'
            ELSE 'applied' END, '',
       CASE WHEN mod(e.id, 50005) = 0 THEN 'stake_unknown' ELSE '' END, NULL, e.id, '192.0.2.1',
       3000 + mod(e.id, 5000), e.posted_at
  FROM wallet_ledgerentry e JOIN wallet_player p ON p.id = e.player_id
 WHERE mod(e.id, 5) = 0 ORDER BY e.id;

INSERT INTO providers_provideraccount (
    player_id, target_id, channel_id, namespace, external_name, is_alias, password, external_id,
    confirmed_at, confirmed_by, created_at)
SELECT p.id, t.id, p.channel_id, 'bench ' || t.id, p.username, false, '', '', p.registered_at,
       'answer', p.registered_at
  FROM wallet_player p JOIN providers_target t ON t.channel_id = p.channel_id ORDER BY p.id;

INSERT INTO providers_provisioningjob (
    target_id, player_id, channel_id, account_id, kind, options, state, in_doubt, attempts,
    failures, failing, code, message, next_attempt_at, created_at, finished_at)
SELECT a.target_id, a.player_id, a.channel_id, a.id, 'create', '{}',
       CASE WHEN mod(a.id, 1009) = 0 THEN 'conflict' ELSE 'done' END, false, 1, 0, '', '', '', NULL,
       a.created_at, a.created_at
  FROM providers_provideraccount a ORDER BY a.id;

INSERT INTO wallet_playersession (
    channel_id, player_id, digest, fixed, event_type, address, created_at, last_used_at, ended_at,
    end_reason)
SELECT p.channel_id, p.id, sha256((p.id || ' ' || n)::bytea), false, 1, '198.51.100.7', m.at, m.at,
       CASE WHEN n > 1 THEN m.at END, CASE WHEN n > 1 THEN 'logout' ELSE '' END
  FROM wallet_player p CROSS JOIN generate_series(1, 5) n
 CROSS JOIN LATERAL (SELECT now() - (mod(p.id * 7919, 1440) + (n - 1) * 8640)
                            * interval '1 minute' AS at) m;

INSERT INTO wallet_loginevent (channel_id, player_id, username, outcome, event_type, address, at)
SELECT s.channel_id, s.player_id, p.username, 'success', 1, s.address, s.created_at
  FROM wallet_playersession s JOIN wallet_player p ON p.id = s.player_id ORDER BY s.created_at;

INSERT INTO wallet_auditevent (
    at, actor_id, database_role, address, path, action, relation, object_id, channel_number,
    before, after)
SELECT e.posted_at, CASE WHEN mod(e.id, 100) = 0 THEN
           (SELECT id FROM auth_user WHERE username = 'bench') END, 'backoffice_app',
       CASE WHEN mod(e.id, 100) = 0 THEN '203.0.113.9'::inet END,
       CASE WHEN mod(e.id, 100) = 0 THEN '/admin/wallet/player/' || e.player_id || '/' ELSE '' END,
       'update', 'wallet_player', e.player_id::text, e.channel_id, '{"status": "active"}',
       '{"status": "locked"}'
  FROM wallet_ledgerentry e WHERE mod(e.id, 10) = 0 ORDER BY e.id;
