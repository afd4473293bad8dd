"""`mppkit blueprint show --workflow ID` shows who takes which step and where it leads, and draws it."""

import json

from click.testing import CliRunner, Result

from mppkit.blueprint import sample_blueprint
from mppkit.cli.main import mppkit
from mppkit.errors import NotFoundError
from mppkit.permits.diagrams import mermaid


def call(*arguments: str) -> Result:
    return CliRunner().invoke(mppkit, ("blueprint", "show", *arguments), catch_exceptions=True)


def test_a_workflow_is_shown_as_a_table_and_as_a_drawing() -> None:
    done = call("contoh", "--workflow", "izin-hotel")
    assert done.exit_code == 0, done.output
    assert done.output.endswith(mermaid(sample_blueprint().workflow("izin-hotel")))
    said = " ".join(done.output.split())
    for part in (
        "Izin usaha hotel (rekaan) / Hotel licence (invented): izin-hotel, version 1",
        "for izin-usaha; to submit: nib, rencana-tapak, persetujuan-lingkungan",
        "10 working days (Peraturan Bupati Contoh 12/2026), from complete; when they are over, kepala-dinas is told",
        "lengkap -> penilaian-ruang + penilaian-air, then",
        "kurang -> back to the applicant",
        "tolak -> refused",
        "terbit -> issued",
        "Lokasi tidak sesuai dengan rencana tata ruang",
    ):
        assert part in said


def test_silence_that_is_consent_and_the_laws_own_term_are_told() -> None:
    said = " ".join(call("--workflow", "sip").output.split())
    assert "5 working days (UU 30/2014 (diubah UU 6/2023) Pasal 53 ayat (2)), from complete" in said
    assert "when they are over, it is deemed granted" in said


def test_the_json_object_has_all_facts_and_the_drawing() -> None:
    told = json.loads(call("--workflow", "izin-hotel", "--json").stdout)
    workflow = sample_blueprint().workflow("izin-hotel")
    assert told["mermaid"] == mermaid(workflow)
    assert (told["term_days"], told["term_rule"]) == (10, "Peraturan Bupati Contoh 12/2026")
    assert told["term_basis"]["in_force_since"] == "2026-01-05"
    assert told["steps"][0]["outcomes"][0] == {
        "id": "lengkap",
        "name": "Lengkap",
        "name_english": "Complete",
        "effect": "forward",
        "next": ["penilaian-ruang", "penilaian-air"],
        "join": "tinjau-lapangan",
        "reasons": [],
        "reserves": True,
    }
    assert [step["kind"] for step in told["steps"]] == [step.kind.value for step in workflow.steps]
    assert [reason["code"] for reason in told["reasons"]] == ["zona-penuh", "tidak-sesuai-ruang"]


def test_what_is_not_there_is_told_with_a_near_miss() -> None:
    missing = call("--workflow", "izin-hotl").exception
    assert isinstance(missing, NotFoundError)  # which the command line ends with exit code 2
    assert str(missing) == "no workflow 'izin-hotl'; did you mean 'izin-hotel'?"
    assert isinstance(call("--workflow", "sip", "--version", "2").exception, NotFoundError)
    done = call("--version", "1")
    assert done.exit_code == 2
    assert "--version is that of a --workflow" in done.output


def test_without_a_workflow_the_mall_is_shown_as_before() -> None:
    done = call("contoh", "--on", "2026-11-24")
    assert done.exit_code == 0, done.output
    assert "Services (layanan)" in done.output
    assert "flowchart" not in done.output
