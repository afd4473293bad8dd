"""The business number (*nomor induk berusaha*, NIB): 13 digits, issued by the licensing system OSS."""

from attrs import frozen

from mppkit.decisions import Reason
from mppkit.identity.digits import Number, accepted, all_alike, digits_of


@frozen(kw_only=True, repr=False)
class Nib(Number):
    """A well-formed business number (NIB); nothing says that it is registered."""

    @property
    def formatted(self) -> str:
        """The whole number; it is printed in one piece."""
        return self.digits


def parse_nib(text: str) -> Nib:
    """Read a business number (NIB) as people write it; tells nothing about whether it is registered.

    Raises:
        InvalidValueError: it has not 13 digits, or other signs among them.

    >>> parse_nib("1234 5678 90123")
    Nib(12…23)
    """
    return accepted(read_nib(text), "nib", text)


def read_nib(text: object) -> Nib | Reason:
    """Return a NIB, or why it cannot be one; its inner structure is not public."""
    digits = digits_of(text, "NIB", 13)
    return digits if isinstance(digits, Reason) else Nib(digits=digits, warnings=all_alike(digits, "NIB"))
