"""What people use instead: REST framework with its defaults, serializers and the ORM.

The movement still goes through the ledger, so that the difference is the web layer's alone.
"""

# ruff: noqa: N815  the protocol's own names

from __future__ import annotations

from typing import Any

import django
from django.conf import settings

django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import serializers  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from wallet import ledger  # noqa: E402
from wallet.models import Channel, EntryKind, Player  # noqa: E402


class BalanceSerializer(serializers.Serializer[Any]):
    channelId = serializers.IntegerField()
    username = serializers.CharField()
    tableType = serializers.IntegerField()
    currency = serializers.CharField()
    event = serializers.CharField()
    timestamp = serializers.IntegerField()
    sessionToken = serializers.CharField()
    seqNo = serializers.CharField()


class DetailSerializer(serializers.Serializer[Any]):
    tableCode = serializers.CharField()
    tableType = serializers.IntegerField()
    roundCode = serializers.CharField()


class MovementSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    channelId = serializers.IntegerField()
    money = serializers.DecimalField(max_digits=20, decimal_places=2)
    type = serializers.IntegerField()
    platform = serializers.IntegerField()
    currency = serializers.CharField()
    seqNo = serializers.CharField()
    detail = DetailSerializer()
    event = serializers.CharField()
    timestamp = serializers.IntegerField()
    sessionToken = serializers.CharField()
    signature = serializers.CharField()


class BalanceView(APIView):
    def post(self, request: Request) -> Response:
        message = BalanceSerializer(data=request.data)
        message.is_valid(raise_exception=True)
        data = message.validated_data
        channel = Channel.objects.get(pk=data["channelId"])
        player = Player.objects.get(channel=channel, username=data["username"])
        wallet = player.wallets.get(type_id=0)
        return Response({"status": 200, "money": wallet.balance})


class MovementView(APIView):
    def post(self, request: Request) -> Response:
        message = MovementSerializer(data=request.data)
        message.is_valid(raise_exception=True)
        data = message.validated_data
        channel = Channel.objects.get(pk=data["channelId"])
        player = Player.objects.get(channel=channel, username=data["username"])
        posting = ledger.post(
            wallet_id=player.wallets.get(type_id=0).pk,
            kind=EntryKind.BET if data["type"] == 1 else EntryKind.PAYOUT,
            amount=data["money"],
            source=f"ebet:{data['type']}",
            reference=data["seqNo"],
            round_code=data["detail"]["roundCode"],
        )
        return Response({"status": 200, "money": posting.balance_after})


class ProbeView(APIView):
    def post(self, request: Request) -> Response:
        return Response({"status": 200})


urlpatterns = [
    path("syncCredit", BalanceView.as_view()),
    path("increaseCredit", MovementView.as_view()),
    path("netCheck", ProbeView.as_view()),
]
settings.ROOT_URLCONF = __name__
application = get_wsgi_application()
