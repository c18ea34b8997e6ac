"""The type of the object to which a command adds its parser."""

import argparse
from typing import Any, Protocol


class Subcommands(Protocol):
    """The result of `argparse.ArgumentParser.add_subparsers`, whose own type is private."""

    def add_parser(self, name: str, **settings: Any) -> argparse.ArgumentParser:
        """Add a command."""
