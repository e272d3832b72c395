-- Entries bench.first to bench.last of bench.rows.

INSERT INTO wallet_ledgerentry (
    channel_id, player_id, wallet_id, house_account_id, kind, outcome, code, requested, amount,
    currency, balance_after, sequence, source, reference, round_code, reason, detail, occurred_at,
    posted_at)
SELECT w.channel_id, w.player_id, w.id, w.house_account, k.kind, o.outcome,
       CASE o.outcome WHEN 'refused' THEN 'insufficient_funds' ELSE '' END, a.amount,
       CASE o.outcome WHEN 'refused' THEN 0 ELSE a.amount END, w.currency,
       500 + mod(g * 31, 100000) / 100.0, 1 + v.visit / v.players * 20 + mod(g, 20), 'ebet:1',
       'bench-' || lpad(g::text, 12, '0'), 'BP' || mod(g, 8) || '-' || lpad((g / 2)::text, 12, '0'),
       '', jsonb_build_object('tableType', 1 + mod(abs(hashint8(g / 20)), 8)), m.moment, m.moment
  FROM generate_series(current_setting('bench.first')::bigint,
                       current_setting('bench.last')::bigint) g
 CROSS JOIN LATERAL (
       SELECT g / 20 AS visit, current_setting('bench.rows')::bigint / 100 AS players) v
  JOIN (SELECT w.*, row_number() OVER (ORDER BY w.id) - 1 AS number, h.id AS house_account
          FROM wallet_wallet w
          JOIN wallet_houseaccount h ON h.channel_id = w.channel_id AND h.role = 'clearing') w
    ON w.number = mod(v.visit * 7919, v.players)
 CROSS JOIN LATERAL (
       SELECT CASE WHEN mod(g, 9973) = 0 THEN 'adjustment' WHEN mod(g, 199) = 0 THEN 'bonus'
                   WHEN mod(g, 53) = 0 THEN 'deposit' WHEN mod(g, 59) = 0 THEN 'withdrawal'
                   WHEN mod(g, 2) = 0 THEN 'payout' ELSE 'bet' END AS kind) k
 CROSS JOIN LATERAL (
       SELECT CASE WHEN k.kind = 'bet' AND mod(g, 101) = 0 THEN 'refused'
                   ELSE 'applied' END AS outcome) o
 CROSS JOIN LATERAL (
       SELECT (CASE WHEN k.kind IN ('bet', 'withdrawal') THEN -1 ELSE 1 END
               * CASE WHEN mod(g, 10007) = 0 THEN 50000 + mod(g, 977) * 100
                      ELSE 1 + mod(g * 7919, 50000) / 100.0 END)::numeric(20, 4) AS amount) a
 CROSS JOIN LATERAL (
       SELECT now() - (current_setting('bench.rows')::bigint - g / 4 * 4)
              * (interval '90 days' / current_setting('bench.rows')::bigint) AS moment) m
 ORDER BY g;
