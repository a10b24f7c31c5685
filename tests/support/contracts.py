"""A provider of contract certificates for tests: what it gives is told by the request itself."""

from central.ports import ContractAsked, ContractGiven

ASKED: list[ContractAsked] = []
CONTRACTS = 3


def provider(asked: ContractAsked) -> ContractGiven:
    """Three contracts for ISO 15118-20, one for ISO 15118-2; "none" and "broken" as their names say."""
    ASKED.append(asked)
    if asked.exi_request == "broken":
        raise RuntimeError("a fault in somebody else's code")
    if asked.exi_request == "none":
        return ContractGiven(problem="No contract for this car.")
    return ContractGiven(f"contract-{asked.position + 1}", remaining=CONTRACTS - asked.position - 1)
