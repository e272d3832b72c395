"""The triggers without which the rest would be a promise only; the verification looks for each."""

from __future__ import annotations

GUARDS = """
    SELECT format('trigger %%s on %%s is missing or switched off', g.name, g.relation)
      FROM unnest(%s::text[], %s::text[]) AS g (relation, name)
      LEFT JOIN pg_trigger t ON t.tgrelid = to_regclass(g.relation) AND t.tgname = g.name
     WHERE t.oid IS NULL OR t.tgenabled NOT IN ('O', 'A')
"""
GUARDED = [
    *((table, name)
      for table in ("wallet_ledgerentry", "wallet_holdreturn", "wallet_failedstake", "wallet_seal",
                    "wallet_adjustmentdecision", "wallet_houseaccount", "wallet_auditevent",
                    "wallet_stafflogin")
      for name in ("immutable", "immutable_truncate")),
    *((table, name) for table in ("wallet_wallet", "wallet_hold")
      for name in ("kept", "kept_truncate")),
    *(("wallet_note", name) for name in ("immutable", "kept", "kept_truncate")),
    ("wallet_stafflogin", "kept"),
    ("wallet_agent", "tree"),
    ("wallet_wallet", "balance_at_birth"),
    ("wallet_wallet", "balance_needs_entry"),
    ("wallet_hold", "hold_needs_entry"),
    ("wallet_ledgerentry", "apply_entry"),
    ("wallet_holdreturn", "apply_return"),
    ("wallet_adjustment", "proposal_kept"),
    ("wallet_adjustment", "kept"),
    ("wallet_adjustmentdecision", "not_the_maker"),
    *((table, "audit")
      for table in ("wallet_channel", "wallet_channelkey", "wallet_subchannel", "wallet_agent",
                    "wallet_player", "wallet_wallettype", "wallet_adjustment",
                    "wallet_adjustmentdecision", "wallet_approvallimit", "wallet_staffscope",
                    "wallet_staffnetwork", "wallet_secondfactor", "wallet_note",
                    "wallet_exportschedule", "wallet_savedfilter",
                    "auth_user", "auth_user_groups", "auth_user_user_permissions", "auth_group",
                    "auth_group_permissions")),
]  # fmt: skip
