"""Moving a player's money to a provider and back, and looking at both ends."""

from decimal import Decimal

from providers import pushing, transfers
from providers.models import ProviderAccount, ProviderTransfer
from tests.providers.conftest import Service, make_due
from wallet.models import LedgerEntry, Wallet

FUND, TAKE_BACK = ProviderTransfer.Direction.FUND, ProviderTransfer.Direction.TAKE_BACK


def wallet() -> Wallet:
    return Wallet.objects.get(type_id=0)


def money() -> tuple[Decimal, Decimal]:
    """What can be spent, and what is withheld."""
    now = wallet()
    return now.balance, now.held


def start(
    account: ProviderAccount, amount: str, direction: str = FUND, game: str = ""
) -> ProviderTransfer:
    return transfers.start(
        account=account,
        wallet=wallet(),
        direction=direction,
        amount=Decimal(amount),
        reason="asked by the player",
        staff_id=None,
        game=game,
    )


def push(transfer: ProviderTransfer) -> ProviderTransfer:
    """One round; the transfer as it is afterwards."""
    make_due()
    pushing.push_target(target_id=transfer.account.target_id, seconds=5)
    return ProviderTransfer.objects.select_related("job").get(pk=transfer.pk)


def there(hrg: Service) -> str:
    balance: str = hrg.simulator.book.all()["account"]["acme/lily08"]["balance"]
    return balance


def kinds() -> list[str]:
    return list(LedgerEntry.objects.order_by("id").values_list("kind", flat=True))
