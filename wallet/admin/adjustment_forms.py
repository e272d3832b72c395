"""Forms to propose an adjustment and to decide one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from wallet.admin.forms import ActionForm, choice_field, model_field, money_field, reason_field
from wallet.admin.player_forms import OwnWalletsForm
from wallet.models import Adjustment, Wallet

EVIDENCE = ("pdf", "png", "jpg", "jpeg", "webp", "csv", "xlsx", "txt", "eml")
MOST_BYTES = 5_000_000


class ProposeForm(OwnWalletsForm):
    """About a player; what the amount may be is the domain's rule."""

    wallet_fields = ("wallet",)

    wallet = model_field(label=_("Wallet"), queryset=Wallet.objects.none())
    kind = choice_field(label=_("Kind"), choices=Adjustment.Kind)
    amount = money_field(
        label=_("Amount"),
        help_text=_("Signed from the player's side: -20 takes 20 from the player."),
    )
    reason = reason_field()
    attachment = forms.FileField(
        label=_("Evidence"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("A document or picture of at most 5 MB."),
    )

    def clean_attachment(self) -> Any:
        file = self.cleaned_data["attachment"]
        if file:
            if file.name.rpartition(".")[2].lower() not in EVIDENCE:
                raise forms.ValidationError(
                    _("Files of this kind are not accepted: %(kinds)s are."),
                    params={"kinds": ", ".join(EVIDENCE)},
                )
            if file.size > MOST_BYTES:
                raise forms.ValidationError(_("The file is larger than 5 MB."))
        return file


class CommentForm(ActionForm):
    comment = reason_field(required=False)
    comment.label = _("Comment")


class RejectForm(ActionForm):
    comment = reason_field()
