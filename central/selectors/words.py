"""Plain words for what is kept as codes."""

from typing import Any

from central.models import Command
from central.models.review import Remark, ReviewReason


def review_words(code: str) -> Any:
    """A reason for review or a remark in words; a code that is not ours as it is."""
    for choices in (ReviewReason, Remark):
        if code in choices.values:
            return choices(code).label
    return code.replace("_", " ")


def deciding_part(command: Command) -> Command:
    """The message of an order that made its state what it is; the order itself where it has only one."""
    if command.whole in {"", command.state}:
        return command
    return command.parts.filter(state=command.whole).order_by("pk").first() or command


def answer_word(answer: Any) -> str:
    """What a charge point said to an order in its own words: one status, or those of the entries refused."""
    if not isinstance(answer, dict):
        return ""
    if answer.get("status"):
        return str(answer["status"])
    said = [
        str(word)
        for entries in answer.values()
        if isinstance(entries, list)
        for entry in entries
        if isinstance(entry, dict)
        for name, word in entry.items()
        if name in {"status", "attributeStatus"}
    ]
    refused = dict.fromkeys(word for word in said if word != "Accepted")
    return ", ".join(refused) or ("Accepted" if said else "")
