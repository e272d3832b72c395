"""What the ledger promises, as SQL that lists every place where it does not hold.

The chain of balances is checked in one pass over the table: each entry contributes a hash of
(number, balance after) and one of (number - 1, balance before); along an unbroken chain they cancel
out and leave the hash of the wallet's stored state. Only wallets that fail are looked at closely.
"""

from __future__ import annotations

# The kinds of the partial index entry_of_pair.
PAIRED = "('hold', 'release', 'transfer_out', 'transfer_in')"
# Rows in scope: {scope} is a condition on a table that has channel_id and wallet_id.
CHECKS: dict[str, str] = {
    "Every wallet: its balance and its chain of entries, one after the other": """
        WITH chain AS (
            SELECT wallet_id, count(*) AS entries,
                   bit_xor(hash_numeric_extended(balance_after, identity # sequence)
                         # hash_numeric_extended(balance_after - amount,
                                                 identity # (sequence - 1))) AS links
              FROM (SELECT *, (channel_id::bigint << 48) # (player_id << 20) AS identity
                      FROM wallet_ledgerentry) e
             WHERE {scope}
             GROUP BY wallet_id
        )
        SELECT format('wallet %%s: balance %%s after %%s entries, the ledger has %%s entries', id,
                      balance, version, coalesce(entries, 0))
          FROM (SELECT *, id AS wallet_id,
                       (channel_id::bigint << 48) # (player_id << 20) AS identity
                  FROM wallet_wallet) w
          FULL JOIN chain USING (wallet_id)
         WHERE {wallet_scope} AND (
               id IS NULL OR version <> coalesce(entries, 0) OR version = 0 AND balance <> 0
            OR links <> hash_numeric_extended(balance, identity # version)
                      # hash_numeric_extended(0, identity))
    """,
    "Every entry: outcome, sign, floor, house account; every trial balance: zero": """
        WITH kinds AS (
            SELECT * FROM jsonb_to_recordset(%(kinds)s::jsonb) AS k (
                channel_id integer, currency text, house_account_id bigint, kind text, outcome text,
                total numeric, low numeric, high numeric, floor numeric,
                odd_applied bigint, odd_refused bigint, reverse_nothing bigint)
        )
        SELECT format('channel %%s, %%s, %%s, %%s: amounts from %%s to %%s, down to %%s',
                      k.channel_id, k.currency, k.kind, k.outcome, k.low, k.high, k.floor)
          FROM kinds k
          LEFT JOIN wallet_entryrule r ON r.kind = k.kind
          LEFT JOIN wallet_houseaccount h ON h.id = k.house_account_id
         WHERE NOT coalesce(
               CASE k.outcome WHEN 'applied' THEN k.odd_applied ELSE k.odd_refused END = 0
           AND (k.kind NOT IN ('refund', 'reversal') OR k.reverse_nothing = 0)
           AND k.low * r.sign >= 0 AND k.high * r.sign >= 0
           AND (r.forced OR coalesce(k.floor, 0) >= 0)
           AND (h.channel_id, h.currency) = (k.channel_id, k.currency), false)
        UNION ALL
        SELECT format('channel %%s in %%s: wallets and house accounts differ by %%s', channel_id,
                      currency, sum(amount))
          FROM (
            SELECT channel_id, currency, sum(balance) AS amount
              FROM (SELECT id AS wallet_id, * FROM wallet_wallet) w
             WHERE {wallet_scope} GROUP BY 1, 2
            UNION ALL
            SELECT channel_id, currency, -sum(total) FROM kinds GROUP BY 1, 2
          ) side
         GROUP BY channel_id, currency HAVING sum(amount) <> 0
    """,
    "Every reversal: once, in full, of an applied entry in the same wallet": """
        SELECT format('entry %%s reverses %%s', e.id, e.reverses_id)
          FROM wallet_ledgerentry e LEFT JOIN wallet_ledgerentry t ON t.id = e.reverses_id
         WHERE {scope} AND e.reverses_id IS NOT NULL AND (
                t.id IS NULL OR t.outcome <> 'applied' OR t.wallet_id <> e.wallet_id
             OR t.amount <> -e.amount OR t.house_account_id <> e.house_account_id
             OR 1 < (SELECT count(*) FROM wallet_ledgerentry o WHERE o.reverses_id = t.id))
    """,
    "Every hold: what was withheld, returned and remains": """
        WITH returned AS (
            SELECT hold_id, sum(amount) AS total FROM wallet_holdreturn GROUP BY hold_id
        ), withheld AS (
            SELECT e.* FROM wallet_ledgerentry e WHERE kind IN {paired}
               AND kind = 'hold' AND amount < 0 AND {scope}
        )
        SELECT format('hold %%s: %%s withheld, %%s returned, %%s remaining',
                      coalesce(e.id, h.entry_id), -e.amount, coalesce(r.total, 0), h.remaining)
          FROM withheld e
          FULL JOIN (SELECT e.* FROM (SELECT h.*, w.channel_id FROM wallet_hold h
                       JOIN wallet_wallet w ON w.id = h.wallet_id) e WHERE {scope}) h
                 ON h.entry_id = e.id
          LEFT JOIN returned r ON r.hold_id = h.entry_id
         WHERE (h.wallet_id, h.amount, h.remaining)
               IS DISTINCT FROM (e.wallet_id, -e.amount, -e.amount - coalesce(r.total, 0))
    """,
    "Every release: equal to the returns of its holds": """
        WITH returned AS (
            SELECT entry_id, sum(amount) AS total FROM wallet_holdreturn GROUP BY entry_id
        )
        SELECT format('entry %%s releases %%s, its holds returned %%s', e.id, e.amount,
                      coalesce(r.total, 0))
          FROM wallet_ledgerentry e LEFT JOIN returned r ON r.entry_id = e.id
         WHERE kind IN {paired} AND kind = 'release' AND {scope}
           AND e.amount <> coalesce(r.total, 0)
        UNION ALL
        SELECT format('return %%s is not by a release', r.id)
          FROM wallet_holdreturn r JOIN wallet_ledgerentry e ON e.id = r.entry_id
         WHERE e.kind <> 'release' AND {scope}
    """,
    "Every wallet's withheld money: equal to its open holds": """
        SELECT format('wallet %%s: %%s withheld, its holds say %%s', w.id, w.held,
                      coalesce(h.total, 0))
          FROM (SELECT id AS wallet_id, * FROM wallet_wallet) w
          LEFT JOIN (SELECT wallet_id, sum(remaining) AS total FROM wallet_hold GROUP BY 1) h
                 USING (wallet_id)
         WHERE {wallet_scope} AND w.held <> coalesce(h.total, 0)
    """,
    "Every transfer between own wallets: both sides": """
        SELECT format('transfer %%s', coalesce(o.reference, i.reference))
          FROM (SELECT * FROM wallet_ledgerentry e
                 WHERE kind IN {paired} AND kind = 'transfer_out'
                   AND e.outcome = 'applied' AND {scope}) o
          FULL JOIN (SELECT * FROM wallet_ledgerentry e
                      WHERE kind IN {paired} AND kind = 'transfer_in'
                        AND e.outcome = 'applied' AND {scope}) i
                 USING (channel_id, reference)
         WHERE (o.player_id, o.amount) IS DISTINCT FROM (i.player_id, -i.amount)
    """,
    "Adjustments: posted once, with their amount, by another person": """
        SELECT format('adjustment %%s is %%s', a.id, a.state)
          FROM wallet_adjustment a LEFT JOIN wallet_ledgerentry e ON e.id = a.entry_id
         WHERE {adjustment_scope} AND (
               (a.state IN ('posted', 'refused')) <> (a.entry_id IS NOT NULL)
            OR a.state = 'posted' AND (e.amount, e.wallet_id) <> (a.amount, a.wallet_id)
            OR a.state = 'posted' AND NOT EXISTS (
                SELECT FROM wallet_adjustmentdecision d
                 WHERE d.adjustment_id = a.id AND d.approved AND d.checker_id <> a.maker_id))
    """,
}

# One row for each kind of movement. Run on its own: inside a larger statement PostgreSQL would not
# share this pass over the table among its workers.
KINDS = """
    SELECT coalesce(jsonb_agg(k), '[]')::text FROM (
        SELECT channel_id, currency, house_account_id, kind, outcome, sum(amount) AS total,
               min(amount) AS low, max(amount) AS high,
               min(balance_after) FILTER (WHERE amount < 0) AS floor,
               count(*) FILTER (WHERE amount <> requested OR code <> '') AS odd_applied,
               count(*) FILTER (WHERE amount <> 0 OR code = '') AS odd_refused,
               count(*) FILTER (WHERE reverses_id IS NULL) AS reverse_nothing,
               count(*) AS entries
          FROM wallet_ledgerentry e WHERE {scope}
         GROUP BY channel_id, currency, house_account_id, kind, outcome
    ) k
"""
