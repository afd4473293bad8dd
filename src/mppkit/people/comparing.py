"""What does not fit together between the store and the key ring, while others may change both."""

from mppkit.people.model import VaultCheck
from mppkit.people.person_keys import key_name
from mppkit.people.vault import Vault


def compare(vault: Vault) -> VaultCheck:
    """Compare the store and the ring; changes nothing, and opens every key.

    Raises:
        StorageError: the ring is another mall's.
    """
    vault.keys.check_mall()
    held = vault.keys.held()
    there = held | vault.keys.found_by()
    condemned = set(vault.condemned())
    living = {
        (subject, key)
        for subject in vault.subjects()
        if (key := vault.persons.view(subject, lambda dossier: dossier.key)) is not None
    }
    dead = {pair for pair in there - living if vault.is_dead(*pair)}
    damaged, missing = vault.keys.damaged()
    damaged += [name for name, pair in missing.items() if _is_missing(vault, name, *pair)]
    return VaultCheck(
        unfinished=tuple(sorted(condemned)),
        revived=tuple(sorted({subject for subject, _ in dead} - condemned)),
        keyless=tuple(sorted(pair[0] for pair in living - held if _is_missing(vault, key_name(*pair), *pair))),
        strays=tuple(sorted(f"{subject}.{key}" for subject, key in there - living - dead)),
        damaged=tuple(sorted(damaged)),
    )


def _is_missing(vault: Vault, name: str, subject: str, key: str) -> bool:
    """Tell whether a piece that belongs to a key in use is not in the ring, whatever others change meanwhile."""
    return vault.is_living(subject, key) and not vault.keys.holds(name) and vault.is_living(subject, key)
