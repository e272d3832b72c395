from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from wallet.models import Channel, StaffScope
from wallet.provisioning.document import UNSET, Item, clean
from wallet.provisioning.run import Section
from wallet.roles import ROLES


@dataclass
class _Staff:
    item: Item
    username: str
    password: Any
    role: Any
    channels: list[tuple[str, int]] | None


class Staff(Section):
    """Staff members with their role and the channels they see."""

    name = "staff"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._rows: list[_Staff] = []

    def read(self, item: Item) -> None:
        username = item.value("username", User, required=True)
        password = item.value("password", User)
        role = item.get("role")
        if role not in (UNSET, None, *ROLES):
            item.problem(f"is none of {', '.join(ROLES)}", at="role")
        number = Channel._meta.get_field("id")
        channels = [
            (place, cleaned)
            for place, value in item.elements("channels")
            if (cleaned := clean(number, value, place, item.problems)) is not UNSET
        ]
        if username is UNSET:
            return
        self.run.once(item.place, "staff", username)
        self._rows.append(
            _Staff(item, username, password, role, channels if "channels" in item else None)
        )

    def check(self) -> None:
        for row in self._rows:
            self._check_password(row)
            for place, channel_id in row.channels or ():
                if channel_id not in self.run.currencies:
                    self.run.problems.add(place, f"there is no channel {channel_id}")

    def apply(self) -> None:
        for row in self._rows:
            user = User.objects.filter(username=row.username).first()
            created = user is None
            if user is None:
                user = User(username=row.username, is_staff=True)
                user.set_unusable_password()
                user.save()
            changed = self._apply_password(user, row)
            changed |= self._apply_role(user, row)
            changed |= self._apply_channels(user, row)
            self.run.report.count(self.name, created=created, changed=changed)

    def _check_password(self, row: _Staff) -> None:
        """A weak password is refused; the demo, which is open to this machine only, notes it."""
        if row.password is UNSET:
            return
        try:
            validate_password(row.password, User(username=row.username))
        except ValidationError as error:
            text = f"weak. {' '.join(error.messages)}"
            if settings.EMBEDDED:
                self.run.report.note(f"{row.item.at('password')}: {text}")
            else:
                row.item.problem(text, at="password")

    def _apply_password(self, user: User, row: _Staff) -> bool:
        if row.password is UNSET or user.check_password(row.password):
            return False
        user.set_password(row.password)
        user.save(update_fields=["password"])
        return True

    def _apply_role(self, user: User, row: _Staff) -> bool:
        if row.role is UNSET:
            return False
        former = set(user.groups.values_list("name", flat=True))
        wanted = {row.role} if row.role else set()
        if former & set(ROLES) == wanted:
            return False
        user.groups.remove(*Group.objects.filter(name__in=ROLES))
        if row.role:
            user.groups.add(Group.objects.get(name=row.role))
        return True

    def _apply_channels(self, user: User, row: _Staff) -> bool:
        if row.channels is None:
            return False
        wanted = {channel_id for _, channel_id in row.channels}
        scopes = StaffScope.objects.filter(user=user)
        whole = set(scopes.filter(sub_channel=None).values_list("channel_id", flat=True))
        if whole == wanted and not scopes.exclude(sub_channel=None).exists():
            return False
        scopes.delete()
        StaffScope.objects.bulk_create(
            StaffScope(user=user, channel_id=channel_id) for channel_id in sorted(wanted)
        )
        return True
