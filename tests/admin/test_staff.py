"""Nobody grants what they lack."""

from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse

from tests.admin.world import World, signed_in
from wallet.admin.staff import grantable_groups
from wallet.models import StaffScope
from wallet.roles import EXTRA, ROLES


def _form(user: User, **changes: object) -> dict[str, object]:
    return {
        "username": user.username,
        "is_active": "on",
        "groups": [group.pk for group in user.groups.all()],
        "scopes-TOTAL_FORMS": "0",
        "scopes-INITIAL_FORMS": "0",
        **changes,
    }


class TestRoles:
    def test_hold_exactly_what_the_code_says(self, db: None) -> None:
        for role, names in ROLES.items():
            held = Permission.objects.filter(group__name=role).select_related("content_type")
            assert {f"{one.content_type.app_label}.{one.codename}" for one in held} == names

    def test_of_administrators_include_all_others(self) -> None:
        for names in ROLES.values():
            assert names <= ROLES["Administrator"]

    def test_of_auditors_change_nothing(self) -> None:
        verbs = {name.partition(".")[2].partition("_")[0] for name in ROLES["Auditor"]}

        assert verbs == {"view", "export"}

    def test_use_only_permissions_that_exist(self, db: None) -> None:
        for model, names in EXTRA.items():
            app = model.partition(".")[0]
            found = Permission.objects.filter(content_type__app_label=app, codename__in=names)
            assert found.count() == len(names)


class TestGroupsThatSomebodyMayGive:
    def test_are_all_for_an_administrator(self, world: World) -> None:
        groups = grantable_groups(world.roles["Administrator"])

        assert {group.name for group in groups} == set(ROLES)

    def test_leave_out_what_gives_more_than_the_giver_has(self, world: World) -> None:
        groups = grantable_groups(world.roles["Auditor"])

        assert {group.name for group in groups} == {"Auditor"}

    def test_posted_by_hand_are_refused_beyond_that(self, world: World) -> None:
        stronger = Group.objects.create(name="Stronger")
        stronger.permissions.add(Permission.objects.get(codename="delete_user"))
        colleague = world.here.colleague

        signed_in(world.roles["Administrator"]).post(
            reverse("admin:auth_user_change", args=[colleague.pk]),
            _form(colleague, groups=[stronger.pk]),
        )

        assert not colleague.groups.filter(name="Stronger").exists()


class TestAnAdministrator:
    def test_cannot_make_anybody_a_superuser(self, world: World) -> None:
        colleague = world.here.colleague

        signed_in(world.roles["Administrator"]).post(
            reverse("admin:auth_user_change", args=[colleague.pk]),
            _form(colleague, is_superuser="on"),
        )

        colleague.refresh_from_db()
        assert not colleague.is_superuser

    def test_cannot_change_their_own_rights(self, world: World) -> None:
        administrator = world.roles["Administrator"]

        signed_in(administrator).post(
            reverse("admin:auth_user_change", args=[administrator.pk]),
            _form(administrator, groups=[]),
        )

        assert [group.name for group in administrator.groups.all()] == ["Administrator"]

    def test_cannot_show_anybody_a_channel_that_they_do_not_see(self, world: World) -> None:
        colleague = world.here.colleague

        signed_in(world.roles["Administrator"]).post(
            reverse("admin:auth_user_change", args=[colleague.pk]),
            _form(
                colleague,
                **{
                    "scopes-TOTAL_FORMS": "1",
                    "scopes-0-channel": world.elsewhere.number,
                    "scopes-0-user": colleague.pk,
                },
            ),
        )

        scopes = StaffScope.objects.filter(user=colleague).values_list("channel", flat=True)
        assert list(scopes) == [world.here.number]
