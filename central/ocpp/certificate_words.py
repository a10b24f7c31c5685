"""Certificate types and hash data: the words of 1.6 and of 2.x, kept in those of 2.x."""

from typing import Any, Final

from emobility.lib.pki import HashData

ROOTS_1_6: Final = {
    "CSMSRootCertificate": "CentralSystemRootCertificate",
    "ManufacturerRootCertificate": "ManufacturerRootCertificate",
}
"""What 1.6 itself can install; the other types travel as plug and charge messages (central.ocpp.pnc)."""
CHAIN: Final = "V2GCertificateChain"
ONLY_2_1: Final = frozenset({"OEMRootCertificate"})
_FROM_1_6: Final = {old: new for new, old in ROOTS_1_6.items()}


def type_of(word: str) -> str:
    """A certificate type in the words of 2.x."""
    return _FROM_1_6.get(word, word)


def hash_data_of(data: dict[str, Any]) -> HashData:
    """CertificateHashDataType, which all versions write alike."""
    return HashData(
        data["hashAlgorithm"], data["issuerNameHash"], data["issuerKeyHash"], data["serialNumber"]
    )


def hash_data_as(named: HashData) -> dict[str, str]:
    """The same for a request."""
    return {
        "hashAlgorithm": named.hash_algorithm,
        "issuerNameHash": named.issuer_name_hash,
        "issuerKeyHash": named.issuer_key_hash,
        "serialNumber": named.serial_number,
    }
