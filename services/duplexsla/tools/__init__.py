"""The toolsets: typed schemas of every function that a model may call."""

from duplexsla.tools.car import CAR
from duplexsla.tools.home import HOME
from duplexsla.tools.schema import Argument, Function, Toolset

TOOLSETS = {toolset.name: toolset for toolset in (CAR, HOME)}

__all__ = ["TOOLSETS", "Argument", "Function", "Toolset"]
