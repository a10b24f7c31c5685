"""How the admin looks: names, colours, and the sidebar in the order of an operator's day."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _item(title: Any, icon: str, model: str, right: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{model}_changelist"),
        "permission": f"emobility.sidebar.may_{right}",
    }


def _stylesheet(request: Any) -> str:
    return static("emobility/admin.css")


def _favicon(request: Any) -> str:
    return static("emobility/favicon.svg")


SIDEBAR = [
    {
        "items": [
            {"title": _("Overview"), "icon": "dashboard", "link": reverse_lazy("admin:index")},
        ]
    },
    {
        "title": _("Operation"),
        "items": [
            _item(_("Charge points"), "ev_station", "registry_chargepoint", "see"),
            _item(_("Sessions"), "bolt", "central_session", "see"),
            _item(_("Reservations"), "event_available", "central_reservation", "inspect"),
            _item(_("Commands"), "send", "central_command", "inspect"),
            _item(_("Bulk commands"), "dynamic_feed", "central_bulkcommand", "inspect"),
            _item(_("Messages"), "forum", "central_message", "inspect"),
            _item(_("Sites"), "location_on", "registry_site", "see"),
            _item(_("Parking places"), "local_parking", "registry_parkingplace", "see"),
            _item(_("Groups of charge points"), "workspaces", "registry_chargepointgroup", "see"),
        ],
    },
    {
        "title": _("Devices"),
        "items": [
            _item(_("Battery swaps"), "battery_change", "central_batteryswap", "inspect"),
            _item(_("DER controls"), "electrical_services", "central_dercontrol", "inspect"),
            _item(_("DER alarms"), "electric_bolt", "central_deralarm", "inspect"),
            _item(_("DER reports"), "summarize", "central_derreport", "inspect"),
            _item(_("Firmware"), "system_update_alt", "central_firmwarejob", "inspect"),
            _item(_("Firmware images"), "inventory_2", "central_firmwareimage", "inspect"),
            _item(_("Logs"), "lab_profile", "central_logjob", "inspect"),
            _item(_("Configuration"), "tune", "central_variable", "inspect"),
            _item(_("Configuration profiles"), "rule", "central_configurationprofile", "inspect"),
            _item(_("Monitors"), "visibility", "central_variablemonitor", "inspect"),
            _item(_("State changes"), "timeline", "central_statuschange", "inspect"),
            _item(_("Times without connection"), "cloud_off", "central_offlinespan", "see"),
            _item(_("Device events"), "notifications", "central_deviceevent", "inspect"),
            _item(_("Event streams"), "stream", "central_eventstream", "inspect"),
            _item(_("Device reports"), "summarize", "central_devicereport", "inspect"),
            _item(_("Network profiles"), "lan", "central_networkprofile", "inspect"),
            _item(_("Display messages"), "speaker_notes", "central_displaymessage", "inspect"),
            _item(_("Customer information"), "badge", "central_customerinformation", "operate"),
            _item(_("Security events"), "shield", "central_securityevent", "inspect"),
        ],
    },
    {
        "title": _("Drivers"),
        "items": [
            _item(_("Id tokens"), "contactless", "central_idtoken", "inspect"),
            _item(_("Groups"), "group", "central_idtokengroup", "inspect"),
            _item(_("Who may charge"), "rule", "central_authorizationpolicy", "inspect"),
            _item(_("Local lists"), "format_list_numbered", "central_locallist", "inspect"),
        ],
    },
    {
        "title": _("Power"),
        "items": [
            _item(_("Charging profiles"), "tune", "central_chargingprofile", "inspect"),
            _item(_("External limits"), "speed", "central_charginglimit", "inspect"),
            _item(_("Composite schedules"), "stacked_line_chart", "central_compositeschedule", "inspect"),
            _item(_("Charging needs"), "electric_car", "central_chargingneeds", "inspect"),
            _item(_("Charging preferences"), "favorite", "central_chargingpreference", "inspect"),
            _item(_("Schedules of cars"), "timeline", "central_evschedule", "inspect"),
            _item(_("Power signals"), "priority_high", "central_powersignal", "inspect"),
            _item(_("Reports of profiles"), "download", "central_profilereport", "inspect"),
        ],
    },
    {
        "title": _("Money"),
        "items": [
            _item(_("Tariffs"), "sell", "billing_tariff", "inspect"),
            _item(_("Tariffs in force"), "add_location", "billing_tariffassignment", "inspect"),
            _item(_("CDRs"), "receipt_long", "billing_cdr", "inspect"),
            _item(_("Review"), "rule_settings", "billing_review", "inspect"),
            _item(_("Tariffs at charge points"), "price_change", "central_chargepointtariff", "inspect"),
            _item(_("Costs by charge points"), "calculate", "central_sessioncost", "inspect"),
            _item(_("Settlements"), "credit_card", "central_settlement", "inspect"),
            _item(_("Payments on the web"), "qr_code_scanner", "central_webpayment", "inspect"),
            _item(_("VAT number checks"), "fact_check", "central_vatcheck", "inspect"),
        ],
    },
    {
        "title": _("Roaming"),
        "items": [
            _item(_("Partners"), "handshake", "ocpi_partner", "inspect"),
            _item(_("Deliveries"), "outbox", "ocpi_delivery", "inspect"),
            _item(_("Pulls"), "cloud_download", "ocpi_pullstate", "inspect"),
            _item(_("Partner checks"), "fact_check", "ocpi_probe", "inspect"),
            _item(_("OCPI messages"), "swap_horiz", "ocpi_exchange", "inspect"),
            _item(_("Received CDRs"), "move_to_inbox", "ocpi_receivedcdr", "inspect"),
            _item(_("Partners' commands"), "call_received", "ocpi_receivedcommand", "inspect"),
            _item(_("Commands to partners"), "call_made", "ocpi_sentcommand", "inspect"),
            _item(_("Partners' id tokens"), "contactless", "ocpi_receivedtoken", "inspect"),
            _item(_("Providers' answers"), "how_to_reg", "central_provideranswer", "inspect"),
            _item(_("Parties behind hubs"), "hub", "ocpi_hubclient", "inspect"),
            _item(_("Partners' locations"), "add_location", "ocpi_receivedlocation", "inspect"),
            _item(_("Partners' tariffs"), "sell", "ocpi_receivedtariff", "inspect"),
            _item(_("Partners' sessions"), "ev_station", "ocpi_receivedsession", "inspect"),
            _item(_("Bootstrap tokens"), "vpn_key", "ocpi_bootstraptoken", "manage"),
        ],
    },
    {
        "title": _("Security"),
        "items": [
            _item(_("Certificate authorities"), "license", "central_certificateauthority", "inspect"),
            _item(_("Issued certificates"), "verified", "central_issuedcertificate", "inspect"),
            _item(_("Signing requests"), "draw", "central_signingrequest", "inspect"),
            _item(_("Installed certificates"), "shield", "central_installedcertificate", "inspect"),
            _item(_("Trusted certificates"), "verified_user", "central_trustedcertificate", "inspect"),
            _item(_("Plug and charge"), "electric_car", "central_plugandchargerequest", "inspect"),
            _item(_("Certificate status"), "rule", "central_certificatestatus", "inspect"),
            _item(_("Password rotations"), "password", "central_passwordrotation", "inspect"),
            _item(_("Profile upgrades"), "security_update_good", "central_securityupgrade", "inspect"),
        ],
    },
    {
        "title": _("Administration"),
        "collapsible": False,
        "items": [
            _item(_("Unknown chargers"), "doorbell", "central_knock", "enrol"),
            _item(_("Refused connections"), "block", "central_refusal", "inspect"),
            _item(_("Enrolment tokens"), "key", "registry_enrolmenttoken", "enrol"),
            _item(_("Users"), "person", "registry_user", "manage"),
            _item(_("Service accounts"), "smart_toy", "registry_serviceaccount", "manage"),
            _item(_("Organisation"), "apartment", "registry_organization", "manage"),
            _item(_("Parties"), "badge", "registry_party", "inspect"),
            _item(_("Events"), "history", "registry_event", "inspect"),
            _item(_("Event sinks"), "stream", "registry_eventreader", "run_platform"),
            _item(_("Webhooks"), "webhook", "registry_webhookendpoint", "manage"),
            _item(_("Webhook deliveries"), "outbox", "registry_webhookdelivery", "manage"),
            _item(_("Session events"), "report", "central_sessionevent", "inspect"),
            _item(_("Wanted availability"), "rule", "central_wantedavailability", "inspect"),
            _item(_("Transaction checks"), "contact_support", "central_transactioncheck", "inspect"),
            _item(_("Vendor messages"), "extension", "central_datatransfer", "inspect"),
            _item(_("Exports"), "download", "registry_exportjob", "see"),
            _item(_("Audit trail"), "policy", "registry_auditentry", "audit"),
        ],
    },
]

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "E-Mobility Platform",
    "SITE_HEADER": "E-Mobility Platform",
    "SITE_SYMBOL": "ev_station",
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "DASHBOARD_CALLBACK": "emobility.dashboard.dashboard",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _favicon}],
    "STYLES": [_stylesheet],
    "COLORS": {
        "primary": {
            "50": "oklch(97.7% .017 178)",
            "100": "oklch(94.5% .040 178)",
            "200": "oklch(89.0% .080 178)",
            "300": "oklch(82.0% .110 178)",
            "400": "oklch(74.0% .125 178)",
            "500": "oklch(64.0% .118 180)",
            "600": "oklch(52.5% .098 182)",
            "700": "oklch(45.5% .083 183)",
            "800": "oklch(39.0% .068 185)",
            "900": "oklch(34.5% .057 187)",
            "950": "oklch(24.5% .045 190)",
        },
    },
    "LOGIN": {"form": "registry.pages.login.LoginForm"},
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": SIDEBAR},
}
