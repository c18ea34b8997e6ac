"""Print the oldest versions of the runtime packages that setup.cfg allows, as pip constraints.

python tools/oldest_versions.py > constraints.txt
pip install -c constraints.txt -e '.[test]'
"""

import configparser
import re
from pathlib import Path

SETUP = Path(__file__).resolve().parents[1] / "setup.cfg"


def oldest_versions(setup: Path) -> list[str]:
    """A line ``name == version`` for each ``name >= version`` of the runtime packages."""
    config = configparser.ConfigParser()
    config.read(setup)
    lines = config["options"]["install_requires"].split("\n")
    return [re.sub(r"\s*>=\s*", " == ", line.strip()) for line in lines if line.strip()]


if __name__ == "__main__":
    print("\n".join(oldest_versions(SETUP)))
