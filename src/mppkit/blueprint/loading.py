"""Where a blueprint comes from: a TOML file, a folder of them, or the sample that ships with the package."""

from pathlib import Path
from types import MappingProxyType

from mppkit.blueprint.merging import merge
from mppkit.blueprint.model import Blueprint
from mppkit.blueprint.offices import read_directory
from mppkit.blueprint.permits import read_workflows, read_zones
from mppkit.blueprint.policies import SLOTS, Register, check_register, read_permit_policies, read_policies
from mppkit.blueprint.sections import note_missing_sections, read_calendar, read_mall, read_survey
from mppkit.calendars import Calendar
from mppkit.documents.files import read_documents
from mppkit.documents.tables import Table
from mppkit.errors import BlueprintError, Problem, nearest

SAMPLE = "contoh"
_SAMPLE_FOLDER = Path(__file__).parent / SAMPLE


def load_blueprint(path: str | Path, *, register: Register = MappingProxyType({})) -> Blueprint:
    """Read a blueprint from a TOML file, or from all `*.toml` files of a folder together.

    Args:
        path: the file or folder.
        register: policies of your own that the blueprint may name beside the built-in ones, by slot and name: what
            makes one from the parameters that stand in the blueprint.

    Raises:
        BlueprintError: it cannot be used; tells every problem at once.
        InvalidValueError: the register is wrong.
    """
    check_register(register)
    problems: list[Problem] = []
    documents = read_documents(Path(path), problems)
    merged = merge(documents, SLOTS, problems, all_read=not problems)
    note_missing_sections(merged, Table({}, file=str(path), path="", problems=problems))
    mall = read_mall(merged)
    calendar = read_calendar(merged)
    directory = read_directory(merged)
    policies, registered = read_policies(merged, register)
    workflows = read_workflows(merged, directory, problems)
    zones = read_zones(merged)
    permit_policies = read_permit_policies(merged)
    survey = read_survey(merged)
    if problems:
        raise BlueprintError(problems)
    return Blueprint(
        id=mall["id"],
        name=mall["name"],
        name_english=mall["name_english"],
        invented=mall.get("invented", False),
        calendar=Calendar(zone=mall["zone"], **calendar),
        directory=directory,
        policies=policies,
        workflows=workflows,
        zones=zones,
        permit_policies=permit_policies,
        survey=survey,
        registered=registered,
        sources=tuple(document.file for document in documents),
    )


def sample_blueprint() -> Blueprint:
    """Return `contoh`, the sample mall that ships with the package: invented, of a regency's usual size.

    >>> sample_blueprint().name
    'Mal Pelayanan Publik Contoh (rekaan)'
    """
    return load_blueprint(_SAMPLE_FOLDER)


def find_blueprint(name_or_path: str | Path, *, register: Register = MappingProxyType({})) -> Blueprint:
    """Return the blueprint of a path, or the shipped one of that name; a folder called contoh is `./contoh`.

    Raises:
        BlueprintError: there is none, or it cannot be used.
        InvalidValueError: the register is wrong.
    """
    if name_or_path == SAMPLE:
        return load_blueprint(_SAMPLE_FOLDER, register=register)
    if isinstance(name_or_path, str) and nearest(name_or_path, [SAMPLE]) and not Path(name_or_path).exists():
        allowed = "give a TOML file, a folder of them, or the name of the sample"
        missing = Problem(file=name_or_path, path="", found="no such file", allowed=allowed, suggestion=SAMPLE)
        raise BlueprintError([missing])
    return load_blueprint(name_or_path, register=register)
