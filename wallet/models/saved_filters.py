from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedFilter(models.Model):
    """Filters and search of one list under a name. Whoever opens it sees their own rows only.

    ``query`` is the part of the address behind the question mark. ``listing`` is the list's model
    as Django labels it; whoever may see the list, and all that the owner sees,
    sees those that are shared.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="saved_filters",
        verbose_name=_("staff member"),
        db_index=False,
    )
    listing = models.CharField(_("list"), max_length=80)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("filters"), max_length=2000)
    shared = models.BooleanField(_("shared"), default=False)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "listing", "name"], name="saved_filter_name_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["listing", "name"],
                condition=models.Q(shared=True),
                name="saved_filter_shared",
            )
        ]

    def __str__(self) -> str:
        return self.name
