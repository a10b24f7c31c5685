"""Models of central: what charge points are, do and say."""

from central.models.authorization_policy import AuthorizationPolicy
from central.models.battery_swap import BatterySwap
from central.models.bulk_command import BulkCommand, BulkTarget
from central.models.certificate_authority import CertificateAuthority, TrustedCertificate
from central.models.certificate_status import CertificateStatus, PlugAndChargeRequest
from central.models.charge_point_status import ChargePointStatus
from central.models.charge_point_tariff import ChargePointTariff, SessionCost
from central.models.charging_limit import ChargingLimit, CompositeSchedule
from central.models.charging_needs import ChargingNeeds, EvSchedule, PowerSignal
from central.models.charging_preference import ChargingPreference
from central.models.charging_profile import ChargingProfile, ProfileReport
from central.models.command import Command
from central.models.command_secret import CommandSecret
from central.models.configuration_profile import ConfigurationProfile
from central.models.connector import Connector
from central.models.customer_information import CustomerInformation
from central.models.data_transfer import DataTransfer
from central.models.der import DerAlarm, DerControl, DerReport
from central.models.device_event import DeviceEvent
from central.models.device_report import DeviceReport
from central.models.display_message import DisplayMessage
from central.models.event_stream import EventStream, EventStreamValue
from central.models.evse import Evse
from central.models.firmware_image import FirmwareImage, FirmwareLink
from central.models.firmware_job import FirmwareJob
from central.models.id_token import IdToken, IdTokenGroup
from central.models.installed_certificate import InstalledCertificate
from central.models.issued_certificate import IssuedCertificate, SigningRequest
from central.models.knock import Knock, Refusal
from central.models.local_list import LocalList, LocalListEntry
from central.models.log_job import LogJob
from central.models.log_upload import LogUpload
from central.models.message import Message
from central.models.meter_value import MeterValue
from central.models.network_profile import NetworkProfile
from central.models.offline_span import OfflineSpan
from central.models.payment import Settlement, VatCheck, WebPayment
from central.models.provider_answer import ProviderAnswer
from central.models.reservation import Reservation
from central.models.security_change import PasswordRotation, SecurityUpgrade
from central.models.security_event import SecurityEvent
from central.models.session import Session
from central.models.session_event import SessionEvent
from central.models.status_change import StatusChange
from central.models.transaction_check import TransactionCheck
from central.models.variable import Variable
from central.models.variable_monitor import VariableMonitor
from central.models.wanted_availability import WantedAvailability

__all__ = [
    "AuthorizationPolicy",
    "BatterySwap",
    "BulkCommand",
    "BulkTarget",
    "CertificateAuthority",
    "CertificateStatus",
    "ChargePointStatus",
    "ChargePointTariff",
    "ChargingLimit",
    "ChargingNeeds",
    "ChargingPreference",
    "ChargingProfile",
    "Command",
    "CommandSecret",
    "CompositeSchedule",
    "ConfigurationProfile",
    "Connector",
    "CustomerInformation",
    "DataTransfer",
    "DerAlarm",
    "DerControl",
    "DerReport",
    "DeviceEvent",
    "DeviceReport",
    "DisplayMessage",
    "EvSchedule",
    "EventStream",
    "EventStreamValue",
    "Evse",
    "FirmwareImage",
    "FirmwareJob",
    "FirmwareLink",
    "IdToken",
    "IdTokenGroup",
    "InstalledCertificate",
    "IssuedCertificate",
    "Knock",
    "LocalList",
    "LocalListEntry",
    "LogJob",
    "LogUpload",
    "Message",
    "MeterValue",
    "NetworkProfile",
    "OfflineSpan",
    "PasswordRotation",
    "PlugAndChargeRequest",
    "PowerSignal",
    "ProfileReport",
    "ProviderAnswer",
    "Refusal",
    "Reservation",
    "SecurityEvent",
    "SecurityUpgrade",
    "Session",
    "SessionCost",
    "SessionEvent",
    "Settlement",
    "SigningRequest",
    "StatusChange",
    "TransactionCheck",
    "TrustedCertificate",
    "Variable",
    "VariableMonitor",
    "VatCheck",
    "WantedAvailability",
    "WebPayment",
]
