"""A publication as one page of HTML, to print on A4 and hang up, or to put on the web.

It runs no script and loads nothing, so it can be kept as a file and read anywhere; every picture stands beside the
figure it shows. Pure.
"""

from collections.abc import Iterator
from decimal import Decimal
from html import escape

from mppkit.surveys.index import ElementScore
from mppkit.surveys.model import Action
from mppkit.surveys.publishing import (
    NONE_STANDS_OUT,
    NOTHING_PLANNED,
    NOTHING_SHOWN,
    THANKS,
    Publication,
    Words,
    comma,
    day,
    standing,
    whole,
)

_STYLE = """
:root { color-scheme: light; --ink: #16212b; --soft: #4a5763; --line: #c9d1d9; --fill: #17587f; --weak: #9a3412; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: var(--ink); font: 1rem/1.45 system-ui, "Noto Sans", Arial, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1, h2, h3, p, dl, dd, ul, ol { margin: 0; }
h1 { font-size: 1.6rem; line-height: 1.15; }
h2 { font-size: 1.1rem; margin-bottom: .4rem; border-bottom: 2px solid var(--ink); padding-bottom: .15rem; }
h3 { font-size: 1rem; }
section { margin-top: 1.4rem; }
.en { color: var(--soft); font-style: italic; font-weight: normal; }
.mall { font-weight: 600; font-size: 1.15rem; }
.mall .en, h1 .en, .thanks .en { display: block; font-size: 1rem; }
h1 { margin: .4rem 0; }
.result { display: grid; gap: .3rem 1.5rem; align-items: center; border: 2px solid var(--ink); padding: 1rem; }
.figure { display: flex; align-items: center; gap: 1.2rem; }
.index { font-size: 3.2rem; font-weight: 700; line-height: 1; white-space: nowrap; }
.grade { font-size: 2.2rem; font-weight: 700; line-height: 1; border: 3px solid; padding: .2rem .7rem; }
.sure p + p { margin-top: .3rem; }
table { width: 100%; border-collapse: collapse; }
caption { text-align: start; font-weight: 600; padding-bottom: .2rem; }
th, td { text-align: start; vertical-align: top; padding: .25rem .5rem .25rem 0; border-bottom: 1px solid var(--line); }
thead th { font-size: .85rem; vertical-align: bottom; }
tbody th { font-weight: normal; }
.number { text-align: end; padding-right: 0; padding-left: 1rem; white-space: nowrap; }
td.number { font-variant-numeric: tabular-nums; }
.named { display: grid; gap: .2rem 1rem; }
.named svg { display: block; width: 100%; height: .8rem; margin-top: .3rem; }
.track { fill: #e6eaee; }
.fill { fill: var(--fill); }
.weak .fill { fill: var(--weak); }
.mark { color: var(--weak); font-weight: 600; font-size: .85rem; white-space: nowrap; }
.profile { display: grid; gap: 1.2rem 2rem; align-items: start; }
.plan { padding-left: 1.4rem; }
.plan > li + li { margin-top: .6rem; }
.plan ul { padding-left: 1.1rem; }
.small { font-size: .85rem; }
.small p + p { margin-top: .25rem; }
.thanks { margin-top: 1.4rem; font-weight: 600; text-align: center; }
@media (min-width: 40rem) {
  .result { grid-template-columns: auto 1fr; }
  .profile { grid-template-columns: 1fr 1fr; }
  .named { grid-template-columns: 3fr 2fr; }
}
@media (max-width: 39.99rem) {
  .figure { flex-wrap: wrap; gap: .6rem 1.2rem; }
  .number .en { display: block; }
  .number { padding-left: .6rem; }
  .mark { white-space: normal; }
}
@page { size: A4; margin: 9mm 12mm; }
@media print {
  html { font-size: 8pt; }
  body { line-height: 1.22; }
  main { max-width: none; padding: 0; }
  .mall .en, h1 .en, .small p { display: inline; }
  section, .thanks { margin-top: .7rem; }
  .result { grid-template-columns: auto 1fr; padding: .4rem 1rem; }
  .sure p + p { margin-top: .1rem; }
  th, td { padding-top: .1rem; padding-bottom: .1rem; }
  .named { grid-template-columns: 3fr 2fr; }
  .named svg { margin-top: .1rem; }
  .profile { grid-template-columns: repeat(4, 1fr); gap: .8rem 1.4rem; }
  .share { display: none; }
  .plan > li + li { margin-top: .1rem; }
  .index { font-size: 5.5rem; }
  .grade { font-size: 3.6rem; }
  .result, .profile table, .plan ul li, .small, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
"""


def page(publication: Publication) -> str:
    """Return the page: index, grade, respondents, elements, what is done about the weakest, and the method.

    >>> from datetime import date
    >>> from mppkit.surveys.loading import find_instrument
    >>> from mppkit.surveys.tally import tally_patterns
    >>> skm = find_instrument("skm-2017")
    >>> tally = tally_patterns(skm, {(4, 4, 3, 4, 4, 4, 4, 3, 3): 20, (3, 3, 3, 4, 3, 3, 3, 2, 3): 10})
    >>> first_on, last_on = date(2026, 1, 1), date(2026, 6, 30)
    >>> told = Publication(mall="MPP Contoh", first_on=first_on, last_on=last_on, instrument=skm, tally=tally)
    >>> "86,11" in page(told), "1 Januari 2026 s.d. 30 Juni 2026" in page(told)
    (True, True)
    """
    title = f"{publication.title.indonesian} – {publication.unit or publication.mall} – {publication.period.indonesian}"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="id">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            # nothing may run or be loaded, even if a text from outside were to get through
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}</style>",
            "</head>",
            "<body>",
            "<main>",
            *_header(publication),
            *_result(publication),
            *_elements(publication),
            *_follow_up(publication),
            *_respondents(publication),
            *_method(publication),
            f'<p class="thanks">{_both(THANKS)}</p>',
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _header(told: Publication) -> Iterator[str]:
    yield "<header>"
    yield f'<p class="mall">{_both(Words(told.mall, told.mall_english))}</p>'
    yield f"<h1>{_both(told.title)}</h1>"
    if told.unit:
        yield f"<p>{_both(Words('Unit', 'Unit'))}: {_both(Words(told.unit, told.unit_english))}</p>"
    yield f"<p>{_both(Words('Periode', 'Period'))}: {_both(told.period)}</p>"
    yield "</header>"


def _result(told: Publication) -> Iterator[str]:
    found = told.score
    performance = Words(found.performance, found.performance_english)
    yield '<section class="result" aria-labelledby="result">'
    yield f'<h2 id="result" hidden>{_both(Words("Hasil", "Result"))}</h2>'
    yield '<div class="figure">'
    yield f'<p><span class="index">{comma(found.index)}</span><br>{escape(found.index_name)}</p>'
    yield f'<p class="grade">{escape(found.grade)}</p>'
    yield f"<p>{_both(Words('Mutu pelayanan', 'Grade'))}<br><strong>{_both(performance)}</strong></p>"
    yield "</div>"
    yield '<div class="sure">'
    for sentence in told.respondents():
        yield f"<p>{_both(sentence)}</p>"
    yield "</div>"
    yield "</section>"


def _elements(told: Publication) -> Iterator[str]:
    weakest = told.score.weakest
    yield from _section("elements", Words("Nilai tiap unsur", "Each element"))
    yield "<table>"
    yield "<thead><tr>"
    yield f'<th scope="col">{_both(Words("Unsur", "Element"))}</th>'
    yield f'<th scope="col" class="number">{_both(Words("Rata-rata", "Mean"))}</th>'
    yield f'<th scope="col" class="number">{_both(Words("Indeks", "Index"))}</th>'
    yield "</tr></thead>"
    yield "<tbody>"
    for each in told.elements():
        is_weak = each.key in weakest
        mark = f' <span class="mark">▼ {_both(Words("terlemah", "weakest"))}</span>' if is_weak else ""
        yield '<tr class="weak">' if is_weak else "<tr>"
        yield f'<th scope="row"><div class="named"><div>{_both(Words(each.name, each.name_english))}{mark}</div>'
        yield f"{_bar(each.index, told.highest)}</div></th>"
        yield f'<td class="number">{comma(each.mean)}</td>'
        yield f'<td class="number">{comma(each.index)}</td>'
        yield "</tr>"
    yield "</tbody>"
    yield "</table>"
    yield "</section>"


def _follow_up(told: Publication) -> Iterator[str]:
    yield from _section("follow-up", Words("Unsur terlemah dan tindak lanjutnya", "Weakest elements, and what is done"))
    if not told.score.weakest:
        yield f"<p>{_both(NONE_STANDS_OUT)}</p>"
    followed = tuple(told.follow_up())
    if followed:
        yield '<ol class="plan">'
        for element, actions in followed:
            yield from _followed(told, element, actions)
        yield "</ol>"
    yield "</section>"


def _followed(told: Publication, element: ElementScore, actions: tuple[Action, ...]) -> Iterator[str]:
    name = _both(Words(element.name, element.name_english))
    yield f"<li><h3>{name}: {comma(element.index)}</h3>"
    if not actions:
        yield f"<p>{_both(NOTHING_PLANNED)}</p>"
    else:
        yield "<ul>"
        for action in actions:
            yield f"<li>{escape(action.text)}<br>"
            yield f"{_both(Words('Penanggung jawab', 'Owner'))}: {_both(told.owner(action))}; "
            yield f"{_both(Words('batas waktu', 'due'))}: {_both(day(action.due_on))}; "
            yield f"{_both(Words('keadaan', 'status'))}: {_both(standing(action))}</li>"
        yield "</ul>"
    yield "</li>"


def _respondents(told: Publication) -> Iterator[str]:
    groups = tuple(told.groups())
    if not groups:
        return
    yield from _section("respondents", Words("Responden", "Respondents"))
    yield '<div class="profile">'
    for field, rows in groups:
        yield "<table>"
        yield f"<caption>{_both(Words(field.text, field.text_english))}</caption>"
        yield "<tbody>"
        for words, n in rows:
            share = comma(f"{100 * n / told.score.n:.1f}")
            yield f'<tr><th scope="row">{_both(words)}</th><td class="number">{whole(n)}</td>'
            yield f'<td class="number share">{share}%</td></tr>'
        if not rows:
            yield f"<tr><td>{_both(NOTHING_SHOWN)}</td></tr>"
        yield "</tbody>"
        yield "</table>"
    yield "</div>"
    yield "</section>"


def _method(told: Publication) -> Iterator[str]:
    yield from _section("method", Words("Metode", "Method"), kind="small")
    for sentence in told.about():
        yield f"<p>{_both(sentence)}</p>"
    yield "</section>"


def _section(name: str, heading: Words, kind: str = "") -> Iterator[str]:
    """Begin a section; whoever does closes it."""
    yield f'<section class="{kind}" aria-labelledby="{name}">' if kind else f'<section aria-labelledby="{name}">'
    yield f'<h2 id="{name}">{_both(heading)}</h2>'


def _both(words: Words) -> str:
    """Return a text in Indonesian, and in English beside it where that says it otherwise."""
    indonesian, english = escape(words.indonesian), escape(words.english)
    if not english or english == indonesian:
        return indonesian
    return f'{indonesian} <span class="en" lang="en">{english}</span>'


def _bar(index: Decimal, highest: Decimal) -> str:
    """Return a bar from 0 to the highest index; a picture of the figure beside it, so it is not read out."""
    width = f"{100 * index / highest:.2f}"
    return (
        '<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect class="track" width="100" height="10"/><rect class="fill" width="{width}" height="10"/></svg>'
    )
