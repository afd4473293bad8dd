"""Whether a blueprint is enacted anew, and what may be recorded with it. Pure: no clock, no store."""

import re

from mppkit.directory.enactments import Enactments
from mppkit.directory.events import BlueprintEnacted
from mppkit.directory.model import Directory
from mppkit.errors import InvalidValueError
from mppkit.identity.recordable import without_number

_DIGEST = re.compile(r"[0-9a-f]{64}")
_WHY_AT_MOST = 200


def enact(state: Enactments, digest: str, directory: Directory, why: str) -> tuple[BlueprintEnacted, ...]:
    """Return what enacting a blueprint causes: nothing if it is in force already.

    Raises:
        InvalidValueError: the digest is none; or the reason is missing, too long, or holds a long number, which may
            well be a person's.
    """
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise InvalidValueError("digest", digest, "give the digest of a blueprint, 64 hexadecimal digits")
    _check_why(why)
    if state.all and state.all[-1].digest == digest:
        return ()
    return (BlueprintEnacted(digest=digest, directory=directory, why=why),)


def _check_why(why: str) -> None:
    if not isinstance(why, str) or not why.strip() or not why.isprintable() or len(why) > _WHY_AT_MOST:
        remedy = f"say in one line of up to {_WHY_AT_MOST} characters what it is enacted for, such as its decree"
        raise InvalidValueError("why", why, remedy)
    without_number(why, "why")
