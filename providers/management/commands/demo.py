from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from providers.demo import files
from providers.demo.document import EXAMPLES, MAIN_CHANNEL, build_document
from providers.demo.history import play
from providers.demo.people import everyone, lock_some, record_logins, register_people
from providers.onboarding import SECTIONS
from wallet import totals
from wallet.models import Player
from wallet.provisioning import ProvisioningFailed, provision


class Command(BaseCommand):
    help = (
        "Loads the demo: the examples of the providers' documents on channel 1, and a small world"
        " beside them. Keys, sign-ins and the provisioning file lie in VAR_DIR/demo. A second run"
        " leaves everything as it is."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError(
                "The demo is not for production: it is loaded only into the embedded database,"
                " when DATABASE_URL is not set."
            )
        directory = settings.VAR_DIR / "demo"
        directory.mkdir(parents=True, exist_ok=True)
        keys_kept = files.ensure_keys(directory)
        passwords = files.ensure_passwords(directory)
        document = build_document(passwords)
        if not _first_example().exists():
            files.forget_document(directory)
        elif keys_kept and files.same_document(directory, document):
            self.stdout.write("The demo is loaded already.")
            return
        path = files.write_document(directory, document)
        try:
            superuser = _provide(path, passwords, self.stdout.write)
        except ProvisioningFailed as error:
            raise CommandError(f"The demo's own file contradicts the database:\n{error}") from error
        if not files.is_finished(directory):
            self._make_history(superuser)
        files.keep_document(path)

    def _make_history(self, superuser: User) -> None:
        now = _first_example().get().registered_at
        people = everyone()
        tally = play(people, staff_id=superuser.pk, now=now)
        with transaction.atomic():
            if all(person.player.is_active for person in people):
                record_logins(people, now)
                lock_some(people)
        totals.roll_up()  # the home page has figures from the first look on
        self.stdout.write(
            f"world: {len(people)} players, {tally.entries} entries, {tally.refused} refused"
        )


def _provide(path: Path, passwords: dict[str, str], say: Callable[[str], object]) -> User:
    """Carry the file out and register the world's players, all or nothing; the superuser."""
    with transaction.atomic():
        new = not _first_example().exists()
        report = provision(path, SECTIONS)
        if new:
            register_people(timezone.now())
        superuser = _superuser(passwords)
    for line in report.lines():
        say(line)
    return superuser


def _first_example() -> QuerySet[Player]:
    """The first player of the documents, who is there once the demo is provisioned."""
    return Player.objects.filter(channel=MAIN_CHANNEL, username=EXAMPLES[0])


def _superuser(passwords: dict[str, str]) -> User:
    username = next(name for name, role in files.SIGN_INS.items() if role is None)
    user, _ = User.objects.get_or_create(
        username=username, defaults={"is_staff": True, "is_superuser": True}
    )
    if not user.check_password(passwords[username]):
        user.set_password(passwords[username])
        user.save(update_fields=["password"])
    return user
