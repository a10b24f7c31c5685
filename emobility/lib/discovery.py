"""Finds what is there by looking: importing each module of a package lets it register itself."""

import importlib
import pkgutil
from types import ModuleType


def import_all(package: str) -> list[ModuleType]:
    """Import every module below `package` (dotted name), in alphabetical order."""
    root = importlib.import_module(package)
    names = sorted(info.name for info in pkgutil.walk_packages(root.__path__, prefix=f"{package}."))
    return [importlib.import_module(name) for name in names]
