"""``python -m acetate`` is the program, where it is installed."""

from __future__ import annotations

import os
import shutil
import sys


def main() -> int:
    """Runs ``acetate`` with the same arguments."""
    program = os.environ.get("ACETATE_PROGRAM") or shutil.which("acetate")
    if program is None:
        print(
            "acetate's program is not on the PATH: install it from its archive or with cargo, "
            "or name it in ACETATE_PROGRAM; the functions of this package need no program",
            file=sys.stderr,
        )
        return 1
    os.execv(program, [program, *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
