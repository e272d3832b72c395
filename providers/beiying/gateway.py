"""贝盈 as the job runner sees it."""

import secrets
import string
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from providers.beiying.client import USER_NAME, Client
from providers.errors import NotThere, Refused
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
        return MoneyFacts(balance=done.balance)

    def find_money(self, order: MoneyOrder) -> MoneyFacts | None:
        try:
            self.client.check(order_id=order.order_id)
        except NotThere:
            return None
        return MoneyFacts()

    def read_balance(self, *, name: str, game: str) -> Decimal:
        return self.client.balance(user_name=name, game=game)

    def probe(self) -> None:
        try:
            self.client.check(order_id="probe")
        except Refused:
            return
