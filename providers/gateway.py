"""What every provider can do for us, and the order in which it is safe to do it.

The base decides when to verify, repeat or believe; a provider's folder only
translates. Every method raises the family of `providers.errors`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from providers.errors import AlreadyExists, NeedsDecision, ProviderError, Refused
from providers.http import Exchange
from providers.models import ProviderAccount

Confirmation = ProviderAccount.Confirmation


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOrder:
    """An account to be created. Amounts only where a person asked for them."""

    name: str
    password: str = field(repr=False)
    in_doubt: bool
    balance: Decimal | None = None
    free_credit: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """An account that exists, and how we know."""

    confirmed_by: Confirmation
    balance: Decimal | None = None
    external_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyOrder:
    """Money to be moved to (`to_provider`) or from an account, under our order id."""

    name: str
    order_id: str
    amount: Decimal
    to_provider: bool
    in_doubt: bool
    game: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyFacts:
    """A transfer that was carried out."""

    balance: Decimal | None = None


@dataclass(kw_only=True)
class Gateway(ABC):
    """One target, for the length of one job; `log` collects its exchanges."""

    log: list[Exchange] = field(default_factory=list)

    @abstractmethod
    def takes_name(self, name: str) -> bool:
        """Whether the provider's rule allows this name."""

    @abstractmethod
    def make_password(self) -> str:
        """A new password for an account there, or "" where there is none."""

    @abstractmethod
    def create_account(self, order: AccountOrder) -> AccountFacts:
        """Ask for the account once. Raises AlreadyExists for a taken name."""

    @abstractmethod
    def find_account(self, order: AccountOrder) -> AccountFacts | None:
        """Look the account up; None when it is not there or there is no way to tell.

        Never raises Refused: that a question is refused says nothing of the account.
        """

    @abstractmethod
    def send_money(self, order: MoneyOrder) -> MoneyFacts:
        """Ask for the transfer once. Raises AlreadyExists for a used order id."""

    @abstractmethod
    def find_money(self, order: MoneyOrder) -> MoneyFacts | None:
        """What became of the order id; None when the provider does not know it.

        Raises Refused only when it failed for good, OutcomeUnknown while undecided.
        """

    @abstractmethod
    def read_balance(self, *, name: str, game: str) -> Decimal:
        """What the account holds, in `game` where money is kept per game.

        Raises NotThere for an unknown account.
        """

    @abstractmethod
    def probe(self) -> None:
        """Ask something harmless. Raises unless our access works."""

    def ensure_account(self, order: AccountOrder) -> AccountFacts:
        """Bring the account into being exactly once, as far as can be known now.

        After OutcomeUnknown the order is in doubt: repeat it with `in_doubt` set.
        """
        if order.in_doubt and (found := self.find_account(order)):
            return found
        try:
            return self.create_account(order)
        except AlreadyExists:
            if order.in_doubt:
                return AccountFacts(confirmed_by=Confirmation.EXISTED)
            raise
        except ProviderError as error:
            if error.in_doubt:
                with _in_doubt():
                    found = self.find_account(order)
                if found:
                    return found
            raise

    def ensure_money(self, order: MoneyOrder) -> MoneyFacts:
        """Carry the transfer out exactly once, as far as can be known now.

        A check that finds nothing right after a lost answer proves nothing, as the
        request may still be on its way; only a later attempt sends again, under the
        same order id.
        """
        if order.in_doubt and (found := self.find_money(order)):
            return found
        try:
            return self.send_money(order)
        except ProviderError as error:
            if order.in_doubt or error.in_doubt or isinstance(error, AlreadyExists):
                with _in_doubt():
                    found = self.find_money(order)
                if found:
                    return found
            if order.in_doubt and isinstance(error, Refused):
                # Of this request only: the one whose answer was lost may have been carried out.
                raise NeedsDecision(error.code, error.message) from error
            raise


@contextmanager
def _in_doubt() -> Iterator[None]:
    """What a question cannot clear up stays in doubt, whatever the question ran into."""
    try:
        yield
    except Refused:
        raise
    except ProviderError as error:
        error.in_doubt = True
        raise
