"""Settings of plug and charge: who provides contract certificates, how long others may take to answer."""

from emobility import env

ISO15118_CONTRACT_PROVIDER = env.text("ISO15118_CONTRACT_PROVIDER")
"""Dotted path of a function (central.ports.ContractProvider); empty: no contract is ever given."""
ISO15118_TIME_LIMIT = env.integer("ISO15118_TIME_LIMIT", 5, minimum=1, maximum=60)
"""Seconds that responders and providers have for a question; ISO 15118-2 gives a car five."""
