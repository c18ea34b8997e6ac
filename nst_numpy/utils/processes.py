"""Look for processes of this computer."""

import os


def process_exists(process: int) -> bool:
    """Whether a process of this computer exists."""
    if os.name == "nt":
        return True  # os.kill would end it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # a process of another user
        return True
    return True
