"""The programs of this folder, for its tests to import."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # worker.py is a program as well, so it cannot be of a package
