"""Plain words for what is kept as codes."""

from typing import Any

from central.models.review import Remark, ReviewReason


def review_words(code: str) -> Any:
    """A reason for review or a remark in words; a code that is not ours as it is."""
    for choices in (ReviewReason, Remark):
        if code in choices.values:
            return choices(code).label
    return code.replace("_", " ")
