"""Why access is refused, in words that tell nothing of what is refused."""

from mppkit.access.model import ViewerKind
from mppkit.decisions import Reason

_CALLED = {
    ViewerKind.ANYBODY: ("umum", "the public"),
    ViewerKind.KIOSK: ("anjungan", "a kiosk"),
    ViewerKind.TICKET: ("pemegang nomor antrean", "the holder of a ticket"),
    ViewerKind.APPLICANT: ("pemohon", "an applicant"),
    ViewerKind.OFFICER: ("petugas tanpa tugas itu", "an officer without that duty"),
}


def not_for_you(kind: ViewerKind, act: str) -> Reason:
    """Say that an act is open to nobody of a kind."""
    indonesian, english = _CALLED[kind]
    return Reason(
        code="not_for_you",
        indonesian=f"Tindakan {act} tidak terbuka bagi {indonesian}.",
        english=f"The act {act} is not open to {english}.",
    )


NOT_YOURS = Reason(
    code="not_yours",
    indonesian="Ini bukan milik atau wewenang Anda atau instansi Anda, atau tidak ada.",
    english="This is not yours or your agency's, or it is not there.",
)
"""Why somebody else's thing is refused: in the same words as one that is not there, so that no id can be found out."""

NO_RULE = Reason(
    code="no_rule",
    indonesian="Tindakan ini belum diatur, sehingga tidak dibolehkan.",
    english="No rule says who may do this, so nobody may.",
)
"""Nothing is allowed by default."""

OTHER_IDENTITY = Reason(
    code="other_identity",
    indonesian="Anda hanya dapat bertindak atas nama sendiri.",
    english="You can act under your own id only.",
)
"""Why nobody signs as somebody else."""

UNKNOWN_OFFICER = Reason(
    code="officer_unknown",
    indonesian="Petugas ini tidak terdaftar di mal ini.",
    english="This officer is not in the blueprint of this mall.",
)
"""Why an id that your application signed in opens no desk."""

WRONG_CODE = Reason(
    code="ticket_code_wrong",
    indonesian="Nomor antrean dan kodenya tidak cocok: periksa kembali ketikannya dan tanggalnya.",
    english="The ticket's number and its code do not fit together: check how they were typed, and the date.",
)
"""Why a ticket without its code shows nothing."""
