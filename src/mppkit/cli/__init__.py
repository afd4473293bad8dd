"""The command line: a module for each group of commands (click), and the screens they show (rich, through `screen`).

Exit codes: 0 all is well; 1 what was looked at is not (a chain is broken, a number not well formed); 2 the input was
wrong, and nothing was done.
"""

from mppkit.cli.main import run

__all__ = ["run"]
