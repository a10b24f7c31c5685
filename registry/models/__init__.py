"""Models of the registry: what exists and who is who."""

from registry.models.audit import AuditEntry
from registry.models.charge_point import ChargePoint
from registry.models.enrolment import EnrolmentToken
from registry.models.event import Event, EventReader
from registry.models.export_job import ExportJob
from registry.models.group import ChargePointGroup
from registry.models.heartbeat import Heartbeat
from registry.models.organization import Organization
from registry.models.parking_place import ParkingPlace
from registry.models.party import Party
from registry.models.revoked_token import RevokedToken
from registry.models.service_account import ServiceAccount, ServiceKey, ServiceNonce
from registry.models.site import Site
from registry.models.ticket import SocketTicket
from registry.models.user import User
from registry.models.webhook import WebhookAttempt, WebhookDelivery, WebhookEndpoint

__all__ = [
    "AuditEntry",
    "ChargePoint",
    "ChargePointGroup",
    "EnrolmentToken",
    "Event",
    "EventReader",
    "ExportJob",
    "Heartbeat",
    "Organization",
    "ParkingPlace",
    "Party",
    "RevokedToken",
    "ServiceAccount",
    "ServiceKey",
    "ServiceNonce",
    "Site",
    "SocketTicket",
    "User",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
]
