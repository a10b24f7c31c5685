"""Settings of what is kept and how much is taken: history by age, handshakes by address."""

from emobility import env

OCPP_MESSAGES_KEEP_DAYS = env.integer("OCPP_MESSAGES_KEEP_DAYS", 30, minimum=0)
"""Days that the message log reaches back; 0: for ever."""
OCPP_METER_VALUES_KEEP_DAYS = env.integer("OCPP_METER_VALUES_KEEP_DAYS", 0, minimum=0)
"""Days that single meter values are kept; sessions and CDRs keep their totals; 0: for ever."""
OCPP_SECURITY_EVENTS_KEEP_DAYS = env.integer("OCPP_SECURITY_EVENTS_KEEP_DAYS", 0, minimum=0)
"""Days that security events are kept that nobody has to look at any more; 0: for ever."""
OCPP_STATUS_CHANGES_KEEP_DAYS = env.integer("OCPP_STATUS_CHANGES_KEEP_DAYS", 0, minimum=0)
"""Days that the states of connectors reach back; 0: for ever."""
OCPP_DATA_TRANSFERS_KEEP_DAYS = env.integer("OCPP_DATA_TRANSFERS_KEEP_DAYS", 0, minimum=0)
"""Days that vendor messages are kept; 0: for ever."""
OCPP_SIGNING_REQUESTS_KEEP_DAYS = env.integer("OCPP_SIGNING_REQUESTS_KEEP_DAYS", 365, minimum=0)
"""Days that requests for certificates, and of plug and charge, are kept; certificates stay; 0: for ever."""
OCPP_KNOCKING_PER_ADDRESS = env.integer("OCPP_KNOCKING_PER_ADDRESS", 20, minimum=1)
"""Handshakes of one address that may wait at once for the check of their credentials."""
OCPP_REPORT_TIMEOUT = env.integer("OCPP_REPORT_TIMEOUT", 300, minimum=10)
"""Seconds of silence after which a report of the device model counts as incomplete."""
OCPP_DEVICE_EVENTS_KEEP_DAYS = env.integer("OCPP_DEVICE_EVENTS_KEEP_DAYS", 365, minimum=0)
"""Days that events of monitors and the course of reports are kept; 0: for ever."""
OCPP_EVENT_STREAMS_KEEP_DAYS = env.integer("OCPP_EVENT_STREAMS_KEEP_DAYS", 30, minimum=0)
"""Days that single values of periodic event streams are kept; 0: for ever."""
OCPP_CUSTOMER_INFORMATION_KEEP_DAYS = env.integer("OCPP_CUSTOMER_INFORMATION_KEEP_DAYS", 30, minimum=1)
"""Days until what a charge point told about a driver is deleted here."""
OCPP_PUBLIC_URL = env.text("OCPP_PUBLIC_URL").rstrip("/")
"""Where charge points find us (wss://charge.example/ocpp), where that is not where the back office is."""
OCPP_ORDERS_PER_MINUTE = env.integer("OCPP_ORDERS_PER_MINUTE", 60, minimum=1)
"""Orders that one person may place in a minute; a bulk command is one."""
OCPP_BULK_PORTION = env.integer("OCPP_BULK_PORTION", 50, minimum=1)
"""Charge points of a bulk command that are ordered at once, each OCPP_BULK_PAUSE."""
OCPP_BULK_PAUSE = env.integer("OCPP_BULK_PAUSE", 5, minimum=1)
"""Seconds between two portions of a bulk command."""
