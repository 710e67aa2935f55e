"""How selling is done: activities, the funnel that turns them into revenue, and cadences."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from planalloc.model.base import Count, Frozen, Id, Name, NotEmpty, Number, Record, Within
from planalloc.model.strategy import Business, Target

__all__ = ["Activity", "Cadence", "ExitCriterion", "Fact", "Funnel", "Method", "Playbook", "Stage", "Targeting"]

LONGEST_PROSE = 10_000
"""A text to be read aloud or followed has no more characters than a few pages; more is a paste accident."""


def _prose(value: Any) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("not_text", f"must be text, not {type(value).__name__}; write it in quotes")
    if not value.strip():
        raise PydanticCustomError("empty_text", "must not be empty; leave it out where there is nothing to say")
    if len(value) > LONGEST_PROSE:
        raise PydanticCustomError(
            "long_text", f"has {len(value):,} characters, at most {LONGEST_PROSE:,} are allowed; shorten it"
        )
    if any(0xD800 <= ord(character) <= 0xDFFF for character in value):
        raise PydanticCustomError("broken_text", "holds half a character, which no file can store; write it anew")
    if any(ord(character) < 32 and character not in "\n\t" for character in value):
        raise PydanticCustomError("control_text", "holds control characters other than line breaks; take them out")
    return value


Prose = Annotated[str, BeforeValidator(_prose)]


class Activity(Record):
    """Something a rep does with or for an account.

    Examples
    --------
    >>> Activity(id="call", hours=0.3, channel="back_office").hours
    0.3
    """

    id: Id
    """How stages and cadences name it."""
    name: Name | None = None
    """How people call it; the id where none is given."""
    hours: Annotated[Number, Within("[0, 1000]", "give the hours one takes, travel and preparation included")]
    """Selling hours that one takes, travel and preparation included."""
    channel: Literal["field", "back_office", "remote"] = "field"
    """Where it happens; only shown."""


class Stage(Record):
    """A step of the sale.

    Examples
    --------
    >>> Stage(id="proposal", conversion=0.35, days_before_booking=30, activities={"proposal": 1}).conversion
    0.35
    """

    id: Id
    """How tables name it."""
    name: Name | None = None
    """How people call it; the id where none is given."""
    conversion: Annotated[Number, Within("(0, 1]", "write 35 % as 0.35; a stage that nothing leaves is none")]
    """Part of the opportunities at this stage that reach the next one, or the deal from the last."""
    days_before_booking: Annotated[
        Number, Within("[0, 3650]", "give days before the order is booked", smallest=0.0)
    ] = 0.0
    """How long before the booking an opportunity is at this stage, and its activities are done, in days."""
    activities: Frozen[dict[Id, Count]] = Field(default_factory=dict)
    """How many of each activity one opportunity takes at this stage."""


class Funnel(Record):
    """The stages of the sale on some lines, in order.

    The funnel that says most about a line (segment, then product, then business) is the one used for it.

    Examples
    --------
    >>> funnel = Funnel(segment="A", deal_size=300_000, stages=[Stage(id="proposal", conversion=0.5)])
    >>> funnel.stages[0].id
    'proposal'
    """

    segment: Id | None = None
    """The segment it is for; None: for all others."""
    product: Id | None = None
    """The product it is for; None: any."""
    business: Business | None = None
    """New or existing business; None: both."""
    deal_size: Annotated[Number, Within("(0, inf)", "give the money an average deal brings")]
    """Money that an average deal brings."""
    stages: Annotated[tuple[Stage, ...], NotEmpty]
    """In the order of the sale. An earlier stage is never nearer to the booking than a later one."""

    @model_validator(mode="after")
    def _check_stages(self) -> Self:
        ids = [stage.id for stage in self.stages]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise PydanticCustomError("stage_twice", f"has the stage {twice[0]!r} twice; give each its own id")
        for early, late in pairwise(self.stages):
            if early.days_before_booking < late.days_before_booking:
                raise PydanticCustomError(
                    "stages_out_of_order",
                    f"has stage {early.id!r} {early.days_before_booking:g} days before the booking and the later stage "
                    f"{late.id!r} {late.days_before_booking:g}; list stages in the order of the sale",
                )
        return self


class Cadence(Record):
    """How often each account of a segment sees an activity.

    Examples
    --------
    >>> Cadence(segment="A", activity="call", per_account_per_year=8).feeds_funnel
    True
    """

    segment: Id
    """The segment whose accounts are worked."""
    activity: Id
    """What is done."""
    per_account_per_year: Annotated[Number, Within("(0, 1000]", "leave the cadence out where nothing is due")]
    """How many per account and year; a longer or shorter horizon takes its part."""
    business: Business | None = None
    """Only prospects (``new``) or only customers (``existing``); None: all accounts of the segment."""
    feeds_funnel: bool = True
    """True: these are the funnel's own activities of this type, so that the year holds the larger of the two (cold
    calls on prospects are the same calls). False: they come on top (account care beside new business)."""


class Fact(Record):
    """Something to find out from an account, so that a review can count what is known.

    Examples
    --------
    >>> Fact(id="budget", question="Which budget is set aside, and until when?").required
    True
    """

    id: Id
    """How a review records the answer; the same fact may be asked for at several stages."""
    question: Prose
    """What to bring an answer to."""
    required: bool = True
    """Whether the stage is incomplete without it."""


class ExitCriterion(Record):
    """A statement that is true of an opportunity when it may leave its stage.

    Examples
    --------
    >>> ExitCriterion(id="sponsor", statement="A decision maker has asked for the proposal.").id
    'sponsor'
    """

    id: Id
    """How a review records whether it is met."""
    statement: Prose
    """What must be true, to be answered by yes or no."""


class Method(Record):
    """How a stage of the sale is played with the accounts of a segment, and what must come of it.

    Examples
    --------
    >>> method = Method(stage="discovery", segment="A", questions=["Who else decides?"], roles=["buyer"],
    ...                 facts=[Fact(id="budget", question="Which budget is set aside?")])
    >>> [fact.id for fact in method.facts]
    ['budget']
    """

    stage: Id
    """A stage of some funnel."""
    segment: Id | None = None
    """The segment it is for; None: every segment without one of its own at this stage."""
    purpose: Prose | None = None
    """What the stage is to achieve."""
    pitch: Prose | None = None
    """What to say."""
    questions: tuple[Prose, ...] = ()
    """What to ask, in this order."""
    tools: tuple[Prose, ...] = ()
    """What to use: a demonstration, a calculation, a reference customer."""
    roles: tuple[Name, ...] = ()
    """Roles of the contacts to meet, as `Contact.role` names them."""
    facts: tuple[Fact, ...] = ()
    """What to bring back. Each id stands once."""
    exit_criteria: tuple[ExitCriterion, ...] = ()
    """What must be true when the opportunity moves on. Each id stands once."""

    @property
    def label(self) -> str:
        """Its stage, and its segment where it has one."""
        return self.stage if self.segment is None else f"{self.stage} / {self.segment}"

    @model_validator(mode="after")
    def _check_ids(self) -> Self:
        for kind, records in (("fact", self.facts), ("exit criterion", self.exit_criteria)):
            ids = [record.id for record in records]
            twice = next((one for one in ids if ids.count(one) > 1), None)
            if twice is not None:
                raise PydanticCustomError("id_twice", f"has the {kind} {twice!r} twice; give each its own id")
        return self


Weight = Annotated[Number, Within("[0, 1000]", "a weight is not negative; 0 leaves that part out")]


class Targeting(Record):
    """What makes an account worth working first: the weights of its score (F-17), relative to one another.

    Examples
    --------
    >>> Targeting(potential=1, gap=0, recency=0).potential
    1.0
    """

    potential: Weight = 0.5
    """Weight of what the account could buy in a year; the most, because it is what there is to win."""
    gap: Weight = 0.3
    """Weight of what it could buy and did not last year."""
    recency: Weight = 0.2
    """Weight of the time since it was last contacted."""

    @model_validator(mode="after")
    def _check_some_weight(self) -> Self:
        if not (self.potential or self.gap or self.recency):
            raise PydanticCustomError("no_weight", "has no weight above zero; give at least one")
        return self


class Playbook(Record):
    """The method: what is done, at which stage, how often. Empty: money is planned without activities.

    Examples
    --------
    >>> Playbook(activities=[Activity(id="call", hours=0.3)]).funnels
    ()
    """

    activities: tuple[Activity, ...] = ()
    """Everything that stages and cadences refer to."""
    funnels: tuple[Funnel, ...] = ()
    """From revenue back to opportunities and their activities."""
    cadences: tuple[Cadence, ...] = ()
    """From accounts to activities."""
    methods: tuple[Method, ...] = ()
    """How each stage is played, and what must come of it."""
    targeting: Targeting = Field(default_factory=Targeting)
    """Which accounts come first."""

    def funnel_for(self, line: Target) -> Funnel | None:
        """Return the funnel that says most about a line: by segment, then by product, then by business.

        Examples
        --------
        >>> funnels = [Funnel(segment=s, deal_size=1, stages=[Stage(id="lead", conversion=1)]) for s in (None, "A")]
        >>> Playbook(funnels=funnels).funnel_for(Target(segment="A", share=1.0)).segment
        'A'
        """
        fitting = [
            funnel
            for funnel in self.funnels
            if funnel.segment in {None, line.segment}
            and funnel.product in {None, line.product}
            and funnel.business in {None, line.business}
        ]
        return max(
            fitting, key=lambda f: tuple(part is not None for part in (f.segment, f.product, f.business)), default=None
        )

    def method_for(self, stage: str, segment: str) -> Method | None:
        """Return how a stage is played with the accounts of a segment: the segment's own way, or the common one.

        Examples
        --------
        >>> methods = [Method(stage="visit"), Method(stage="visit", segment="A", pitch="We know your trade.")]
        >>> Playbook(methods=methods).method_for("visit", "A").pitch
        'We know your trade.'
        """
        fitting = [one for one in self.methods if one.stage == stage and one.segment in {None, segment}]
        return max(fitting, key=lambda one: one.segment is not None, default=None)
