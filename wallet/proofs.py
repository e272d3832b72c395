"""What the ledger promises, as SQL that lists every place where it does not hold.

The chain of balances is checked in one pass over the table: each entry contributes a hash of
(number, balance after) and one of (number - 1, balance before), both with its channel and player;
along an unbroken chain they cancel out and leave the hash of the wallet's stored state. A second
pass adds up the entries of each kind.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

ENTRIES = _("Every entry: outcome, sign, floor, house account; every trial balance: zero")
# Rows in scope: {scope} is a condition on a table that has channel_id and wallet_id.
CHECKS: dict[str, str] = {
    _("Every wallet: its balance and its chain of entries, one after the other"): """
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
    ENTRIES: """
        WITH kinds AS (
            SELECT * FROM jsonb_to_recordset(%(kinds)s::jsonb) AS k (
                channel_id integer, currency text, house_account_id bigint, kind text,
                entries bigint, reversing bigint, odd bigint, inflow numeric, outflow numeric)
        )
        SELECT format('channel %%s, %%s, %%s: %%s entries add up to %%s and %%s, %%s of them odd,'
                      ' %%s reversing', k.channel_id, k.currency, k.kind, k.entries, k.inflow,
                      k.outflow, k.odd, k.reversing)
          FROM kinds k
          LEFT JOIN wallet_entryrule r ON r.kind = k.kind
          LEFT JOIN wallet_houseaccount h ON h.id = k.house_account_id
         WHERE NOT coalesce(
               k.odd = 0
           AND (k.kind NOT IN ('refund', 'reversal') OR k.reversing = k.entries)
           AND k.inflow * r.sign >= 0 AND k.outflow * r.sign >= 0
           AND (h.channel_id, h.currency) = (k.channel_id, k.currency), false)
        UNION ALL
        SELECT format('entry %%s: a %%s took wallet %%s to %%s', e.id, e.kind, e.wallet_id,
                      e.balance_after)
          FROM wallet_ledgerentry e JOIN wallet_entryrule r ON r.kind = e.kind
         WHERE {scope} AND e.balance_after < 0 AND e.amount < 0 AND NOT r.forced
        UNION ALL
        SELECT format('channel %%s in %%s: wallets and house accounts differ by %%s', channel_id,
                      currency, sum(amount))
          FROM (
            SELECT channel_id, currency, sum(balance) AS amount
              FROM (SELECT id AS wallet_id, * FROM wallet_wallet) w
             WHERE {wallet_scope} GROUP BY 1, 2
            UNION ALL
            SELECT channel_id, currency, -sum(inflow + outflow) FROM kinds GROUP BY 1, 2
          ) side
         GROUP BY channel_id, currency HAVING sum(amount) <> 0
    """,
    _("Every reversal: once, in full, of an applied entry in the same wallet"): """
        WITH reversal AS MATERIALIZED (  -- few: each looks its entry up
            SELECT id, wallet_id, house_account_id, amount, reverses_id,
                   count(*) OVER (PARTITION BY reverses_id) AS times
              FROM wallet_ledgerentry e WHERE {scope} AND reverses_id IS NOT NULL
        )
        SELECT format('entry %%s reverses %%s', e.id, e.reverses_id)
          FROM reversal e LEFT JOIN wallet_ledgerentry t ON t.id = e.reverses_id
         WHERE t.id IS NULL OR t.outcome <> 'applied' OR t.wallet_id <> e.wallet_id
            OR t.amount <> -e.amount OR t.house_account_id <> e.house_account_id OR e.times > 1
    """,
    _("Every hold: what was withheld, returned and remains"): """
        WITH returned AS (
            SELECT hold_id, sum(amount) AS total FROM wallet_holdreturn GROUP BY hold_id
        ), withheld AS (
            SELECT e.* FROM wallet_ledgerentry e WHERE kind = 'hold' AND amount < 0 AND {scope}
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
    _("Every release: equal to the returns of its holds"): """
        WITH returned AS (
            SELECT entry_id, sum(amount) AS total FROM wallet_holdreturn GROUP BY entry_id
        )
        SELECT format('entry %%s releases %%s, its holds returned %%s', e.id, e.amount,
                      coalesce(r.total, 0))
          FROM wallet_ledgerentry e LEFT JOIN returned r ON r.entry_id = e.id
         WHERE kind = 'release' AND {scope}
           AND e.amount <> coalesce(r.total, 0)
        UNION ALL
        SELECT format('return %%s is not by a release', r.id)
          FROM wallet_holdreturn r JOIN wallet_ledgerentry e ON e.id = r.entry_id
         WHERE e.kind <> 'release' AND {scope}
    """,
    _("Every wallet's withheld money: equal to its open holds"): """
        SELECT format('wallet %%s: %%s withheld, its holds say %%s', w.id, w.held,
                      coalesce(h.total, 0))
          FROM (SELECT id AS wallet_id, * FROM wallet_wallet) w
          LEFT JOIN (SELECT wallet_id, sum(remaining) AS total FROM wallet_hold GROUP BY 1) h
                 USING (wallet_id)
         WHERE {wallet_scope} AND w.held <> coalesce(h.total, 0)
    """,
    _("Every transfer between own wallets: both sides"): """
        SELECT format('transfer %%s', coalesce(o.reference, i.reference))
          FROM (SELECT * FROM wallet_ledgerentry e
                 WHERE kind = 'transfer_out' AND e.outcome = 'applied' AND {scope}) o
          FULL JOIN (SELECT * FROM wallet_ledgerentry e
                      WHERE kind = 'transfer_in' AND e.outcome = 'applied' AND {scope}) i
                 USING (channel_id, reference)
         WHERE (o.player_id, o.amount) IS DISTINCT FROM (i.player_id, -i.amount)
    """,
    _("Adjustments: posted once, with their amount, by another person"): """
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
        SELECT channel_id, currency, house_account_id, kind, count(*) AS entries,
               count(*) FILTER (WHERE outcome = 'applied') AS applied,
               count(reverses_id) AS reversing,
               coalesce(sum(amount) FILTER (WHERE amount > 0), 0) AS inflow,
               coalesce(sum(amount) FILTER (WHERE amount < 0), 0) AS outflow,
               count(*) FILTER (WHERE CASE outcome
                   WHEN 'applied' THEN amount <> requested OR code <> ''
                   ELSE amount <> 0 OR code = '' END) AS odd
          FROM wallet_ledgerentry e WHERE {scope}
         GROUP BY channel_id, currency, house_account_id, kind
    ) k
"""
# What was looked at. The entries are in the rows above.
COUNTS = """
    SELECT (SELECT count(*) FROM (SELECT id AS wallet_id, * FROM wallet_wallet) w
             WHERE {wallet_scope}),
           (SELECT coalesce(sum(entries), 0)
              FROM jsonb_to_recordset(%(kinds)s::jsonb) AS k (entries bigint)),
           (SELECT count(*) FROM (SELECT h.*, w.channel_id FROM wallet_hold h
                JOIN wallet_wallet w ON w.id = h.wallet_id) e WHERE {scope})
"""
