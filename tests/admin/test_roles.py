"""A role that may see a page sees all of it, its secrets apart."""

from django.contrib import admin
from django.db.models import Model

from wallet.admin.base import ReadOnlyInline
from wallet.models import ChannelKey
from wallet.roles import ROLES


def _view(model: type[Model]) -> str:
    return f"{model._meta.app_label}.view_{model._meta.model_name}"


class TestARole:
    def test_sees_the_history_and_the_parts_of_what_it_sees(self) -> None:
        hidden = {
            (role, inline.model)
            for model, page in admin.site._registry.items()
            for inline in page.inlines
            if issubclass(inline, ReadOnlyInline) and inline.model is not ChannelKey
            for role, permissions in ROLES.items()
            if _view(model) in permissions and _view(inline.model) not in permissions
        }

        assert hidden == set()
