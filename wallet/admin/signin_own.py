"""Looking after one's own sign-in: second factor, recovery codes, sessions, password."""

from __future__ import annotations

from typing import Any

import segno
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from wallet.admin.signin_forms import ProofForm, SetUpForm
from wallet.audit import acting
from wallet.models import SecondFactor, StaffLogin, StaffSession
from wallet.network import caller_address
from wallet.scope import member
from wallet.signin import factor, sessions

RECENT = 10


def overview(request: HttpRequest) -> HttpResponse:
    """What protects the account, where it is signed in, and who tried lately."""
    user = member(request)
    mine = sessions.open_sessions(timezone.now()).filter(user=user)
    attempts = StaffLogin.objects.filter(username=user.get_username())
    return _page(
        request,
        "security",
        title=_("My sign-in"),
        factor=SecondFactor.objects.filter(user=user).exclude(confirmed_at=None).first(),
        sessions=mine.order_by("-last_seen_at", "-pk")[:50],
        current=sessions.current_id(request),
        attempts=attempts.order_by("-at", "-pk")[:RECENT],
    )


@sensitive_post_parameters()
def set_up(request: HttpRequest) -> HttpResponse:
    """Show the secret until a first code proves that an app knows it."""
    user = member(request)
    if factor.is_on(user):
        return _home()
    secret = _prepared(request, user)
    form = SetUpForm(request.POST or None, request=request, user=user)
    if form.is_valid():
        _own_session(request).update(verified=True)
        sessions.end_others(request, user=user, reason=StaffSession.End.FACTOR)
        return _show_codes(request, form.recovery_codes)
    site = str(admin.site.each_context(request)["site_title"])
    uri = factor.provisioning_uri(factor=secret, issuer=site)
    picture = segno.make(uri, error="m").svg_inline(scale=5, dark="#000", light="#fff", border=3)
    return _page(
        request,
        "set_up",
        title=_("Set up the second factor"),
        form=form,
        picture=mark_safe(picture),  # noqa: S308  drawn by segno
        secret=" ".join(secret.secret[i : i + 4] for i in range(0, len(secret.secret), 4)),
        uri=uri,
        required=settings.STAFF_TWO_FACTOR,
    )


@sensitive_post_parameters()
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes instead of the former ones."""
    user = member(request)
    if not factor.is_on(user):
        return _home()
    form = ProofForm(request.POST or None, request=request, user=user)
    if form.is_valid():
        return _show_codes(request, factor.renew_recovery_codes(user=user))
    return _page(
        request,
        "proof",
        title=_("New recovery codes"),
        form=form,
        explanation=_("The codes that you have now will no longer work."),
        submit_text=_("Make new codes"),
    )


@sensitive_post_parameters()
def switch_off(request: HttpRequest) -> HttpResponse:
    """Remove the second factor, after both factors were shown again."""
    user = member(request)
    if not factor.is_on(user):
        return _home()
    form = ProofForm(request.POST or None, request=request, user=user)
    if form.is_valid():
        factor.remove(user=user)
        _own_session(request).update(verified=False)
        sessions.end_others(request, user=user, reason=StaffSession.End.FACTOR)
        messages.success(request, _("The second factor is switched off."))
        return _home()
    return _page(
        request,
        "proof",
        title=_("Switch the second factor off"),
        form=form,
        explanation=_(
            "To change phones, switch it off and set it up anew. Your other sessions end."
        ),
        submit_text=_("Switch off"),
        danger=True,
    )


@require_POST
def end_session(request: HttpRequest, number: int) -> HttpResponse:
    """End one of one's own sessions."""
    mine = StaffSession.objects.filter(user=member(request), pk=number)
    get_object_or_404(mine)
    sessions.end(mine, reason=StaffSession.End.SIGNED_OUT)
    messages.success(request, _("The session was ended."))
    return _home()


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """End all of one's own sessions but this one."""
    sessions.end_others(request, user=member(request), reason=StaffSession.End.SIGNED_OUT)
    messages.success(request, _("All your other sessions were ended."))
    return _home()


def change_password(request: HttpRequest) -> HttpResponse:
    """Django's page; a new password ends the sessions elsewhere."""
    response: HttpResponse = admin.site.password_change(request)
    if request.method == "POST" and response.status_code == 302:
        sessions.end_others(request, user=member(request), reason=StaffSession.End.PASSWORD)
    return response


def _prepared(request: HttpRequest, user: User) -> SecondFactor:
    """Changes by POST are attributed by the middleware; this one may be made by GET."""
    if request.method == "POST":
        return factor.prepare(user=user)
    with acting(actor_id=user.pk, address=str(caller_address(request) or ""), path=request.path):
        return factor.prepare(user=user)


def _own_session(request: HttpRequest) -> Any:
    return StaffSession.objects.filter(pk=sessions.current_id(request))


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return _page(request, "recovery_codes", title=_("Your recovery codes"), codes=codes)


def _home() -> HttpResponse:
    return HttpResponseRedirect(reverse("security"))


def _page(request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
    return TemplateResponse(
        request,
        f"admin/signin/{name}.html",
        {**admin.site.each_context(request), "back": reverse("security"), **context},
    )
