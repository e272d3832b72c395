"""贝盈 as the job runner sees it."""

import secrets
import string
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from providers.amounts import is_plausible
from providers.beiying.client import BAD_REQUEST, USER_NAME, Client
from providers.beiying.statuses import ORDER_FAILED, ORDER_NOT_FOUND, SUCCESS
from providers.errors import OutcomeUnknown, Refused
from providers.gateway import (
    AccountFacts,
    AccountOrder,
    Confirmation,
    Gateway,
    MoneyFacts,
    MoneyOrder,
)
from providers.models import BeiyingSite

_PASSWORD_LENGTH: Final = 16
_PASSWORD_LETTERS: Final = string.ascii_letters + string.digits


@dataclass(kw_only=True)
class BeiyingGateway(Gateway):
    """A site's access."""

    site: BeiyingSite
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client(
            base_url=self.site.api_url,
            site_id=self.site.site_id,
            secret_key=self.site.secret_key,
            log=self.log,
        )

    def takes_name(self, name: str) -> bool:
        return bool(USER_NAME.fullmatch(name))

    def make_password(self) -> str:
        return "".join(secrets.choice(_PASSWORD_LETTERS) for _ in range(_PASSWORD_LENGTH))

    def create_account(self, order: AccountOrder) -> AccountFacts:
        registered = self.client.register(user_name=order.name, password=order.password)
        return AccountFacts(confirmed_by=Confirmation.ANSWER, external_id=str(registered.user_id))

    def find_account(self, order: AccountOrder) -> AccountFacts | None:
        """There is no harmless look-up; registering the same name again tells."""
        return None

    def send_money(self, order: MoneyOrder) -> MoneyFacts:
        move = self.client.recharge if order.to_provider else self.client.withdraw
        done = move(
            user_name=order.name, game=order.game, order_id=order.order_id, money=order.amount
        )
        if abs(done.money) != order.amount:
            raise OutcomeUnknown(SUCCESS, f"moved {done.money}")
        return MoneyFacts(balance=_known(done.balance))

    def find_money(self, order: MoneyOrder) -> MoneyFacts | None:
        try:
            found = self.client.check(order_id=order.order_id)
        except Refused as error:
            if error.code == ORDER_NOT_FOUND:
                return None
            if error.code == ORDER_FAILED:
                raise
            raise OutcomeUnknown(error.code, error.message) from error
        if abs(found.money) != order.amount:
            raise OutcomeUnknown(SUCCESS, f"moved {found.money}")
        return MoneyFacts()

    def read_balance(self, *, name: str, game: str) -> Decimal:
        return self.client.balance(user_name=name, game=game)

    def probe(self) -> None:
        try:
            self.client.check(order_id="probe")
        except Refused as error:
            if error.code == BAD_REQUEST:  # answered before our access is looked at
                raise


def _known(balance: Decimal | None) -> Decimal | None:
    """A balance worth keeping: what makes no sense does not undo the transfer."""
    return balance if balance is not None and is_plausible(balance) else None
