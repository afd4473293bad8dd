"""A workflow is drawn whole, and no name that it may have breaks the drawing."""

import re
from typing import Any

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.blueprint import sample_blueprint
from mppkit.permits.diagrams import mermaid
from mppkit.permits.workflow import Workflow

HOTEL = sample_blueprint().workflow("izin-hotel")

LABEL = r'"(?:[^\W_]|(?<=[^\W_])-(?=[^\W_])|[ ,:()/]|#\d+;|<br/>)*"'
"""What Mermaid takes for plain text, whatever stands around it; `<br/>` is the drawing's own."""
NODE = rf"\w+(?:\[{LABEL}\]|\(\[{LABEL}\]\)|\({LABEL}\)|\{{{LABEL}\}})?"
LINE = re.compile(rf"  {NODE}(?: (?:-->|-\.->)(?:\|{LABEL}\|)? {NODE})*")


def lines(workflow: Workflow) -> list[str]:
    first, *others = mermaid(workflow).splitlines()
    assert first == "flowchart TD"
    return others


def test_a_workflow_of_parallel_steps_is_drawn_whole() -> None:
    assert [line for line in lines(HOTEL) if "-.->" not in line] == [
        '  begin("Diajukan / Submitted") --> s0',
        '  s0["Verifikasi kelengkapan<br/>Check of completeness<br/>verifikator, dpmptsp'
        '<br/>2 hari kerja / working days"]',
        '  s1["Penilaian tata ruang dan lahan<br/>Assessment of land and spatial plan<br/>penilai-teknis, bpn'
        '<br/>3 hari kerja / working days"]',
        '  s2["Penilaian kebutuhan air<br/>Assessment of water use<br/>penilai-teknis, pdam'
        '<br/>3 hari kerja / working days"]',
        '  s3["Peninjauan lapangan<br/>Site visit<br/>penilai-teknis<br/>2 hari kerja / working days"]',
        '  s4["Keputusan<br/>Decision<br/>kepala-dinas, dpmptsp<br/>2 hari kerja / working days"]',
        '  s5["Penerbitan izin<br/>Issuing the permit<br/>penerbit-izin, dpmptsp<br/>1 hari kerja / working days"]',
        '  js3{"bila semua selesai / when all are done"} --> s3',
        '  s0 -->|"Lengkap / Complete"| s0f0{"bersamaan / in parallel"}',
        "  s0f0 --> s1",
        "  s0f0 --> s2",
        '  s1 -->|"Selesai dinilai / Assessed"| js3',
        '  s2 -->|"Selesai dinilai / Assessed"| js3',
        '  s3 -->|"Sudah ditinjau / Visited"| s4',
        '  s3 -->|"Daya dukung tidak mencukupi / The zone has no room"| s4',
        '  s4 -->|"Disetujui / Granted"| s5',
        '  s4 -->|"Disetujui dengan syarat / Granted with conditions"| s5',
        '  s4 -->|"Ditolak / Refused"| refused',
        '  s5 -->|"Izin diterbitkan / Permit issued"| issued',
        '  refused(["Ditolak / Refused"])',
        '  issued(["Izin diterbitkan / Permit issued"])',
    ]


def test_what_is_returned_comes_back_to_its_step() -> None:
    returned = '"Dikembalikan untuk perbaikan / Returned for correction"'
    assert [line for line in lines(HOTEL) if "-.->" in line] == [
        '  s0 -.->|"Belum lengkap / Not complete yet"| s0a(["Pemohon / Applicant"]) -.-> s0',
        f'  s1 -.->|{returned}| s1a(["Pemohon / Applicant"]) -.-> s1',
        f'  s2 -.->|{returned}| s2a(["Pemohon / Applicant"]) -.-> s2',
        f'  s3 -.->|{returned}| s3a(["Pemohon / Applicant"]) -.-> s3',
    ]


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_no_name_breaks_the_drawing(data: st.DataObject) -> None:
    signs = st.text(st.sampled_from("ab1.-_*`\"'#;&<>|[](){}:/\\%~@$\n é漢🙂") | st.characters(), max_size=15)

    def named(thing: Any) -> Any:
        return evolve(thing, name=data.draw(signs), name_english=data.draw(signs))

    steps = tuple(evolve(named(step), outcomes=tuple(map(named, step.outcomes))) for step in HOTEL.steps)
    drawn = mermaid(evolve(HOTEL, steps=steps)).split("\n")
    assert drawn[0] == "flowchart TD"
    assert drawn[-1] == ""
    assert len(drawn) == len(mermaid(HOTEL).split("\n"))
    assert [line for line in drawn[1:-1] if not LINE.fullmatch(line)] == []


@given(st.text())
def test_a_name_can_be_read_back_from_its_label(name: str) -> None:
    first = evolve(HOTEL.steps[0], name=name)
    node = lines(evolve(HOTEL, steps=(first, *HOTEL.steps[1:])))[1]
    label = node.removeprefix('  s0["').partition("<br/>")[0]
    assert re.sub(r"#(\d+);", lambda found: chr(int(found[1])), label) == name
