"""What a mall publishes of a survey (*publikasi hasil survei*): all that is said of it, in Indonesian and in English.

Pure. `publishing_page` makes a page of it to hang up or to put on the web; `mppkit.interop.xlsx` a workbook to file.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from attrs import frozen

from mppkit import bilingual
from mppkit.directory import Directory
from mppkit.errors import InvalidValueError, NotFoundError
from mppkit.identity.recordable import checked_date
from mppkit.surveys.comparing import SMALLEST_GROUP, ShownGroups
from mppkit.surveys.groups import UNSAID
from mppkit.surveys.index import ElementScore, Score, score
from mppkit.surveys.instrument import Instrument, Sourcing, Weights
from mppkit.surveys.model import PROFILE, Action, ActionStatus, ProfileField
from mppkit.surveys.tally import Tally


class Words(NamedTuple):
    """The same in both languages; no English where somebody wrote it in Indonesian only."""

    indonesian: str
    english: str = ""


THANKS = Words(
    "Terima kasih kepada semua yang telah menjawab. Jawaban Anda menunjukkan apa yang harus kami perbaiki.",
    "Thank you to everybody who answered. Your answers show what we have to improve.",
)
NOT_STATED = Words("Tidak disebutkan", "Not stated")
MERGED = Words("Kelompok kecil, digabung", "Small groups, added up")
NOTHING_SHOWN = Words(
    "Tidak ditampilkan: kelompoknya terlalu kecil.",
    "Not shown: the groups are too small.",
)
NOTHING_PLANNED = Words("Belum ada tindak lanjut yang direncanakan.", "Nothing is planned yet.")
NONE_STANDS_OUT = Words(
    "Tidak ada unsur yang menonjol sebagai yang terlemah: kebanyakan bernilai sama.",
    "No element stands out as the weakest: most are equal.",
)

_LEFT_OUT = {
    "blank": Words("ada unsur yang kosong", "an element without an answer"),
    "no_choice": Words("jawaban di luar pilihan", "an answer that may not be given"),
    "text": Words("jawaban bukan pilihan", "an answer that is none of the choices"),
    "too_few_columns": Words("baris tidak lengkap", "too few columns"),
    "too_many_columns": Words("baris kelebihan kolom", "too many columns"),
    "unreadable": Words("tidak terbaca", "unreadable"),
    "another_version": Words("versi instrumen lain", "another version of the instrument"),
    "repeated": Words("kiriman berulang", "sent twice"),
    "by_open": Words("diisi tanpa kode tiket, dihitung terpisah", "without a ticket's code, counted apart"),
    "by_ticket": Words("diisi dengan kode tiket, dihitung terpisah", "by a ticket's code, counted apart"),
}
_STATUS = {
    ActionStatus.PLANNED: Words("Direncanakan", "Planned"),
    ActionStatus.DONE: Words("Selesai", "Done"),
    ActionStatus.DROPPED: Words("Tidak jadi", "Dropped"),
}


@frozen(kw_only=True)
class Publication:
    """The result of one period of one mall, or of a unit of it, as it is published.

    Attributes:
        mall, mall_english: its name; unit, unit_english: the service or agency that the answers are of, where it is
            not the whole mall.
        first_on, last_on: the period, both dates in it.
        instrument, tally: what was asked and answered.
        weights: another convention of the weight than the instrument's; population: how many were served.
        profile: by field of `fields`, how many answered from each group, such as `mall.surveys.by("skm", "sex")` and
            what else `shown_groups` returns; of the very answers of the tally.
        actions: what is done about elements, those to other periods among them; they are left out.
        directory: for the names of the roles and agencies that own the actions.
        method, method_english: how the answers were collected, in a sentence.
        minimum: the fewest answers of which a result is published.

    Raises:
        InvalidValueError: there are fewer answers, they are of another instrument, or the profile is of other answers;
            or a date cannot be.
        NotFoundError: the profile has a field that is not asked, or an action is to an element that is not.
    """

    mall: str
    mall_english: str = ""
    unit: str = ""
    unit_english: str = ""
    first_on: date
    last_on: date
    instrument: Instrument
    tally: Tally
    weights: Weights | None = None
    population: int | None = None
    profile: Mapping[str, ShownGroups] = MappingProxyType({})
    fields: tuple[ProfileField, ...] = PROFILE
    actions: tuple[Action, ...] = ()
    directory: Directory | None = None
    method: str = ""
    method_english: str = ""
    minimum: int = SMALLEST_GROUP

    def __attrs_post_init__(self) -> None:
        if not checked_date(self.first_on, "first_on") <= checked_date(self.last_on, "last_on"):
            remedy = f"give a date from {self.first_on.isoformat()} on"
            raise InvalidValueError("last_on", self.last_on.isoformat(), remedy)
        if self.tally.n < self.minimum:
            remedy = f"publish {self.minimum} answers or more; so few show who said what"
            raise InvalidValueError("tally", self.tally.n, remedy)
        asked = [field.key for field in self.fields]
        for key, groups in self.profile.items():
            if key not in asked:
                raise NotFoundError("profile field", key, asked, f"asked are {', '.join(asked)}")
            told = sum(tally.n for tally in groups.shown.values()) + (groups.others.n if groups.others else 0)
            is_whole = groups.others is not None or not groups.hidden
            if told != self.tally.n if is_whole else told > self.tally.n:
                remedy = f"give the groups of the {self.tally.n} answers that the tally sums"
                raise InvalidValueError(f"profile.{key}", told, remedy)
        for action in self.actions:
            self.instrument.element(action.element)
        self.score  # noqa: B018 - a tally of another instrument is refused now, not on the way to the printer

    @cached_property
    def score(self) -> Score:
        """What is published: the index and all that belongs to it."""
        return score(self.instrument, self.tally, weights=self.weights, population=self.population)

    @property
    def title(self) -> Words:
        """What the index is called."""
        if self.instrument.index_name == "IKM":
            return Words("Indeks Kepuasan Masyarakat (IKM)", "Public Satisfaction Index")
        return Words(f"{self.instrument.name} ({self.instrument.index_name})", self.instrument.name_english)

    @property
    def period(self) -> Words:
        """The period in words."""
        first, last = day(self.first_on), day(self.last_on)
        if self.first_on == self.last_on:
            return first
        return Words(f"{first.indonesian} s.d. {last.indonesian}", f"{first.english} to {last.english}")

    @property
    def highest(self) -> Decimal:
        """The index where every answer is the best."""
        best = [max(choice.points for choice in each.choices) for each in self.instrument.elements]
        return sum(best, Decimal()) / len(best) * self.instrument.factor

    def respondents(self) -> Iterator[Words]:
        """Say how many answered, of how many, and how sure that makes the index; a sentence each."""
        found = self.score
        n = found.n
        if found.population is None:
            yield Words(f"{whole(n)} responden.", f"{n:,} respondents.")
        else:
            share = f"{100 * n / found.population:.1f}"
            yield Words(
                f"{whole(n)} responden dari {whole(found.population)} pengguna layanan ({comma(share)}%).",
                f"{n:,} respondents out of {found.population:,} users ({share}%).",
            )
            reached = found.sample_reached
            yield Words(
                f"Jumlah contoh menurut tabel Krejcie & Morgan: {whole(found.sample_needed or 0)}, "
                f"{'tercapai' if reached else 'belum tercapai'}.",
                f"Sample needed by the table of Krejcie & Morgan: {found.sample_needed or 0:,}, "
                f"{'reached' if reached else 'not reached'}.",
            )
        yield self._sureness()

    def elements(self) -> tuple[ElementScore, ...]:
        """Return the elements, the best first."""
        return tuple(sorted(self.score.elements, key=lambda each: each.rank))

    def follow_up(self) -> Iterator[tuple[ElementScore, tuple[Action, ...]]]:
        """Return the weakest elements with what is done about each, then the others about which something is done."""
        actions = [each for each in self.actions if each.first_on <= self.last_on and each.last_on >= self.first_on]
        weakest = self.score.weakest
        others = [each.element for each in actions if each.element not in weakest]
        scored = {each.key: each for each in self.score.elements}
        for key in dict.fromkeys((*weakest, *others)):
            yield scored[key], tuple(each for each in actions if each.element == key)

    def owner(self, action: Action) -> Words:
        """Return what the role or agency is called that sees to an action; its id where the directory has none."""
        if self.directory is None:
            return Words(action.owner)
        names = {each.id: Words(each.name, each.name_english) for each in self.directory.agencies}
        names |= {each.id: Words(each.name, each.name_english) for each in self.directory.roles}
        return names.get(action.owner, Words(action.owner))

    def groups(self) -> Iterator[tuple[ProfileField, tuple[tuple[Words, int], ...]]]:
        """Return, for each field that is told, how many answered from each group; nothing where none may be shown."""
        for field in self.fields:
            if field.key in self.profile:
                yield field, tuple(_counted(field, self.profile[field.key]))

    def about(self) -> Iterator[Words]:
        """Say how the result was made: collection, instrument, convention, and what was left out; a sentence each."""
        if self.method:
            yield Words(self.method, self.method_english)
        asked = self.instrument
        unread = asked.sourcing is not Sourcing.OFFICIAL
        yield Words(
            f"Instrumen: {asked.name} ({asked.id}, versi {asked.version}), {len(asked.elements)} unsur"
            f"{'; belum dicocokkan dengan naskah resminya' if unread else ''}.",
            f"Instrument: {asked.name_english} ({asked.id}, version {asked.version}), {len(asked.elements)} elements"
            f"{'; not held against the official text' if unread else ''}.",
        )
        yield Words(f"Sumber instrumen: {asked.source}.", f"Source of the instrument: {asked.source}.")
        yield self._convention()
        yield Words(
            "Rentang indeks: tingkat kepercayaan 95%, dengan anggapan bahwa yang menjawab adalah contoh acak.",
            "The range of the index is at 95% confidence, taking those who answered for a random sample.",
        )
        bands = "; ".join(f"{band.grade} ≥ {comma(band.low)} ({band.performance})" for band in reversed(asked.bands))
        english = "; ".join(
            f"{band.grade} ≥ {band.low} ({band.performance_english or band.performance})"
            for band in reversed(asked.bands)
        )
        yield Words(f"Mutu pelayanan: {bands}.", f"Grades: {english}.")
        if self.profile:
            least = max(each.minimum for each in self.profile.values())
            yield Words(
                f"Kelompok dengan kurang dari {least} responden tidak ditampilkan sendiri.",
                f"Groups of fewer than {least} respondents are not shown on their own.",
            )
        yield from _left_out(self.score.left_out)

    def _sureness(self) -> Words:
        found = self.score
        if found.population == found.n:
            return Words("Semua pengguna layanan menjawab.", "Every user answered.")
        how_many = Words("Tidak semua pengguna layanan menjawab.", "Not every user answered.")
        if found.population is None:
            how_many = Words(
                "Jumlah seluruh pengguna layanan tidak dicantumkan.", "How many users there were is not stated."
            )
        if found.interval is None:
            return Words(
                f"{how_many.indonesian} Ketelitian indeks ini tidak dapat dihitung.",
                f"{how_many.english} How exact this index is cannot be told.",
            )
        low, high = (f"{end:.1f}" for end in found.interval)
        told = Words(
            f"{how_many.indonesian} Indeks seluruh pengguna diperkirakan antara {comma(low)} dan {comma(high)}.",
            f"{how_many.english} The index of all users is likely between {low} and {high}.",
        )
        least = self.instrument.bands[0].low
        worst, best = (self.instrument.band(max(Decimal(str(end)), least)) for end in found.interval)
        if worst == best:
            return told
        return Words(
            f"{told.indonesian} Karena itu mutunya dapat {worst.grade} sampai {best.grade}.",
            f"{told.english} So the grade may be anything from {worst.grade} to {best.grade}.",
        )

    def _convention(self) -> Words:
        asked, weight = self.instrument, self.score.weight
        share = f"1/{len(asked.elements)}"
        given = Words(
            f"{share} tanpa pembulatan" if weight is None else f"{comma(weight)} ({share} dibulatkan)",
            f"{share}, not rounded" if weight is None else f"{weight} ({share} rounded)",
        )
        factor = asked.factor.normalize()
        return Words(
            f"Nilai rata-rata tiap unsur × bobot, dijumlahkan, × {comma(f'{factor:f}')}; bobot {given.indonesian}. "
            f"Indeks dibulatkan sekali di akhir, {asked.decimals} desimal, lalu dicocokkan dengan tabel mutu.",
            f"Mean of each element × weight, added up, × {factor:f}; weight {given.english}. The index is rounded "
            f"once, at the end, to {asked.decimals} decimals, and then held against the table of grades.",
        )


def day(on: date) -> Words:
    """Return a date in words.

    >>> day(date(2026, 8, 17))
    Words(indonesian='17 Agustus 2026', english='17 August 2026')
    """
    return Words(*bilingual.day(on))


def comma(number: Decimal | str) -> str:
    """Return a number with the comma that Indonesian has for decimals.

    >>> comma(Decimal("88.18"))
    '88,18'
    """
    return str(number).replace(".", ",")


def whole(number: int) -> str:
    """Return a whole number with the points that Indonesian has between thousands.

    >>> whole(12345)
    '12.345'
    """
    return f"{number:,}".replace(",", ".")


def standing(action: Action) -> Words:
    """Say where an action stands."""
    told = _STATUS[action.status]
    if action.done_on is not None:
        done = day(action.done_on)
        return Words(f"{told.indonesian} {done.indonesian}", f"{told.english} {done.english}")
    if action.dropped_why is not None:
        return Words(f"{told.indonesian}: {action.dropped_why}", told.english)
    return told


def _counted(field: ProfileField, groups: ShownGroups) -> Iterator[tuple[Words, int]]:
    """Return the groups in the order of the field, then those it does not know, the silent and the small ones."""
    known = {each.key: Words(each.text, each.text_english) for each in field.categories}
    silent = (UNSAID, "")
    others = [name for name in groups.shown if name not in known and name not in silent]
    for name in (*known, *others, *silent):
        if name in groups.shown:
            yield known.get(name, NOT_STATED if name in silent else Words(name)), groups.shown[name].n
    if groups.others is not None:
        yield MERGED, groups.others.n


def _left_out(left_out: Mapping[str, int]) -> Iterator[Words]:
    told = [(kind, n) for kind, n in left_out.items() if n]
    if told:
        words = [(_LEFT_OUT.get(kind, Words(kind, kind)), n) for kind, n in told]
        total = sum(left_out.values())
        yield Words(
            f"Tidak dihitung: {whole(total)} ({', '.join(f'{each.indonesian} {whole(n)}' for each, n in words)}).",
            f"Not counted: {total:,} ({', '.join(f'{each.english} {n:,}' for each, n in words)}).",
        )
