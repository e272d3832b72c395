"""A browser of a staff member, without a screen: what they type and what they come to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from wallet.models import StaffLogin
from wallet.signin import factor

NOW = 1_900_000_010.0  # what the still clock shows: ten seconds into a code
PASSWORD = "correct horse battery"
HOME, SIGN_IN, CODE = "/admin/", "/admin/login/", "/admin/login/code/"
OFFICE = "203.0.113.7"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)


def member(username: str = "lily", *, role: str = "Operations", **more: Any) -> User:
    user = User.objects.create_user(username, password=PASSWORD, is_staff=True, **more)
    user.groups.add(Group.objects.get(name=role))
    return user


def outcomes(username: str = "lily") -> list[str]:
    rows = StaffLogin.objects.filter(username=username).order_by("pk")
    return [row.outcome for row in rows]


def code_of(user: User, *, steps: int = 0) -> str:
    """The code that the user's app shows, or will show some steps later."""
    return factor.code_at(factor=user.second_factor, moment=NOW + steps * factor.STEP)


def switch_on(user: User) -> list[str]:
    """Set up a second factor an hour ago, so to speak: no code of now was used."""
    secret = factor.prepare(user=user)
    codes = factor.confirm(user=user, code=factor.code_at(factor=secret, moment=NOW))
    assert codes
    secret.refresh_from_db()
    secret.last_step = 0
    secret.save(update_fields=["last_step"])
    return codes


@dataclass
class Browser:
    address: str = OFFICE
    client: Client = field(default_factory=Client)

    def __post_init__(self) -> None:
        self.client.defaults |= {"REMOTE_ADDR": self.address, "HTTP_USER_AGENT": CHROME}

    def move_to(self, address: str) -> None:
        self.client.defaults["REMOTE_ADDR"] = address

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, **data: Any) -> Any:
        return self.client.post(path, data)

    def enter_password(
        self, password: str = PASSWORD, *, username: str = "lily", path: str = SIGN_IN
    ) -> Any:
        return self.post(path, username=username, password=password)

    def enter_code(self, code: str) -> Any:
        return self.post(CODE, code=code)

    def is_signed_in(self) -> bool:
        return bool(self.get(HOME).status_code == 200)


def said(response: Any) -> str:
    """The refusal that a page with a form shows."""
    errors = response.context["form"].errors
    return " ".join(text for texts in errors.values() for text in texts)


def shown_codes(response: Any) -> list[str]:
    return re.findall(r"\b[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}\b", response.content.decode())


def address_of(name: str, *args: Any) -> str:
    return reverse(name, args=args)
