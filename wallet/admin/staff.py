"""Staff members, their roles and what they see. Nobody grants what they lack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from wallet.admin.base import BackOfficeAdmin, BackOfficeInline
from wallet.admin.display import moment, money
from wallet.admin.filters import RelatedFilter
from wallet.admin.signin_actions import NetworkInline, SignInActions
from wallet.models import ApprovalLimit, StaffScope
from wallet.roles import ROLES
from wallet.scope import condition, scope_of

if TYPE_CHECKING:
    _UserAdmin = UserAdmin[User]
else:
    _UserAdmin = UserAdmin

admin.site.unregister(User)
admin.site.unregister(Group)


def grantable_groups(user: Any) -> QuerySet[Group]:
    """The groups that give nothing which the user lacks."""
    if user.is_superuser:
        return Group.objects.all()
    held = user.get_all_permissions()
    missing = [
        permission.pk
        for permission in Permission.objects.select_related("content_type")
        if f"{permission.content_type.app_label}.{permission.codename}" not in held
    ]
    return Group.objects.exclude(permissions__in=missing)


# Django's permissions of every model
_VERBS = {
    "view": _("may see"),
    "add": _("may add"),
    "change": _("may change"),
    "delete": _("may delete"),
}


def permission_name(permission: Permission) -> str:
    """What it allows, in the reader's language: its model, then the verb."""
    model = permission.content_type.model_class()
    verb = _VERBS.get(permission.codename.partition("_")[0])
    name = str(model._meta.verbose_name_plural) if model else permission.content_type.model
    if model and verb and permission.codename.endswith(f"_{model._meta.model_name}"):
        return f"{capfirst(name)}: {verb}"
    return f"{capfirst(name)}: {gettext(permission.name)}"


class ScopeInline(BackOfficeInline):
    model = StaffScope
    fields = ("channel", "sub_channel")
    verbose_name_plural = _("sees")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.has_perm("wallet.delete_staffscope"))

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest) -> Any:
        """Whole channels can be given only by who sees them whole."""
        scope = scope_of(request.user)
        rows = super().get_field_queryset(db, db_field, request)
        if db_field.name == "channel" and not scope.everything:
            return rows.filter(pk__in=scope.channels)
        return rows


@admin.register(User)
class StaffAdmin(SignInActions, _UserAdmin, BackOfficeAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "role_names", "sees", "is_active", "last_seen")
    list_filter = ("is_active", ("groups", RelatedFilter))
    list_prefetch_related = ("groups", "scopes__channel", "scopes__sub_channel")
    search_fields = ("username__istartswith", "first_name__istartswith", "last_name__istartswith")
    ordering = ("username",)
    inlines = (ScopeInline, NetworkInline)
    filter_horizontal = ()
    readonly_fields = ("last_seen", "date_joined")
    scope_channel = None
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email")}),
        (_("Rights"), {"fields": ("is_active", "is_superuser", "groups")}),
        (_("Dates"), {"fields": ("last_seen", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "usable_password", "password1", "password2")}),)

    def limit(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Oneself, and staff all of whose channels one sees."""
        scope = scope_of(request.user)
        if scope.everything:
            return queryset
        scopes = StaffScope.objects.filter(user=OuterRef("pk"))
        outside = scopes.exclude(condition(scope, sub_channel="sub_channel"))
        return queryset.filter(Q(pk=request.user.pk) | Q(is_superuser=False) & ~Exists(outside))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)
        if not allowed or obj is None or request.user.is_superuser:
            return allowed
        return not obj.is_superuser and (
            obj.get_all_permissions() <= request.user.get_all_permissions()
        )

    def get_inlines(self, request: HttpRequest, obj: User | None) -> tuple[Any, ...]:
        if obj is None:
            return ()
        return (NetworkInline,) if obj.is_superuser else self.inlines

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fields = list(super().get_readonly_fields(request, obj))
        if not request.user.is_superuser:
            fields.append("is_superuser")
        if obj is not None and obj.pk == request.user.pk:
            fields += ["is_active", "is_superuser", "groups"]
        return fields

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["queryset"] = grantable_groups(request.user).order_by("name")
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None and db_field.name == "groups":
            field.label_from_instance = lambda group: gettext(group.name)
        return field

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        """Everyone who is entered here is staff: players are no users of Django's."""
        obj.is_staff = True
        super().save_model(request, obj, form, change)

    @admin.display(description=_("name"))
    def full_name(self, user: User) -> str:
        return user.get_full_name() or "—"

    @admin.display(description=_("roles"))
    def role_names(self, user: User) -> str:
        if user.is_superuser:
            return gettext("superuser")
        return ", ".join(gettext(group.name) for group in user.groups.all()) or "—"

    @admin.display(description=_("sees"))
    def sees(self, user: Any) -> str:
        if user.is_superuser:
            return gettext("everything")
        return ", ".join(str(row.sub_channel or row.channel) for row in user.scopes.all()) or "—"

    @admin.display(description=_("last sign-in"))
    def last_seen(self, user: User) -> str:
        return moment(user.last_login)


@admin.register(Group)
class RoleAdmin(GroupAdmin, BackOfficeAdmin):
    """The built-in roles are kept in code; further groups are a superuser's to make."""

    list_display = ("role", "built_in")
    search_fields = ()
    ordering = ("name",)
    filter_horizontal = ("permissions",)
    scope_channel = None
    readonly_fields = ("role", "permission_names")

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any
    ) -> Any:
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None and db_field.name == "permissions":
            field.label_from_instance = permission_name
        return field

    @admin.display(description=_("role"))
    def role(self, group: Group) -> str:
        return gettext(group.name)

    @admin.display(description=_("permissions"))
    def permission_names(self, group: Group) -> str:
        names = sorted(map(permission_name, group.permissions.select_related("content_type")))
        return format_html_join("", "<div>{}</div>", ((name,) for name in names))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Who may not edit a role reads it in words."""
        if self.has_change_permission(request, obj):
            return ("name", "permissions")
        return ("role", "permission_names")

    @admin.display(description=_("built in"), boolean=True)
    def built_in(self, group: Group) -> bool:
        return group.name in ROLES

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser) and (obj is None or obj.name not in ROLES)


@admin.register(ApprovalLimit)
class ApprovalLimitAdmin(BackOfficeAdmin):
    """For all channels alike, so only who sees everything sets them."""

    list_display = ("role", "currency", "up_to")
    list_select_related = ("role",)
    scope_channel = None
    deletable = True

    @admin.display(description=_("limit"))
    def up_to(self, limit: ApprovalLimit) -> str:
        return money(limit.amount)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and scope_of(request.user).everything

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and scope_of(request.user).everything

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and scope_of(request.user).everything
