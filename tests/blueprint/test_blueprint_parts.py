"""Whatever is wrong in the parts of a blueprint that may be left out is told as exactly: decrees, rules, standards."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mppkit.blueprint import load_blueprint

Problems = Callable[..., list[str]]

ID = "use 1 to 64 lower-case letters, digits, '-', '_' or '.', beginning and ending with a letter or digit"
TEXT = "give one line of text, up to 200 characters"
KINDS_OF_DAY = "give one of closed, joint_leave, open"
OVERLAY = """
[[overlay]]
level = "regency"
kind = "open"
from = 2026-12-24
name = "Buka"
name_english = "Open"
decree = "SK 2/2026"
decreed_on = 2026-11-02
hours = ["08:00-12:00"]
"""
SPECIAL = """
[[special_hours]]
rule = "FREQ=MONTHLY;BYDAY=1SA"
from = 2026-01-01
to = 2026-12-31
hours = ["08:00-12:00"]
"""
RULES = """
[[regulation]]
id = "pks"
kind = "perjanjian_kerja_sama"
number = "03/PKS"
year = 2026
about = "Layanan"
in_force_from = 2026-01-05
in_force_to = 2030-12-31
articles = ["5"]

[[participation]]
agency = "dpmptsp"
regulation = "pks"
from = 2026-01-12
services = ["nib"]
"""
WHO = """
[[officer]]
id = "p-1"
agency = "dpmptsp"
counters = ["loket-1"]

[[facility]]
id = "kursi"
name = "Kursi"
name_english = "Seats"
group = "ruang_tunggu"
"""
STANDARD = """
[[service]]
id = "imb"
name = "IMB"
name_english = "Building permit"
agency = "dpmptsp"
prefix = "A"
channels = [{ kind = "website", address = "x.example" }]

[service.standard]
requirements = [{ document = "NIB", form = "copy", product_of = "nib", valid_months = 3 }]
procedure = ["Datang"]
duration = { amount = 5, unit = "working_days" }
fees = [{ amount_rupiah = 35000, basis = "pks" }]
legal_basis = ["pks"]
facilities = ["kursi"]
staff = 2

[[counter]]
id = "loket-9"
name = "Loket 9"
services = ["imb"]
"""
PERMITS = """
[[role]]
id = "berkas"
name = "Pemeriksa"
name_english = "Examiner"

[[workflow]]
id = "izin"
name = "Izin"
name_english = "Permit"
services = ["nib", "imb"]
start = "periksa"
documents = ["denah"]
working_days = 7
term_regulation = "pks"
term_article = "5"
escalates_to = "berkas"

[[workflow.step]]
id = "periksa"
name = "Pemeriksaan"
name_english = "Examination"
kind = "verify"
role = "berkas"
agency = "dpmptsp"
working_days = 2
outcomes = [
  { id = "lengkap", effect = "forward", next = ["satu", "dua"], join = "putus" },
  { id = "kurang", effect = "return" },
]

[[workflow.step]]
id = "satu"
name = "Satu"
name_english = "One"
kind = "assess"
role = "berkas"
working_days = 3
outcomes = [{ id = "ya", effect = "forward", next = ["putus"] }]

[[workflow.step]]
id = "dua"
name = "Dua"
name_english = "Two"
kind = "site_visit"
role = "berkas"
working_days = 3
reserves = true
outcomes = [{ id = "ya", effect = "forward", next = ["putus"] }]

[[workflow.step]]
id = "putus"
name = "Keputusan"
name_english = "Decision"
kind = "decide"
role = "berkas"
working_days = 4
outcomes = [
  { id = "setuju", effect = "grant", next = ["terbit"] },
  { id = "tolak", effect = "refuse", reasons = ["palsu"] },
]

[[workflow.step]]
id = "terbit"
name = "Penerbitan"
name_english = "Issuing"
kind = "issue"
role = "berkas"
working_days = 1
outcomes = [{ id = "selesai", effect = "issue" }]

[[workflow.reason]]
code = "palsu"
indonesian = "Dokumen palsu"
english = "Forged"
regulation = "pks"

[[zone]]
id = "pantai"
name = "Pantai"
name_english = "Coast"

[[zone.limit]]
resource = "air"
unit = "m3/hari"
amount = 180.5
source = "Kajian"
dated = 2026-02-02
"""
PASSAGE = "give one line of text, up to 500 characters"
MORE = OVERLAY + SPECIAL + RULES + WHO + STANDARD + PERMITS
AMOUNT = "give 0 or more, with up to 12 digits before the point and 4 after it; in quotes where there are more than 15"
STEP = "give the id of a step of this workflow"
ROLE = "give the id of a role of this blueprint"
DAYS = "give a whole number from 1 to 1000, without quotes"

ONE_MORE_MISTAKE = {
    "a level there is not": (
        ('level = "regency"', 'level = "kabupaten"'),
        ["overlay[0].level: 'kabupaten': give one of nation, province, regency, mall"],
    ),
    "a kind of day there is not": (
        ('kind = "open"', 'kind = "opened"'),
        [f"overlay[0].kind: 'opened': {KINDS_OF_DAY}; did you mean 'open'?"],
    ),
    "a closed day with hours": (
        ('kind = "open"', 'kind = "joint_leave"'),
        ["overlay[0].hours: an array of 1: leave it out; a day that is joint_leave has none"],
    ),
    "an overlay that ends before it begins": (
        ("from = 2026-12-24", "from = 2026-12-24\nto = 2026-12-23"),
        ["overlay[0].to: 2026-12-23: give a day not before 2026-12-24"],
    ),
    "hours of an overlay in disorder": (
        ('hours = ["08:00-12:00"]', 'hours = ["12:00-08:00"]'),
        ["overlay[0].hours[0]: '12:00-08:00': end a stretch after it begins"],
    ),
    "a rule that might take long": (
        ("FREQ=MONTHLY;BYDAY=1SA", "FREQ=SECONDLY"),
        [
            "special_hours[0].rule: 'FREQ=SECONDLY': write FREQ=WEEKLY;BYDAY=..., FREQ=MONTHLY;BYDAY=... (such as 1SA) "
            "or FREQ=MONTHLY;BYMONTHDAY=... (-28 to 28), with INTERVAL=2 and the like if need be"
        ],
    ),
    "a rule that names no day": (
        ("to = 2026-12-31", "to = 2026-01-02"),
        ["special_hours[0].rule: 'FREQ=MONTHLY;BYDAY=1SA': name at least one day between first_on and last_on"],
    ),
    "special hours without hours": (
        ('to = 2026-12-31\nhours = ["08:00-12:00"]', "to = 2026-12-31\nhours = []"),
        ["special_hours[0].hours: an array of 0: give the hours; a closed day needs an overlay or a closure"],
    ),
    "a number of a regulation without quotes": (
        ('number = "03/PKS"', "number = 3"),
        [f"regulation[0].number of 'pks': 3: {TEXT}"],
    ),
    "a year of two digits": (
        ("year = 2026", "year = 26"),
        ["regulation[0].year of 'pks': 26: give a whole number from 1900 to 2200, without quotes"],
    ),
    "a regulation that ends before it begins": (
        ("in_force_to = 2030-12-31", "in_force_to = 2025-12-31"),
        ["regulation[0].in_force_to of 'pks': 2025-12-31: give a day not before 2026-01-05"],
    ),
    "an article that is no text": (
        ('articles = ["5"]', "articles = [5]"),
        [f"regulation[0].articles[0] of 'pks': 5: {TEXT}"],
    ),
    "a regulation there is not": (
        ('regulation = "pks"', 'regulation = "psk"'),
        ["participation[0].regulation: 'psk': give the id of a regulation of this blueprint; did you mean 'pks'?"],
    ),
    "an agency that nobody else knows": (
        ('agency = "dpmptsp"\nregulation', 'agency = "pln"\nregulation'),
        [
            "participation[0].agency: 'pln': give the id of an agency of this blueprint",
            "participation[0].services[0]: 'nib': give a service of pln",
        ],
    ),
    "a participation that is about nothing": (
        ('from = 2026-01-12\nservices = ["nib"]', "from = 2026-01-12\nservices = []"),
        ["participation[0].services: an array of 0: leave it out for all services of the agency"],
    ),
    "an officer by a number of a person": (
        ('id = "p-1"', 'id = "198001012005011001"'),
        ["officer[0].id of '19…01': '19…01': give an id of your own records, never a NIK, a NIP or a phone number"],
    ),
    "an officer by a name": (
        ('id = "p-1"', 'id = "Sri Rahayu"'),
        [f"officer[0].id of 'Sri Rahayu': 'Sri Rahayu': {ID}; did you mean 'sri-rahayu'?"],
    ),
    "an officer at a counter there is not": (
        ('counters = ["loket-1"]', 'counters = ["loket-2"]'),
        [
            "officer[0].counters[0] of 'p-1': 'loket-2': give the id of a counter of this blueprint; "
            "did you mean 'loket-9'?"
        ],
    ),
    "a group of facilities there is not": (
        ('group = "ruang_tunggu"', 'group = "ruang tunggu"'),
        [
            "facility[0].group of 'kursi': 'ruang tunggu': give one of parkir, ruang_tunggu, toilet, kelompok_rentan, "
            "penunjang, front_office, layanan; did you mean 'ruang_tunggu'?"
        ],
    ),
    "a form of a document there is not": (
        ('form = "copy"', 'form = "fotokopi"'),
        [
            "service[2].standard.requirements[0].form of 'imb': 'fotokopi': "
            "give one of original, copy, original_and_copy"
        ],
    ),
    "a document without a name": (
        ('document = "NIB", ', ""),
        [f"service[2].standard.requirements[0].document of 'imb': missing: {PASSAGE}"],
    ),
    "a requirement that is only a text": (
        ('{ document = "NIB", form = "copy", product_of = "nib", valid_months = 3 }', '"NIB"'),
        ["service[2].standard.requirements[0] of 'imb': 'NIB': give a table, in braces"],
    ),
    "a product of a service there is not": (
        ('product_of = "nib"', 'product_of = "nibb"'),
        [
            "service[2].standard.requirements[0].product_of of 'imb': 'nibb': "
            "give the id of a service of this blueprint; did you mean 'nib'?"
        ],
    ),
    "a service that needs itself": (
        ('product_of = "nib"', 'product_of = "imb"'),
        ["service[2].standard.requirements of 'imb': 'imb': end the circle (imb needs imb): take a `product_of` away"],
    ),
    "a unit of time there is not": (
        ('unit = "working_days"', 'unit = "hari kerja"'),
        ["service[2].standard.duration.unit of 'imb': 'hari kerja': give one of minutes, hours, working_days, days"],
    ),
    "a duration that is only a number": (
        ('duration = { amount = 5, unit = "working_days" }', "duration = 5"),
        ["service[2].standard.duration of 'imb': 5: give a table"],
    ),
    "a fee in words": (
        ("amount_rupiah = 35000", 'amount_rupiah = "Rp35.000"'),
        [
            "service[2].standard.fees[0].amount_rupiah of 'imb': 'Rp35.000': "
            "give a whole number from 0 to 1000000000000, without quotes"
        ],
    ),
    "a fee of nobody knows how much": (
        ("amount_rupiah = 35000, ", ""),
        [
            "service[2].standard.fees[0].amount_rupiah of 'imb': missing: "
            "give whole rupiah, 0 for free of charge; or say in `what` how it is computed"
        ],
    ),
    "a fee by a rule there is not": (
        ('basis = "pks"', 'basis = "perda"'),
        ["service[2].standard.fees[0].basis of 'imb': 'perda': give the id of a regulation of this blueprint"],
    ),
    "a legal basis named twice": (
        ('legal_basis = ["pks"]', 'legal_basis = ["pks", "pks"]'),
        ["service[2].standard.legal_basis[1] of 'imb': 'pks': name each once"],
    ),
    "two ids that are none": (
        ('legal_basis = ["pks"]', "legal_basis = [1, 2]"),
        [
            f"service[2].standard.legal_basis[0] of 'imb': 1: {ID}",
            f"service[2].standard.legal_basis[1] of 'imb': 2: {ID}",
        ],
    ),
    "a facility there is not": (
        ('facilities = ["kursi"]', 'facilities = ["kursi", "kipas"]'),
        ["service[2].standard.facilities[1] of 'imb': 'kipas': give the id of a facility of this blueprint"],
    ),
    "a component there is not": (
        ("staff = 2", "petugas = 2"),
        [
            "service[2].standard.petugas of 'imb': 'petugas': no such key; there are requirements, procedure, fees, "
            "complaints, legal_basis, facilities, product, competence, supervision, guarantee, safety, evaluation, "
            "duration, staff"
        ],
    ),
    "nobody to do it": (
        ("staff = 2", "staff = 0"),
        ["service[2].standard.staff of 'imb': 0: give a whole number from 1 to 10000, without quotes"],
    ),
    "a role there is not": (
        ('role = "berkas"\nagency', 'role = "bekas"\nagency'),
        [f"workflow[0].step[0].role of 'izin': 'bekas': {ROLE}; did you mean 'berkas'?"],
    ),
    "an officer of a role there is not": (
        ('counters = ["loket-1"]\n', 'counters = ["loket-1"]\nroles = ["berks"]\n'),
        [f"officer[0].roles[0] of 'p-1': 'berks': {ROLE}; did you mean 'berkas'?"],
    ),
    "nobody to tell": (
        ('escalates_to = "berkas"\n', ""),
        ["workflow[0].escalates_to of 'izin': missing: name the role that is told when the term is over"],
    ),
    "a service of a workflow there is not": (
        ('services = ["nib", "imb"]', 'services = ["nib", "imbb"]'),
        ["workflow[0].services[1] of 'izin': 'imbb': give the id of a service of this blueprint; did you mean 'imb'?"],
    ),
    "a term by a rule there is not": (
        ('term_regulation = "pks"', 'term_regulation = "pkss"'),
        [
            "workflow[0].term_regulation of 'izin': 'pkss': give the id of a regulation of this blueprint; "
            "did you mean 'pks'?"
        ],
    ),
    "an article of no rule": (
        ('term_regulation = "pks"\n', ""),
        ["workflow[0].term_regulation of 'izin': missing: give the id of the regulation that `term_article` stands in"],
    ),
    "a reason by a rule there is not": (
        ('english = "Forged"\nregulation = "pks"', 'english = "Forged"\nregulation = "pkk"'),
        [
            "workflow[0].reason[0].regulation of 'izin': 'pkk': give the id of a regulation of this blueprint; "
            "did you mean 'pks'?"
        ],
    ),
    "a step that leads nowhere": (
        ('next = ["terbit"]', 'next = ["terbitt"]'),
        [f"workflow[0].step[3].outcomes[0].next[0] of 'izin': 'terbitt': {STEP}; did you mean 'terbit'?"],
    ),
    "a way past the decision": (
        ('id = "ya", effect = "forward", next = ["putus"]', 'id = "ya", effect = "forward", next = ["terbit"]'),
        [
            "workflow[0].step[4].kind of 'izin': 'issue': decide and issue where parallel branches have joined",
            "workflow[0].step[1].outcomes[0].next[0] of 'izin': 'terbit': "
            "lead to a step that decides first; only what was granted is issued",
        ],
    ),
    "a key of an outcome that is misspelt is told once": (
        ('next = ["terbit"]', 'nxt = ["terbit"]'),
        [
            "workflow[0].step[3].outcomes[0].nxt of 'izin': 'nxt': no such key; there are id, effect, name, "
            "name_english, next, join, reasons, reserves; did you mean 'next'?"
        ],
    ),
    "a step without days": (
        ("working_days = 4\n", ""),
        [f"workflow[0].step[3].working_days of 'izin': missing: {DAYS}"],
    ),
    "steps that are no rows": (
        ("[[workflow.reason]]\n", "[workflow.reason]\n"),
        [
            "workflow[0].reason of 'izin': a table: begin each with [[workflow.reason]], in two brackets",
        ],
    ),
    "a phone number in a name": (
        ('name = "Satu"', 'name = "Hubungi 0812 3456 7890"'),
        [
            "workflow[0].step[1].name of 'izin': 'Hubungi 08…90': "
            "leave out the long number: no NIK or phone number may be recorded"
        ],
    ),
    "an amount in words": (
        ("amount = 180.5", 'amount = "180,5"'),
        [f"zone[0].limit[0].amount of 'pantai': '180,5': {AMOUNT}; did you mean '180.5'?"],
    ),
    "an amount below nothing": (
        ("amount = 180.5", "amount = -1"),
        [f"zone[0].limit[0].amount of 'pantai': -1: {AMOUNT}"],
    ),
    "an amount that a number does not hold": (
        ("amount = 180.5", "amount = 999999999999.9999"),
        [f"zone[0].limit[0].amount of 'pantai': 99…99: {AMOUNT}"],
    ),
    "a unit that is too long": (
        ('unit = "m3/hari"', f'unit = "{"m" * 31}"'),
        [
            f"zone[0].limit[0].unit of 'pantai': '{'m' * 31}': "
            "write one line of up to 30 characters, and no names of persons"
        ],
    ),
    "a kind of channel there is not": (
        ('kind = "website"', 'kind = "web"'),
        [
            "service[2].channels[0].kind of 'imb': 'web': give one of counter, box, lapor, website, app, phone, "
            "message, email; did you mean 'website'?"
        ],
    ),
}


@pytest.mark.parametrize("mistake", ONE_MORE_MISTAKE)
def test_one_mistake_in_what_may_be_left_out_is_told_exactly(mistake: str, small: str, problems_of: Problems) -> None:
    (before, after), expected = ONE_MORE_MISTAKE[mistake]
    assert MORE.count(before) >= 1
    assert problems_of(small + MORE.replace(before, after, 1)) == [f"m.toml: {line}" for line in expected]


def test_what_may_be_left_out_is_sound_itself(small: str, tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(small + MORE, encoding="utf-8")
    assert load_blueprint(path).directory.service("imb").standard.staff == 2


def test_versions_of_a_workflow_stand_beside_each_other_and_services_are_taken_once(
    small: str, tmp_path: Path, problems_of: Problems
) -> None:
    row = PERMITS[PERMITS.index("[[workflow]]") : PERMITS.index("[[zone]]")]
    newer = row.replace('id = "izin"\n', 'id = "izin"\nversion = 2\n')
    other = row.replace('id = "izin"\n', 'id = "lain"\n').replace('["nib", "imb"]', '["imb", "sip"]')
    path = tmp_path / "versions.toml"
    path.write_text(small + MORE + newer, encoding="utf-8")
    assert load_blueprint(path).workflow("izin").version == 2
    assert problems_of(small + MORE + newer + other + newer) == [
        "m.toml: workflow[3].id of 'izin': 'izin': give another id or `version`; workflow[1] has version 2 already",
        "m.toml: workflow[2].services[0] of 'lain': 'imb': name it in one workflow; "
        "izin takes its applications already",
    ]
    # what an older version took, another workflow may take
    moved = newer.replace('["nib", "imb"]', '["nib"]')
    path.write_text(small + MORE + moved + other, encoding="utf-8")
    taken = load_blueprint(path).workflow_of("imb")
    assert taken is not None
    assert taken.id == "lain"


def test_a_resource_has_one_limit_in_a_zone(small: str, problems_of: Problems) -> None:
    limit = PERMITS[PERMITS.index("[[zone.limit]]") :]
    assert problems_of(small + MORE + limit) == [
        "m.toml: zone[0].limit[1].resource of 'pantai': 'air': give one limit for each resource"
    ]


def test_every_flaw_of_every_workflow_is_told_at_once(small: str, problems_of: Problems) -> None:
    broken = PERMITS.replace('join = "putus"', 'join = "puts"').replace('reasons = ["palsu"]', 'reasons = ["plsu"]')
    broken = broken.replace('agency = "dpmptsp"', 'agency = "dpmptps"').replace("amount = 180.5", "amount = true")
    assert problems_of(small + RULES + WHO + STANDARD + broken) == [
        "m.toml: workflow[0].step[0].agency of 'izin': 'dpmptps': give the id of an agency of this blueprint; "
        "did you mean 'dpmptsp'?",
        "m.toml: workflow[0].step[3].outcomes[1].reasons[0] of 'izin': 'plsu': "
        "give the code of a reason of this workflow; did you mean 'palsu'?",
        "m.toml: workflow[0].reason[0].code of 'izin': 'palsu': name it in the reasons of an outcome that refuses",
        f"m.toml: workflow[0].step[0].outcomes[0].join of 'izin': 'puts': {STEP}; did you mean 'putus'?",
        f"m.toml: zone[0].limit[0].amount of 'pantai': true: {AMOUNT}",
    ]


def test_a_file_that_cannot_be_read_makes_no_role_a_stranger(small: str, problems_of: Problems) -> None:
    roles, rest = PERMITS.split("[[workflow]]", 1)
    files = {
        "a.toml": small + RULES + WHO + STANDARD,
        "b.toml": roles.replace("]]", "]"),
        "c.toml": "[[workflow]]" + rest,
    }
    assert [line.partition(":")[0] for line in problems_of(files)] == ["m/b.toml"]


def test_mistakes_in_a_standard_for_all_services_of_an_agency_are_told_once(small: str, problems_of: Problems) -> None:
    shared = '[agency.standard]\nstaff = 0\nlegal_basis = ["uu"]\nrequirements = [{ form = "copy" }]\n\n[[service]]'
    assert problems_of(small.replace("[[service]]", shared, 1)) == [
        "m.toml: agency[0].standard.legal_basis[0] of 'dpmptsp': 'uu': give the id of a regulation of this blueprint",
        "m.toml: agency[0].standard.staff of 'dpmptsp': 0: give a whole number from 1 to 10000, without quotes",
        f"m.toml: agency[0].standard.requirements[0].document of 'dpmptsp': missing: {PASSAGE}",
    ]


def test_every_circle_of_needs_is_named(small: str, problems_of: Problems) -> None:
    rows = {"a": "b", "b": "c", "c": "a", "d": "a", "e": "e", "f": "nib"}
    services = "".join(
        f'[[service]]\nid = "{name}"\nname = "{name}"\nname_english = "{name}"\nagency = "dpmptsp"\nprefix = "B"\n'
        f'standard.requirements = [{{ document = "x", form = "copy", product_of = "{needed}" }}]\n'
        for name, needed in rows.items()
    )
    given = ", ".join(f'"{name}"' for name in ("nib", "sip", *rows))
    lines = problems_of(small.replace('["nib", "sip"]', f"[{given}]") + services)
    assert [line.partition(": end the circle ")[2] for line in lines] == [
        "(a needs b needs c needs a): take a `product_of` away",
        "(e needs e): take a `product_of` away",
    ]


def test_special_hours_beside_no_hours_would_say_nothing(small: str, problems_of: Problems) -> None:
    hours = small[small.index("[hours]") : small.index("[[closure]]")]
    allowed = "write [hours] too: without hours a mall never closes"
    assert problems_of(small.replace(hours, "") + SPECIAL) == [f"m.toml: special_hours[0]: a table: {allowed}"]


def test_no_more_special_hours_are_spelt_out_than_a_mall_can_need(small: str, problems_of: Problems) -> None:
    assert problems_of(small + SPECIAL * 52) == [
        "m.toml: special_hours[50]: a table: give 50 at most",
        "m.toml: special_hours[51]: a table: give 50 at most",
    ]
