"""贝盈's codes, spelled as on the wire, and what each makes us do."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from providers.codes import Code, Reaction

SUCCESS: Final = "Success"
ORDER_FAILED: Final = "ORDER_FAILD"
ORDER_NOT_FOUND: Final = "ORDER_NOTFOUND"

CODES: Final[Mapping[str, Code]] = MappingProxyType(
    {
        row.code: row
        for row in (
            Code(SUCCESS, Reaction.DONE, _("success")),
            Code("NOUSER", Reaction.ABSENT, _("user does not exist")),
            Code("BADNAME", Reaction.PERMANENT, _("user name breaks the rules")),
            Code("BADPASSWORD", Reaction.PERMANENT, _("password breaks the rules")),
            Code("EXISTSUSER", Reaction.EXISTS, _("user name already taken")),
            Code("BADMONEY", Reaction.PERMANENT, _("wrong amount")),
            Code("BANORDER", Reaction.PERMANENT, _("wrong order number")),
            Code("EXISTSORDER", Reaction.EXISTS, _("order number already used")),
            Code("NOORDER", Reaction.PERMANENT, _("order number does not exist")),
            Code("TRANSFER_NO_ACTION", Reaction.PERMANENT, _("no transfer direction given")),
            Code("IP", Reaction.TARGET, _("address not allowed")),
            Code("USERLOCK", Reaction.PERMANENT, _("user is locked")),
            Code("NOBALANCE", Reaction.PERMANENT, _("not enough money")),
            Code("NOCREDIT", Reaction.TARGET, _("the platform's credit is used up")),
            Code("Authorization", Reaction.TARGET, _("wrong key")),
            Code("Faild", Reaction.CONFLICT, _("general failure")),
            Code("DOMAIN", Reaction.TARGET, _("domain not configured")),
            Code("CONTENT", Reaction.PERMANENT, _("wrong content")),
            Code("Sign", Reaction.TARGET, _("wrong signature")),
            Code("NOSUPPORT", Reaction.TARGET, _("operation not supported")),
            Code("TIMEOUT", Reaction.PASSING, _("request timed out")),
            Code("STATUS", Reaction.TARGET, _("the site is stopped")),
            Code("CONFIGERROR", Reaction.TARGET, _("wrong configuration")),
            Code("DATEEROOR", Reaction.PERMANENT, _("wrong query date")),
            Code(ORDER_NOT_FOUND, Reaction.ABSENT, _("no such order")),
            Code("TYPE_ERROR", Reaction.PERMANENT, _("wrong type")),
            Code("MAINTENANCE", Reaction.PASSING, _("in maintenance")),
            Code("PROCCESSING", Reaction.PASSING, _("order in progress")),
            Code(ORDER_FAILED, Reaction.PERMANENT, _("order failed")),
            Code("BUSY", Reaction.PASSING, _("system busy")),
            Code("Exception", Reaction.UNKNOWN, _("system exception: outcome unknown")),
        )
    }
)


def classify(code: str) -> Reaction:
    """What `code` makes us do; a code that nobody told us of is a person's to judge."""
    row = CODES.get(code)
    return row.reaction if row else Reaction.CONFLICT
