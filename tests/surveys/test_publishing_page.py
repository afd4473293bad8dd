"""The page that is hung up or put on the web: well formed, safe, readable by everybody, and true to its figures."""

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.directory import Directory, Role
from mppkit.surveys.comparing import shown_groups
from mppkit.surveys.loading import find_instrument, shipped
from mppkit.surveys.model import Action
from mppkit.surveys.publishing import Publication
from mppkit.surveys.publishing_page import page
from mppkit.surveys.tally import tally_patterns

SKM = find_instrument("skm-2017")
VOID = {"meta", "br"}


class Page(HTMLParser):
    """A page taken apart; raises where a tag is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs)
        if tag not in VOID and not (self.get_starttag_text() or "").endswith("/>"):
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] not in (["style"], ["title"]):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.texts))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.tags if name == tag]


def publication(**about: Any) -> Publication:
    tally = tally_patterns(SKM, {(4, 4, 3, 4, 4, 4, 4, 3, 3): 20, (3, 3, 3, 4, 3, 3, 3, 2, 3): 10})
    parts = {"perempuan": 18, "laki-laki": 12}
    ages = {"17-25": 13, "26-35": 10, "36-45": 4, "46-55": 3}
    profile = {
        key: shown_groups({name: tally_patterns(SKM, {(3,) * 9: n}) for name, n in sizes.items()})
        for key, sizes in (("sex", parts), ("age", ages))
    }
    given = {
        "mall": "MPP Contoh",
        "mall_english": "Contoh Mall",
        "unit": "Izin usaha",
        "first_on": date(2026, 1, 1),
        "last_on": date(2026, 6, 30),
        "instrument": SKM,
        "tally": tally,
        "profile": profile,
        "actions": (action(),),
        "method": "Lewat kode tiket.",
    }
    return Publication(**{**given, **about})


def action(text: str = "Menambah kursi") -> Action:
    return Action(
        id="t-1",
        element="sarana",
        text=text,
        owner="pelayanan",
        due_on=date(2026, 9, 30),
        first_on=date(2026, 1, 1),
        last_on=date(2026, 6, 30),
        planned_at=datetime(2026, 7, 1, tzinfo=UTC),
    )


def test_the_page_tells_the_result_exactly() -> None:
    text = Page(page(publication())).text
    for said in (
        "MPP Contoh Contoh Mall",
        "Indeks Kepuasan Masyarakat (IKM) Public Satisfaction Index",
        "Unit: Izin usaha",
        "1 Januari 2026 s.d. 30 Juni 2026 1 January 2026 to 30 June 2026",
        "86,11IKM",
        "Mutu pelayanan GradeBaik Good",
        "30 responden.",
        "Biaya/Tarif Cost 4,0000 100,00",
        "Handling of complaints and suggestions ▼ terlemah weakest 2,6667 66,67",
        "Perempuan Female18 60,0%",
        "17–25 tahun 17–2513 43,3%",
        "Kelompok kecil, digabung Small groups, added up7 23,3%",
        "Terima kasih",
    ):
        assert said in text
    assert "36–45" not in text


def test_the_weakest_come_with_what_is_done_about_them() -> None:
    text = Page(page(publication())).text
    [plan] = re.findall(r"Unsur terlemah dan tindak lanjutnya.*?Responden ", text)
    assert "Menambah kursi Penanggung jawab Owner: pelayanan; batas waktu due: 30 September 2026" in plan
    assert "Waktu Penyelesaian Time to completion: 75,00 Belum ada tindak lanjut yang direncanakan." in plan
    assert plan.index("Penanganan Pengaduan") < plan.index("Waktu Penyelesaian")


def test_no_weakest_is_made_up_where_all_elements_are_alike() -> None:
    alike = tally_patterns(SKM, {(3,) * 9: 30})
    text = Page(page(publication(tally=alike, actions=(), profile={}))).text
    assert "Tidak ada unsur yang menonjol sebagai yang terlemah" in text
    assert "▼" not in text
    assert "Responden Respondents" not in text


def test_each_bar_is_as_long_as_its_figure_says() -> None:
    found = Page(page(publication()))
    bars = [float(str(each["width"])) for each in found.all("rect") if each["class"] == "fill"]
    assert bars == [float(each.index) for each in publication().elements()]
    assert bars == sorted(bars, reverse=True)


def test_nothing_runs_and_nothing_is_loaded() -> None:
    found = Page(page(publication()))
    asked = "script link iframe object embed img image use a form input button base audio video foreignObject"
    assert not {name for name, _ in found.tags} & {*asked.lower().split()}
    for _, about in found.tags:
        assert not {name for name in about if name.startswith("on") or name in ("src", "href", "style", "action")}
    assert "url(" not in page(publication())
    assert "@import" not in page(publication())
    [policy] = [each["content"] for each in found.all("meta") if "http-equiv" in each]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_a_reader_without_eyes_or_mouse_gets_all_of_it() -> None:
    found = Page(page(publication()))
    assert found.all("html") == [{"lang": "id"}]
    assert len(found.all("h1")) == len(found.all("main")) == 1
    ids = [about["id"] for _, about in found.tags if "id" in about]
    assert len(ids) == len(set(ids))
    assert [each["aria-labelledby"] for each in found.all("section")] == ids
    assert all(each["scope"] in ("row", "col") for each in found.all("th"))
    assert all(each["aria-hidden"] == "true" for each in found.all("svg"))
    assert all(each == {"class": "en", "lang": "en"} or "lang" not in each for each in found.all("span"))
    assert len(found.all("caption")) == 2


def test_every_colour_of_a_text_stands_out_from_the_paper() -> None:
    text = page(publication())
    colours = dict(re.findall(r"--(\w+): #(\w{6});", text))
    on_paper = {name for name in colours if f"color: var(--{name})" in text or f"fill: var(--{name})" in text}
    assert {"ink", "soft", "weak", "fill"} <= on_paper

    def light(colour: str) -> float:
        parts = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for name in on_paper - {"line"}:
        assert 1.05 / (light(colours[name]) + 0.05) >= 4.5, name  # WCAG 2.2, 1.4.3, on white


def test_the_page_of_the_same_result_is_the_same() -> None:
    assert page(publication()) == page(publication())


TEXTS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=30)
NASTY = st.sampled_from(
    ("<script>alert(1)</script>", '"><img src=x onerror=y>', "</style>", "&amp;", "'", "<!--", "]]>")
)


@settings(max_examples=60)
@given(texts=st.lists(TEXTS | NASTY, min_size=9, max_size=9))
def test_no_text_becomes_a_part_of_the_page(texts: list[str]) -> None:
    mall, mall_english, unit, unit_english, method, method_english, plan, role, name = texts
    skm = attrs.evolve(SKM, name=name, source=name)
    tally = tally_patterns(skm, {(4, 4, 3, 4, 4, 4, 4, 3, 3): 20, (3, 3, 3, 4, 3, 3, 3, 2, 3): 10})
    groups = shown_groups({name: tally_patterns(skm, {(3,) * 9: 30})})
    hall = Directory(
        agencies=(), services=(), counters=(), roles=(Role(id="pelayanan", name=role, name_english="Role of it"),)
    )

    def made(**about: Any) -> Page:
        told = publication(instrument=skm, tally=tally, profile={"work": groups}, directory=hall, **about)
        return Page(page(told))

    found = made(
        mall=mall,
        mall_english=f"{mall_english}.",
        unit=unit,
        unit_english=f"{unit_english}.",
        method=method,
        method_english=f"{method_english}.",
        actions=(action(plan),),
    )
    plain = made(
        mall="a", mall_english="b", unit="c", unit_english="d", method="e", method_english="f", actions=(action("g"),)
    )
    if all(first != f"{second}." for first, second in zip(texts[:6:2], texts[1:6:2], strict=True)):
        assert found.tags == plain.tags
    for text in (mall, unit, method, plan, role, name):
        assert text in "".join(found.texts)


@pytest.mark.parametrize("name", shipped())
def test_every_instrument_that_ships_has_a_page(name: str) -> None:
    instrument = find_instrument(name)
    values = tuple(each.choices[place % len(each.choices)].value for place, each in enumerate(instrument.elements))
    tally = tally_patterns(instrument, {values: 20})
    found = Page(page(publication(instrument=instrument, tally=tally, profile={}, actions=())))
    assert len(found.all("svg")) == len(instrument.elements)
    assert (
        str(publication(instrument=instrument, tally=tally, profile={}, actions=()).score.index).replace(".", ",")
        in found.text
    )
