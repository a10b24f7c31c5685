"""Settings of the event log and of what leaves it: webhooks, the Redis stream, MQTT, the Laravel CMS."""

from emobility import env

SESSION_EVENT_SECONDS = env.integer("SESSION_EVENT_SECONDS", 60, minimum=0)
"""A running session is told at most once in each such stretch; 0: never."""
EVENTS_KEEP_DAYS = env.integer("EVENTS_KEEP_DAYS", 0, minimum=0)
"""Days that the event log reaches back; 0: for ever."""
EVENTS_REDIS_STREAM = env.boolean("EVENTS_REDIS_STREAM", default=False)
"""Write all events to a Redis stream for each organisation, at REDIS_URL."""
EVENTS_REDIS_MAXLEN = env.integer("EVENTS_REDIS_MAXLEN", 100_000, minimum=1)
"""About how many events each stream keeps."""
MQTT_URL = env.text("MQTT_URL")
"""mqtt[s]://[user:password@]host[:port]: publish all events there; empty: nowhere."""
MQTT_TOPIC_PREFIX = env.text("MQTT_TOPIC_PREFIX", "emobility").strip("/")
"""First part of the topics."""
WEBHOOK_ATTEMPTS = env.integer("WEBHOOK_ATTEMPTS", 20, minimum=1)
"""Attempts until an event is given up on for an endpoint."""
WEBHOOK_PAUSE_AFTER_HOURS = env.integer("WEBHOOK_PAUSE_AFTER_HOURS", 72, minimum=1)
"""An endpoint that failed for so long without a success waits for a person."""
WEBHOOK_KEEP_DAYS = env.integer("WEBHOOK_KEEP_DAYS", 30, minimum=1)
"""Days that deliveries and their attempts are kept."""
LARAVEL_API_URL = env.text("LARAVEL_API_URL").rstrip("/")
"""Where the Laravel CMS takes events: makes the first webhook of the default organisation."""
LARAVEL_API_KEY = env.text("LARAVEL_API_KEY")
"""Sent to it as bearer token, beside the signature."""
