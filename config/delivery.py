"""Where scheduled exports are delivered: a folder, or a bucket of an S3-compatible store."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SCHEME = "s3"


def store(address: str, *, endpoint: str = "", region: str = "") -> dict[str, Any]:
    """The entry of STORAGES for ``s3://bucket/prefix`` or a folder's path.

    Credentials are where boto3 finds them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the
    machine's role.
    """
    parts = urlsplit(address)
    if parts.scheme != SCHEME:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": address},
        }
    return {
        "BACKEND": "config.s3.Bucket",
        "OPTIONS": {
            "bucket_name": parts.netloc,
            "location": parts.path.strip("/"),
            "endpoint_url": endpoint or None,
            "region_name": region or None,
            "file_overwrite": True,  # delivering again replaces what is there
        },
    }


def fault_of(address: str) -> str:
    """Why nothing can be delivered there, for production's check of its environment."""
    parts = urlsplit(address)
    if parts.scheme == SCHEME:
        return "" if parts.netloc else "names no bucket: write s3://bucket or s3://bucket/prefix"
    return "" if Path(address).is_absolute() else "must be an absolute path, or s3://bucket"
