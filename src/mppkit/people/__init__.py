"""People: the one place for personal data, sealed under a key for each person, so that it can be erased for good.

Everything else holds a subject's id. Events hold ciphertext; the keys lie in a key ring beside the store, sealed under
the mall's key, and to erase somebody is to destroy a key. Needs the extra `security` once a desk or a key provider is
made. This room knows no permit, queue or complaint, and writes no log.
"""

from mppkit.people.key_ring import FolderKeyRing, KeyRing, MemoryKeyRing
from mppkit.people.mall_keys import (
    EnvironmentKeyProvider,
    FileKeyProvider,
    KeyProvider,
    Wrapped,
    add_mall_key,
    new_mall_key,
)
from mppkit.people.model import (
    Act,
    Due,
    Exposure,
    Field,
    Kept,
    LawfulBasis,
    Person,
    Personal,
    RetentionRun,
    Status,
    Step,
    Terms,
    VaultCheck,
)
from mppkit.people.postgres_ring import PostgresKeyRing

__all__ = [
    "Act",
    "Due",
    "EnvironmentKeyProvider",
    "Exposure",
    "Field",
    "FileKeyProvider",
    "FolderKeyRing",
    "Kept",
    "KeyProvider",
    "KeyRing",
    "LawfulBasis",
    "MemoryKeyRing",
    "Person",
    "Personal",
    "PostgresKeyRing",
    "RetentionRun",
    "Status",
    "Step",
    "Terms",
    "VaultCheck",
    "Wrapped",
    "add_mall_key",
    "new_mall_key",
]
