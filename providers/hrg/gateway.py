"""HRG as the job runner sees it."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from providers.amounts import parse_amount
from providers.codes import Reaction
from providers.errors import NeedsDecision, NotThere, OutcomeUnknown, ProviderError, Refused
from providers.gateway import (
    AccountFacts,
    AccountOrder,
    Confirmation,
    Gateway,
    MoneyFacts,
    MoneyOrder,
)
from providers.hrg import statuses
from providers.hrg.client import USER_ID, Client
from providers.models import HrgCode
from wallet.models import Agent

_ANSWERED: Final = re.compile(r"\S{4}")


@dataclass(kw_only=True)
class HrgGateway(Gateway):
    """An agent's access. Free credit is named only when the agent has it."""

    agent: Agent
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client(
            base_url=self.agent.api_url,
            username=self.agent.api_username,
            password=self.agent.api_password,
            agent_id=self.agent.agent_id,
            classify=_classify,
            log=self.log,
        )

    def takes_name(self, name: str) -> bool:
        return bool(USER_ID.fullmatch(name))

    def make_password(self) -> str:
        return ""

    def create_account(self, order: AccountOrder) -> AccountFacts:
        account = self.client.create_user(
            user_id=order.name,
            balance=order.balance,
            free_credit=order.free_credit if self.agent.free_credit else None,
        )
        return AccountFacts(confirmed_by=Confirmation.ANSWER, balance=account.money)

    def find_account(self, order: AccountOrder) -> AccountFacts | None:
        try:
            account = self.client.get_balance(user_id=order.name)
        except NotThere:  # so an administrator reads the code
            return None
        except Refused as error:
            raise OutcomeUnknown(error.code, error.message) from error
        if account is None:
            return None
        return AccountFacts(confirmed_by=Confirmation.LOOKED_UP, balance=account.money)

    def send_money(self, order: MoneyOrder) -> MoneyFacts:
        move = self.client.deposit if order.to_provider else self.client.withdraw
        operation = move(user_id=order.name, amount=order.amount, transaction_code=order.order_id)
        if operation.moved not in (None, order.amount):
            raise OutcomeUnknown(statuses.SUCCESS, f"moved {operation.moved}")
        return MoneyFacts(balance=_known(operation.current_balance))

    def find_money(self, order: MoneyOrder) -> MoneyFacts | None:
        try:
            operation = self.client.check_transfer_operation(transaction_code=order.order_id)
        except (Refused, OutcomeUnknown) as error:
            # Which code says "no such transaction" is not public. Whatever HRG answers here,
            # sending again is safe: it refuses a transaction code that it has carried out.
            if self.was_answered(error):
                return None
            raise
        if operation.moved not in (None, order.amount):
            raise OutcomeUnknown(statuses.SUCCESS, f"moved {operation.moved}")
        return MoneyFacts()

    def read_balance(self, *, name: str, game: str) -> Decimal:
        account = self.client.get_balance(user_id=name)
        if account is None:
            raise NotThere("not_there", f"HRG knows no {name}")
        return account.money

    def was_answered(self, error: ProviderError) -> bool:
        """Whether HRG itself refused, with one of its codes, rather than something on the way."""
        return error.code != statuses.SUCCESS and bool(_ANSWERED.fullmatch(error.code))

    def probe(self) -> None:
        try:
            self.client.get_balance(user_id="probe")
        except (Refused, NeedsDecision, OutcomeUnknown) as error:
            if not self.was_answered(error):
                raise


def _known(text: str) -> Decimal | None:
    """A balance worth keeping: what makes no sense does not undo the transfer."""
    try:
        return parse_amount(text, code="bad_balance")
    except OutcomeUnknown:
        return None


def _classify(code: str) -> Reaction:
    """The administrator's reading of a code, else the built-in one."""
    row = HrgCode.objects.filter(code=code).first()
    return Reaction(row.reaction) if row else statuses.classify(code)
