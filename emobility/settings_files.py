"""Settings of files and exports: where files are kept, how large they may be, how long they stay."""

from pathlib import Path
from typing import Any

from emobility import env

VAR_DIR = Path(env.text("VAR_DIR", str(env.BASE_DIR / "var")))

HTTP_MAX_BODY_MIB = env.integer("HTTP_MAX_BODY_MIB", 32, minimum=5, maximum=1024)
"""The largest body of a request, in MiB, where no file is sent."""

EXPORT_STREAMS = env.integer("EXPORT_STREAMS", 4, minimum=1, maximum=100)
"""Exports that one process streams at once; half of them to one organisation. Each holds a connection."""
EXPORT_JOBS = env.integer("EXPORT_JOBS", 5, minimum=1, maximum=1000)
"""Exports in the background that one organisation may have waiting or under way."""
EXPORT_JOBS_AT_ONCE = env.integer("EXPORT_JOBS_AT_ONCE", 1, minimum=1, maximum=100)
"""Exports in the background that all workers together work on."""
EXPORT_KEEP_HOURS = env.integer("EXPORT_KEEP_HOURS", 24, minimum=1, maximum=24 * 90)
"""Hours until the file of an export is removed."""

FILES_PUBLIC_URL = env.text("FILES_PUBLIC_URL").rstrip("/")
"""Where charge points bring and fetch files (https://charge.example); empty: ours is not offered."""
FILES_LOG_MAX_MIB = env.integer("FILES_LOG_MAX_MIB", 100, minimum=1, maximum=10_240)
"""The largest log that a charge point may bring, in MiB."""
FILES_LOG_LINK_HOURS = env.integer("FILES_LOG_LINK_HOURS", 24, minimum=1, maximum=24 * 30)
"""Hours for which a charge point may bring the log that it was asked for."""
FILES_LOG_KEEP_DAYS = env.integer("FILES_LOG_KEEP_DAYS", 90, minimum=0)
"""Days until a log's file is removed; 0: never."""
FILES_FIRMWARE_MAX_MIB = env.integer("FILES_FIRMWARE_MAX_MIB", 512, minimum=1, maximum=10_240)
"""The largest firmware image, in MiB."""
FILES_FIRMWARE_LINK_DAYS = env.integer("FILES_FIRMWARE_LINK_DAYS", 14, minimum=1, maximum=365)
"""Days for which a charge point may fetch the firmware that it was told of, from the time to fetch on."""

FILES_S3_BUCKET = env.text("FILES_S3_BUCKET")
"""The bucket where files are kept; empty: a folder of this machine."""
FILES_ROOT = Path(env.text("FILES_ROOT", str(VAR_DIR / "files")))
"""The folder where files are kept; all processes have to see the same."""


def _storage() -> dict[str, Any]:
    """The default storage: S3 where a bucket is named; keys come from boto's usual places where none are."""
    if not FILES_S3_BUCKET:
        location = {"location": str(FILES_ROOT), "file_permissions_mode": 0o640}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": location}
    options = {
        "bucket_name": FILES_S3_BUCKET,
        "endpoint_url": env.text("AWS_S3_ENDPOINT_URL") or None,
        "region_name": env.text("AWS_S3_REGION_NAME") or None,
        "access_key": env.text("AWS_ACCESS_KEY_ID") or None,
        "secret_key": env.text("AWS_SECRET_ACCESS_KEY") or None,
        "default_acl": None,
        "querystring_auth": True,
        "file_overwrite": False,
        "location": env.text("FILES_S3_PREFIX"),
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


STORAGES = {
    "default": _storage(),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o640
