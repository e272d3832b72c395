from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallbacksConfig(AppConfig):
    name = "callbacks"
    verbose_name = _("Callbacks")

    def ready(self) -> None:
        from callbacks.exports import INBOX_SOURCE
        from wallet.exports.sources import register

        register(INBOX_SOURCE)
