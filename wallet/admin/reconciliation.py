"""Days compared with the providers: asked for, read, and each difference resolved with a reason."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from wallet.admin.actions import form_action
from wallet.admin.base import ReadOnlyAdmin
from wallet.admin.bulk import apply_to_each
from wallet.admin.display import copyable, format_money, label, link, moment
from wallet.admin.filters import ChoicesDropdownFilter, RelatedFilter
from wallet.admin.forms import ReasonForm
from wallet.admin.reconciliation_form import ReconcileForm, ResolvedFilter
from wallet.models import Reconciliation, ReconciliationItem
from wallet.reconciliation import runs
from wallet.scope import member

_TONES = {"missing": "danger", "extra": "warning", "different": "info"}
_SIDES = {"status": _("outcome"), "amount": _("amount"), "player": _("player")}


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    list_display = ("date", "provider", "channel", "outcome", "ours", "theirs", "requested", "zone")
    list_display_links = ("date",)
    list_filter = (("channel", RelatedFilter), ("provider", ChoicesDropdownFilter))
    list_select_related = ("channel", "requested_by")
    ordering = ("-day", "-pk")
    fields = (
        ("date", "zone"),
        ("provider", "channel"),
        ("outcome", "differences"),
        ("ours", "theirs"),
        ("requested", "requested_by"),
        ("finished", "reason"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        open_items = Count("items", filter=Q(items__resolved_at=None))
        rows: QuerySet[Any] = (
            super().get_queryset(request).annotate(found=Count("items"), still_open=open_items)
        )
        return rows

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("wallet.add_reconciliation")

    @admin.display(description=_("day"), ordering="day")
    def date(self, run: Reconciliation) -> str:
        return run.day.isoformat()

    @admin.display(description=_("state of the day"))
    def outcome(self, run: Any) -> str:
        if run.state != Reconciliation.State.DONE:
            tone = "danger" if run.state == Reconciliation.State.FAILED else "info"
            return label(run.get_state_display(), tone)
        if run.still_open:
            text = ngettext("%(count)d to resolve", "%(count)d to resolve", run.still_open)
            return label(text % {"count": run.still_open}, "danger")
        return label(gettext("resolved") if run.found else gettext("in agreement"), "success")

    @admin.display(description=_("differences"))
    def differences(self, run: Any) -> str:
        if not run.found:
            return "0"
        address = reverse("admin:wallet_reconciliationitem_changelist")
        return format_html(
            '<a class="link" href="{}?reconciliation__id__exact={}">{}</a>',
            address,
            run.pk,
            run.found,
        )

    @admin.display(description=_("requested at"))
    def requested(self, run: Reconciliation) -> str:
        return moment(run.requested_at)

    @admin.display(description=_("finished at"))
    def finished(self, run: Reconciliation) -> str:
        return moment(run.finished_at)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A worker compares; the list shows when it has."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        posted = request.method == "POST"
        form = ReconcileForm(
            request.POST if posted else None,
            request.FILES if posted else None,
            request=request,
            obj=None,
        )
        if posted and form.is_valid():
            data = form.cleaned_data
            try:
                run = runs.request(
                    **data,
                    zone=timezone.get_current_timezone_name(),
                    user_id=member(request).pk,
                )
            except runs.NotPossible as error:
                form.add_error("day", str(error))
            else:
                self.log_addition(request, run, "Requested")
                messages.success(request, gettext("The day will be compared within a minute."))
                address = reverse("admin:wallet_reconciliation_change", args=[run.pk])
                return HttpResponseRedirect(address)
        return TemplateResponse(
            request,
            "admin/action_form.html",
            {
                **self.admin_site.each_context(request),
                "layout": "admin/base_site.html",
                "title": _("Reconcile a day"),
                "explanation": _(
                    "Compares our ledger with the provider's book. eBET's records can also come"
                    " from a CSV file with its member names as titles: seqNo, status and, where"
                    " known, event, username, startRequestTime, type, money."
                ),
                "submit_text": _("Compare"),
                "opts": self.opts,
                "form": form,
                "back": reverse("admin:wallet_reconciliation_changelist"),
                "media": self.media + form.media,
            },
        )


def _unresolved(self: Any, request: HttpRequest, item: ReconciliationItem) -> bool:
    return item.resolved_at is None


@admin.register(ReconciliationItem)
class ReconciliationItemAdmin(ReadOnlyAdmin):
    list_display = ("kind", "key_cell", "username", "differing_names", "ours_cell", "theirs_cell",
                    "day", "resolved")  # fmt: skip
    list_display_links = ("kind",)
    list_filter = (
        ResolvedFilter,
        ("difference", ChoicesDropdownFilter),
        ("reconciliation__provider", ChoicesDropdownFilter),
        ("channel", RelatedFilter),
    )
    list_select_related = ("reconciliation", "entry", "resolved_by")
    linked_lookups = ("reconciliation",)
    search_fields = ("key", "username")
    search_help_text = _("Exact seqNo or order ID, or username")
    actions = ("resolve_selected",)
    actions_detail = ("resolve",)
    fields = (
        ("kind", "differing_names"),
        ("key_cell", "username"),
        ("ours_cell", "theirs_cell"),
        ("entry_link", "day"),
        ("resolved", "resolution"),
    )

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("wallet.change_reconciliationitem")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.strip()
        return (queryset.filter(Q(key=text) | Q(username=text)) if text else queryset), False

    @admin.display(description=_("difference"))
    def kind(self, item: ReconciliationItem) -> str:
        return label(item.get_difference_display(), _TONES[item.difference])

    @admin.display(description=_("key"))
    def key_cell(self, item: ReconciliationItem) -> str:
        return copyable(item.key)

    @admin.display(description=_("what differs"))
    def differing_names(self, item: ReconciliationItem) -> str:
        return ", ".join(str(_SIDES.get(name, name)) for name in item.differing) or "—"

    @admin.display(description=_("here"))
    def ours_cell(self, item: ReconciliationItem) -> str:
        return _side(item.ours)

    @admin.display(description=_("there"))
    def theirs_cell(self, item: ReconciliationItem) -> str:
        return _side(item.theirs)

    @admin.display(description=_("ledger entry"))
    def entry_link(self, item: ReconciliationItem) -> str:
        return link(item.entry)

    @admin.display(description=_("reconciliation"))
    def day(self, item: ReconciliationItem) -> str:
        return link(item.reconciliation)

    @admin.display(description=_("resolved"))
    def resolved(self, item: ReconciliationItem) -> str:
        if item.resolved_at is None:
            return label(_("to be resolved"), "warning")
        return format_html("{} · {}<br>{}", moment(item.resolved_at), item.resolved_by,
                           item.resolution)  # fmt: skip

    @form_action(
        description=_("Resolve"),
        permission="wallet.change_reconciliationitem",
        form=ReasonForm,
        explanation=_("Nothing moves: say what was found out and what was done about it."),
        icon="task_alt",
        url_path="resolve",
        offered=_unresolved,
        errors=(runs.AlreadyResolved,),
    )
    def resolve(self, request: HttpRequest, item: ReconciliationItem, form: Any) -> str:
        reason = form.cleaned_data["reason"]
        runs.resolve(item_id=item.pk, user_id=member(request).pk, reason=reason)
        return gettext("The difference was resolved.")

    @admin.action(description=_("Resolve selected"), permissions=["resolve"])
    def resolve_selected(
        self, request: HttpRequest, queryset: QuerySet[ReconciliationItem]
    ) -> HttpResponse | None:
        def apply(item: ReconciliationItem, data: dict[str, Any]) -> str:
            runs.resolve(item_id=item.pk, user_id=member(request).pk, reason=data["reason"])
            return gettext("The difference was resolved.")

        return apply_to_each(
            self,
            request,
            queryset,
            title=_("Resolve"),
            form_class=ReasonForm,
            describe=lambda item: f"{item.get_difference_display()} {item.key}",
            apply=apply,
            errors=(runs.AlreadyResolved,),
        )


def _side(record: dict[str, Any] | None) -> str:
    """One side's record in a few words; a dash where it has none."""
    if record is None:
        return "—"
    outcome = {True: _("done"), False: _("not done"), None: _("undecided")}[record["done"]]
    amount, at = record["amount"], record["at"]
    parts = [
        f"{outcome} ({record['says']})",
        format_money(Decimal(amount)) if amount is not None else "",
        record["player"],
        moment(parse_datetime(at)) if at else "",
    ]
    return format_html_join(" · ", "{}", ((part,) for part in parts if part))
