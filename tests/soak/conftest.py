"""The programs of this folder, for its tests to import, and the PostgreSQL server of the storage tests."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # worker.py is a program as well, so it cannot be of a package

_spec = spec_from_file_location("storage_fixtures", HERE.parent / "storage" / "conftest.py")
assert _spec is not None
assert _spec.loader is not None
_storage = module_from_spec(_spec)
_spec.loader.exec_module(_storage)
postgres, postgres_url = _storage.postgres, _storage.postgres_url
