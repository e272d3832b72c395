"""The five roles of staff, kept here and copied into Django's groups after every migration.

Whoever changes a role changes this file: groups of these names are not edited in the admin.
Permissions that Django does not make by itself are listed in EXTRA.
"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext_noop

OPERATIONS = gettext_noop("Operations")
FINANCE = gettext_noop("Finance")
RISK = gettext_noop("Risk")
AUDITOR = gettext_noop("Auditor")
ADMINISTRATOR = gettext_noop("Administrator")

# model → codename → name
EXTRA: dict[str, dict[str, str]] = {
    "wallet.player": {
        "lock_player": gettext_noop("Can lock and unlock players"),
        "close_player": gettext_noop("Can close players' accounts"),
        "reset_player_password": gettext_noop("Can reset players' passwords"),
        "end_player_sessions": gettext_noop("Can end players' sessions"),
        "issue_test_token": gettext_noop("Can issue fixed test tokens"),
        "compare_player": gettext_noop("Can compare players with eBET"),
        "fetch_launch_link": gettext_noop("Can fetch launch links of players"),
        "log_out_player": gettext_noop("Can log players out at eBET"),
    },
    "wallet.channel": {"test_channel": gettext_noop("Can make test calls of channels")},
    "wallet.wallet": {
        "transfer_between_wallets": gettext_noop("Can transfer between a player's wallets")
    },
    "wallet.hold": {"release_hold": gettext_noop("Can return holds to players")},
    "wallet.ledgerentry": {"export_ledger": gettext_noop("Can export the ledger")},
    "wallet.stafflogin": {"unlock_staff": gettext_noop("Can unlock staff after failed sign-ins")},
    "wallet.staffsession": {"end_staff_sessions": gettext_noop("Can end the sessions of staff")},
    "wallet.secondfactor": {
        "reset_second_factor": gettext_noop("Can reset the second factor of staff")
    },
    "providers.provideraccount": {
        "refresh_balance": gettext_noop("Can refresh balances at providers")
    },
    "providers.providertransfer": {
        "decide_transfer": gettext_noop("Can decide transfers in doubt")
    },
    "callbacks.receivedcallback": {
        "rehearse_receivedcallback": gettext_noop("Can try received callbacks again")
    },
    "wallet.savedfilter": {
        "share_savedfilter": gettext_noop("Can share saved filters with colleagues")
    },
    "wallet.adjustment": {"approve_adjustment": gettext_noop("Can approve and reject adjustments")},
}

# What everyone in the back-office may look at.
_SEEN = """
wallet.view_channel wallet.view_subchannel wallet.view_agent wallet.view_player
wallet.view_playersession wallet.view_loginevent wallet.view_wallettype wallet.view_wallet
wallet.view_ledgerentry wallet.view_hold wallet.view_holdreturn wallet.view_adjustment
wallet.view_adjustmentdecision wallet.view_export wallet.view_note
providers.view_target providers.view_provideraccount providers.view_provisioningjob
providers.view_jobattempt providers.view_bulkrun providers.view_providertransfer
callbacks.view_receivedcallback
"""

_MORE = {
    OPERATIONS: """
wallet.add_note wallet.change_note wallet.share_savedfilter
wallet.add_player wallet.change_player wallet.lock_player wallet.reset_player_password
wallet.end_player_sessions wallet.issue_test_token wallet.view_accesstoken
wallet.add_adjustment providers.change_target providers.change_provisioningjob
providers.open_game providers.refresh_balance wallet.test_channel
wallet.compare_player wallet.fetch_launch_link wallet.log_out_player
callbacks.change_receivedcallback callbacks.rehearse_receivedcallback
""",
    FINANCE: """
wallet.add_note wallet.change_note wallet.share_savedfilter
wallet.view_exportschedule wallet.add_exportschedule wallet.change_exportschedule
wallet.delete_exportschedule
wallet.view_reportline wallet.view_reconciliation wallet.add_reconciliation
wallet.view_reconciliationitem wallet.change_reconciliationitem
wallet.view_houseaccount wallet.add_adjustment wallet.approve_adjustment wallet.export_ledger
wallet.transfer_between_wallets wallet.release_hold wallet.compare_player wallet.view_seal
wallet.view_verification
wallet.view_approvallimit providers.move_funds providers.decide_transfer
providers.refresh_balance
callbacks.rehearse_receivedcallback
""",
    RISK: """
wallet.add_note wallet.change_note wallet.share_savedfilter
wallet.view_reportline wallet.view_reconciliation wallet.view_reconciliationitem
wallet.lock_player wallet.close_player wallet.end_player_sessions wallet.view_accesstoken
wallet.approve_adjustment wallet.export_ledger callbacks.change_receivedcallback
wallet.compare_player wallet.log_out_player providers.refresh_balance
callbacks.rehearse_receivedcallback
""",
    AUDITOR: """
wallet.view_reportline wallet.view_reconciliation wallet.view_reconciliationitem
wallet.view_channelkey wallet.view_accesstoken wallet.view_houseaccount wallet.export_ledger
wallet.view_seal wallet.view_verification wallet.view_auditevent wallet.view_staffscope
wallet.view_approvallimit providers.view_beiyingsite
providers.view_hrgcode auth.view_user auth.view_group
wallet.view_stafflogin wallet.view_staffsession wallet.view_staffnetwork
""",
}

_ADMINISTERED = """
wallet.add_channel wallet.change_channel wallet.add_channelkey wallet.change_channelkey
wallet.add_subchannel wallet.change_subchannel wallet.add_agent wallet.change_agent
wallet.change_wallettype wallet.add_staffscope wallet.change_staffscope wallet.delete_staffscope
wallet.add_approvallimit wallet.change_approvallimit wallet.delete_approvallimit
providers.add_beiyingsite providers.change_beiyingsite providers.add_hrgcode
providers.change_hrgcode providers.delete_hrgcode auth.add_user auth.change_user
wallet.add_staffnetwork wallet.change_staffnetwork wallet.delete_staffnetwork
wallet.unlock_staff wallet.end_staff_sessions wallet.reset_second_factor
"""

ROLES: dict[str, frozenset[str]] = {
    role: frozenset((_SEEN + more).split()) for role, more in _MORE.items()
}
# Nobody grants what they lack, and administrators give out every role: they hold all of them.
# That an adjustment needs a second person binds them like everyone.
ROLES[ADMINISTRATOR] = frozenset(_ADMINISTERED.split()).union(*ROLES.values())


def sync_roles(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Receiver of post_migrate: make the groups hold what this file says of the app's models."""
    _make_extra(sender.label, using)
    known = {
        f"{sender.label}.{permission.codename}": permission
        for permission in Permission.objects.using(using).filter(
            content_type__app_label=sender.label
        )
    }
    for role, names in ROLES.items():
        group, _created = Group.objects.using(using).get_or_create(name=role)
        wanted = {known[name] for name in names if name in known}
        held = set(group.permissions.filter(content_type__app_label=sender.label))
        group.permissions.remove(*(held - wanted))
        group.permissions.add(*(wanted - held))


def _make_extra(label: str, using: str) -> None:
    for model, names in EXTRA.items():
        if not model.startswith(f"{label}."):
            continue
        content_type = ContentType.objects.db_manager(using).get_for_model(apps.get_model(model))
        for codename, name in names.items():
            Permission.objects.using(using).update_or_create(
                content_type=content_type, codename=codename, defaults={"name": name}
            )
