-- A back-office in use: players of eight channels who come for twenty movements at a time, over
-- ninety days, and what else is written down meanwhile. Written as the superuser without the
-- triggers that make each row safe and slow. bench.rows says how many entries.

INSERT INTO wallet_player (
    channel_id, username, password, nickname, status, status_reason, currency, user_id,
    sub_channel_id, agent_id, registered_at, last_login_at)
SELECT c.channel, 'player' || lpad(p::text, 7, '0'), '', 'Player ' || p,
       CASE mod(p, 50) WHEN 0 THEN 'locked' ELSE 'active' END, '', 'CNY', 1000000 + p,
       (SELECT s.id FROM wallet_subchannel s
         WHERE s.channel_id = c.channel
           AND s.number = CASE WHEN mod(p / 16, 200) = 0 THEN 4 ELSE 1 + mod(p / 16, 3) END),
       (SELECT a.id FROM wallet_agent a
         WHERE a.channel_id = c.channel AND a.agent_id = 'agent' || 1 + mod(p / 16, 20)),
       -- Four players of the same moment: ties must be told apart by their number.
       now() - interval '365 days' + p / 4 * 4 * interval '1 minute', now()
  FROM generate_series(1, current_setting('bench.rows')::bigint / 100) p
 CROSS JOIN LATERAL (
       SELECT (ARRAY[1,1,1,1,1,1,1,1,2,2,2,3,3,4,5,6])[1 + mod(p, 16)] AS channel) c
 ORDER BY p;

INSERT INTO wallet_wallet (channel_id, player_id, type_id, currency, balance, held, version,
                           created_at)
SELECT channel_id, id, 0, currency, mod(id * 7919, 100000) / 100.0 - 2, 0, 100, registered_at
  FROM wallet_player ORDER BY id;

INSERT INTO wallet_houseaccount (channel_id, currency, role)
SELECT id, currency, 'clearing' FROM wallet_channel;
