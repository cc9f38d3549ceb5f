"""Find the classes that stand in the modules below a package: how kinds register by being there."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType


def classes_below(package: ModuleType, named_by: str) -> Iterator[type[object]]:
    """Yield the classes of every module below a package that are written in that very module.

    They come in the order of their modules' own names. A class without an attribute `named_by` of
    its own is a base of others, and left out.
    """
    names = (each.name for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))
    for name in sorted(names, key=lambda name: name.rpartition(".")[2]):
        for _, each in inspect.getmembers(importlib.import_module(name), inspect.isclass):
            if each.__module__ == name and named_by in vars(each):
                yield each
