"""Admin pages of central."""

from central.admin import charge_points, commands, history, id_tokens, messages, sessions

__all__ = ["charge_points", "commands", "history", "id_tokens", "messages", "sessions"]
