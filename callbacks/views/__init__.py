"""One class per event."""

from callbacks.views.base import CallbackView
from callbacks.views.login import LoginView
from callbacks.views.movement import MovementView
from callbacks.views.netcheck import NetCheckView
from callbacks.views.notice import LoginNoticeView
from callbacks.views.query import QueryView
from callbacks.views.refund import BatchRefundView, RefundView
from callbacks.views.sync import SyncView

EVENT_VIEWS: tuple[type[CallbackView], ...] = (
    LoginView,
    SyncView,
    LoginNoticeView,
    MovementView,
    QueryView,
    RefundView,
    BatchRefundView,
    NetCheckView,
)
