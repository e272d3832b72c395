"""An S3-compatible store that is written with one part of a file in memory at a time."""

from typing import Any

from boto3.s3.transfer import TransferConfig
from storages.backends.s3 import S3Storage


class Bucket(S3Storage):
    def get_default_settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = super().get_default_settings()
        return {**settings, "transfer_config": TransferConfig(use_threads=False)}
