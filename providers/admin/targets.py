"""Where pushes go: sites, targets, and what HRG's codes mean."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminPasswordWidget

from providers import targets
from providers.admin.charts import queue_context
from providers.admin.target_actions import TargetActions
from providers.codes import Reaction
from providers.hrg.statuses import SUCCESS
from providers.models import BeiyingSite, HrgCode, Target
from wallet.admin.actions import form_action
from wallet.admin.base import BackOfficeAdmin
from wallet.admin.display import label, link, moment, remark
from wallet.admin.filters import ChoicesDropdownFilter, RelatedFilter
from wallet.admin.forms import ModelForm, ReasonForm, choice_field
from wallet.scope import member, scope_of

TARGET_TONES = {"active": "success", "tripped": "danger", "paused": "warning"}


class SiteForm(ModelForm):
    new_secret = forms.CharField(
        label=_("New secret key"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("Stored encrypted and never shown again. Empty: it stays as it is."),
    )

    class Meta:
        model = BeiyingSite
        fields = ("channel", "api_url", "site_id")

    def clean_new_secret(self) -> str:
        secret: str = self.cleaned_data["new_secret"]
        if not secret and not self.instance.secret_key:
            raise forms.ValidationError(_("A new site needs its secret key."))
        return secret

    def save(self, commit: bool = True) -> BeiyingSite:  # noqa: FBT001, FBT002  Django's signature
        if self.cleaned_data["new_secret"]:
            self.instance.secret_key = self.cleaned_data["new_secret"]
        site: BeiyingSite = super().save(commit)
        return site


@admin.register(BeiyingSite)
class BeiyingSiteAdmin(BackOfficeAdmin):
    form = SiteForm
    list_display = ("site_id", "channel", "api_url")
    list_select_related = ("channel",)
    ordering = ("channel",)
    fields = ("channel", "api_url", "site_id", "new_secret")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("channel",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        targets.of_site(obj)


class HrgCodeForm(ModelForm):
    """Only 0000 is success, and that whatever a table says."""

    reaction = choice_field(
        label=_("Reaction"),
        choices=[("", _("Select value"))]
        + [choice for choice in Reaction.choices if choice[0] != Reaction.DONE],
        help_text=_(
            "“Already there” for a user or transaction code that is used already; “refused for "
            "good” gives the held money of a transfer back at once."
        ),
    )

    class Meta:
        model = HrgCode
        fields = ("code", "reaction", "meaning")

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if code == SUCCESS:
            raise forms.ValidationError(_("0000 is success and cannot mean anything else."))
        return code


@admin.register(HrgCode)
class HrgCodeAdmin(BackOfficeAdmin):
    """The vendor's list, the same for every channel."""

    form = HrgCodeForm
    list_display = ("code", "reaction", "meaning")
    ordering = ("code",)
    scope_channel = None
    deletable = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and scope_of(request.user).everything

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and scope_of(request.user).everything

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and scope_of(request.user).everything


def _running(self: Any, request: HttpRequest, target: Target) -> bool:
    return target.state != Target.State.PAUSED


def _stopped(self: Any, request: HttpRequest, target: Target) -> bool:
    return target.state != Target.State.ACTIVE


@admin.register(Target)
class TargetAdmin(TargetActions, BackOfficeAdmin):
    change_form_after_template = "admin/providers/target/queue.html"
    list_display = ("__str__", "provider", "channel", "state_label", "reason", "since")
    list_filter = (
        ("channel", RelatedFilter),
        ("provider", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
    )
    search_fields = ("agent__agent_id__startswith", "=site__site_id", "=channel__id")
    list_select_related = ("channel",)
    ordering = ("channel", "provider", "pk")
    scope_sub_channel = "agent__sub_channel"
    actions_detail = (
        "test_connection",
        "pause",
        "resume",
        {
            "title": _("More actions"),
            "icon": "more_vert",
            "items": ["push_missing", "create_account"],
        },
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("provider", "channel"),
                    ("access", "state_label"),
                    ("since", "state_by"),
                    ("reason",),
                    ("probes", "next_probe"),
                )
            },
        ),
        (_("Limits"), {"fields": ("max_concurrency", "calls_per_minute", "name_policy")}),
    )
    readonly_fields = (
        "provider",
        "channel",
        "access",
        "state_label",
        "reason",
        "since",
        "state_by",
        "probes",
        "next_probe",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A target appears with its agent's or site's access."""
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        target = self.get_object(request, object_id) if object_id else None
        queue = queue_context(target) if target else {}
        return super().changeform_view(
            request, object_id, form_url, {**queue, **(extra_context or {})}
        )

    @admin.display(description=_("access"))
    def access(self, target: Target) -> str:
        return link(target.agent or target.site)

    @admin.display(description=_("state"))
    def state_label(self, target: Target) -> str:
        return label(target.get_state_display(), TARGET_TONES[target.state])

    @admin.display(description=_("reason"))
    def reason(self, target: Target) -> str:
        written = target.state_reason
        return gettext(written) if written == targets.PROBE_ANSWERED else remark(written)

    @admin.display(description=_("since"))
    def since(self, target: Target) -> str:
        return moment(target.state_since)

    @admin.display(description=_("next probe"))
    def next_probe(self, target: Target) -> str:
        return moment(target.probe_at)

    @form_action(
        description=_("Pause"),
        explanation=_("Nothing is sent there until somebody resumes it; jobs wait."),
        permission="providers.change_target",
        form=ReasonForm,
        icon="pause",
        variant=ActionVariant.DANGER,
        url_path="pause",
        offered=_running,
    )
    def pause(self, request: HttpRequest, target: Target, form: Any) -> str:
        targets.pause(
            target_id=target.pk,
            reason=form.cleaned_data["reason"],
            staff_id=member(request).pk,
        )
        return gettext("The target is paused.")

    @form_action(
        description=_("Resume"),
        explanation=_("Its jobs go on where they stopped."),
        permission="providers.change_target",
        form=ReasonForm,
        icon="play_arrow",
        variant=ActionVariant.SUCCESS,
        url_path="resume",
        offered=_stopped,
    )
    def resume(self, request: HttpRequest, target: Target, form: Any) -> str:
        targets.resume(
            target_id=target.pk,
            reason=form.cleaned_data["reason"],
            staff_id=member(request).pk,
        )
        return gettext("The target goes on.")
