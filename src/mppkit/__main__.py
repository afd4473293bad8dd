"""The command `mppkit`, also as `python -m mppkit`."""

import sys
from importlib.util import find_spec

from mppkit.errors import MissingExtraError


def main() -> None:
    """Run the command line, or say which extra is missing."""
    if any(find_spec(name) is None for name in ("click", "rich")):
        print(f"mppkit: {MissingExtraError('the command line', 'cli')}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    from mppkit.cli import run

    run()


if __name__ == "__main__":
    main()
