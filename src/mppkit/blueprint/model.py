"""A blueprint as a value: what a mall's TOML files say, checked and put together."""

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType

from attrs import field, frozen

from mppkit.blueprint.digest import digest_of
from mppkit.blueprint.policies import told, told_of_permits
from mppkit.calendars import Calendar
from mppkit.directory import Directory
from mppkit.errors import NotFoundError
from mppkit.permits.capacity import Zone
from mppkit.permits.policies import PermitPolicies
from mppkit.permits.workflow import Workflow, newest
from mppkit.queues.policies import QueuePolicies
from mppkit.surveys.model import SurveyTerms


@frozen(kw_only=True)
class Blueprint:
    """One mall: who and what is in it, when it is open, by which rules it queues, and how it works on permits.

    Attributes:
        id: the mall's id; every stream of the mall begins with it.
        name, name_english: what citizens read.
        invented: whether the mall exists on paper only, so that no figure of it is taken for a real one.
        calendar: when it is open, and its time zone.
        directory: its agencies and their rules, services and their standards, counters, officers, roles and facilities.
        policies: the rules of its queue.
        workflows: what applications for permits go through, every version that is still needed.
        zones: the parts of the region, and what each can carry to begin with.
        permit_policies: how permits are numbered, and what happens when a zone is full.
        survey: on what terms visitors are asked.
        registered: what the files say of policies that are not built in, by slot.
        sources: the files it was read from.
    """

    id: str
    name: str
    name_english: str
    invented: bool
    calendar: Calendar
    directory: Directory
    policies: QueuePolicies
    workflows: tuple[Workflow, ...] = ()
    zones: tuple[Zone, ...] = ()
    permit_policies: PermitPolicies = field(factory=PermitPolicies)
    survey: SurveyTerms = field(factory=SurveyTerms)
    registered: Mapping[str, Mapping[str, object]] = MappingProxyType({})
    sources: tuple[str, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all it means, 64 hexadecimal digits: alike whatever the files and the order of their rows.

        Of a policy that was handed in, and that no file names, only what can be told counts: its name, and the fields
        of an attrs class.
        """
        return digest_of(
            {
                "id": self.id,
                "name": self.name,
                "name_english": self.name_english,
                "invented": self.invented,
                "calendar": self.calendar,
                "directory": self.directory,
                "queue": told(self.policies, self.registered),
                "workflows": self.workflows,
                "zones": self.zones,
                **told_of_permits(self.permit_policies),
                # left out while it says nothing of its own, so that older digests stay as they are
                "survey": () if self.survey == SurveyTerms() else self.survey,
            }
        )

    def workflow(self, workflow_id: str, version: int | None = None) -> Workflow:
        """Return a workflow, the newest version where none is named.

        Raises:
            NotFoundError: there is none of that id, or not in that version.
        """
        versions = {each.version: each for each in self.workflows if each.id == workflow_id}
        if not versions:
            raise NotFoundError("workflow", workflow_id, (each.id for each in self.workflows))
        found = versions.get(max(versions) if version is None else version)
        if found is None:
            there = ", ".join(map(str, sorted(versions)))
            raise NotFoundError(f"version of workflow {workflow_id}", version, (), f"there are {there}")
        return found

    def workflow_of(self, service: str) -> Workflow | None:
        """Return the workflow that applications for a service take; None for a service that has none."""
        return next((each for each in self.newest_workflows if service in each.services), None)

    @property
    def newest_workflows(self) -> tuple[Workflow, ...]:
        """Of each workflow the newest version, which is what new applications take."""
        return newest(self.workflows)
