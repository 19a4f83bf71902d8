"""What the tests that are functions of a module have in common."""
import sys
import traceback


class Skipped(Exception):
    """A test cannot be made here; the message says why."""


def passes(test):
    """None where it was skipped."""
    try:
        test()
    except Skipped as reason:
        print(f"skipped: {test.__name__}: {reason}")
        return None
    except Exception:  # noqa: BLE001 (one failure must not hide the others)
        print(f"FAILED: {test.__name__}")
        traceback.print_exc(file=sys.stdout)
        return False
    return True
