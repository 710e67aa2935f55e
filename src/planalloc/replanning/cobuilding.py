"""A plan that is built together with each rep: its states, its history, and the plan on any day rebuilt from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal

from planalloc.allocation import allocate
from planalloc.checks.checking import check_canonical
from planalloc.errors import InputError
from planalloc.formulate.ground import Ground
from planalloc.plan.table import Table, Text
from planalloc.plan.table_display import as_html, as_text
from planalloc.replanning.agreed_numbers import refuse_other_numbers, with_agreed
from planalloc.replanning.carriers import require_carrier
from planalloc.replanning.counters import Approval, Counter, CounterPrice, countered_problem, price_of, settles
from planalloc.replanning.course import Course, State, after_event
from planalloc.replanning.log_events import (
    Accepted,
    Agreed,
    Countered,
    Edited,
    Event,
    LogEvent,
    MetHalfway,
    Proposed,
    Published,
    Refused,
    Replanned,
    Superseded,
)
from planalloc.replanning.refusing import refuse_together, require_list
from planalloc.replanning.replaying import credits_of, plan_after
from planalloc.replanning.stored_log import read_log, write_log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from planalloc.events.actuals import Actuals
    from planalloc.model.limits import AnyLimit
    from planalloc.model.problem import PlanningProblem
    from planalloc.model.salesforce import Accounts
    from planalloc.plan.plan import Plan
    from planalloc.replanning.carrying import Carry
    from planalloc.replanning.changes import Change, MoveAccount

__all__ = ["PlanLog", "Version"]


@dataclass(frozen=True)
class Version:
    """A version of a plan that was published.

    Attributes
    ----------
    number : int
        From 1.
    on : date
        Day on which it came into force.
    state : State
        ``published``, or ``superseded`` where a later version or another plan took its place.
    log : PlanLog
        What had happened by then, the publication included.
    """

    number: int
    on: date
    state: State
    log: PlanLog = field(repr=False)

    @property
    def plan(self) -> Plan:
        """The plan as it came into force."""
        return self.log.plan


@dataclass(frozen=True)
class PlanLog:
    """The history of a plan that is built together: a problem, and what happened since, in order.

    A log never changes: every verb returns a longer one. The plan follows from it, on any day.

    Attributes
    ----------
    problem : PlanningProblem
        What was planned at first.
    events : tuple of Event
        What happened.
    undecided : str
        Why the last rule left its counter-proposal open (`settle`); empty after anything else. It is not stored.

    Examples
    --------
    >>> from datetime import date
    >>> import planalloc as pa
    >>> problem = pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1},
    ...                                     reps=["alice", "bruno", "chloe"])
    >>> log = PlanLog(problem).propose(on=date(2026, 11, 2), who="diana")
    >>> log = log.counter("alice", limits=[pa.Pin(rep="alice", quota=300)], on=date(2026, 11, 5))
    >>> print(log.price(1))
    alice: 400 -> 300 EUR; others carry 100 EUR more and work 0.0 hours more; +0 EUR short
    >>> log = log.accept(1, on=date(2026, 11, 6), who="diana", reason="two big customers left")
    >>> log.plan.quotas.by("rep")["quota"].tolist(), log.plan_on(date(2026, 11, 5)).rep("alice").quota
    ([300, 450, 450], 400)
    """

    problem: PlanningProblem
    events: tuple[Event, ...] = ()
    _known: tuple[Course, Plan] | None = field(default=None, repr=False, compare=False)
    undecided: str = field(default="", repr=False, compare=False)

    @cached_property
    def _now(self) -> tuple[Course, Plan]:
        if self._known is not None:
            return self._known
        plan = allocate(self.problem)
        course = Course({rep.id: "draft" for rep in plan.problem.sales_force.reps if rep.role == "primary"})
        for place, event in enumerate(self.events):
            course, plan = self._after(course, plan, event, _counters(self.events[:place]))
            refuse_other_numbers(event, plan)
        return course, plan

    @staticmethod
    def _after(
        course: Course, plan: Plan, event: LogEvent, counters: dict[int, Counter], known: Plan | None = None
    ) -> tuple[Course, Plan]:
        after_event(course, event, plan.problem)
        plan = plan_after(plan, event, counters, known=known)
        return after_event(course, event, plan.problem), plan

    @property
    def plan(self) -> Plan:
        """The plan as it is now."""
        return self._now[1]

    @property
    def state(self) -> State:
        """State of the plan: draft, proposed, countered, agreed, published or superseded."""
        return self._now[0].state

    def state_of(self, rep: str) -> State:
        """Return the state of one rep's part: draft, proposed, countered or agreed.

        Raises
        ------
        UnknownNameError
            When there is no such rep.
        InputError
            When it is an overlay rep.
        """
        require_carrier(self.plan.problem, rep)
        return self._now[0].parts[rep]

    def possible(self, rep: str | None = None) -> tuple[str, ...]:
        """Return what may happen next, to the plan or to one rep's part of it."""
        if rep is not None:
            require_carrier(self.plan.problem, rep)
        return self._now[0].possible(rep)

    @property
    def open(self) -> dict[int, Counter]:
        """The counter-proposals that nobody has decided, by number; also of a plan that was published or superseded."""
        pending = self._now[0].open
        return {one.number: one.counter for one in self.events if isinstance(one, Countered) and one.number in pending}

    @cached_property
    def versions(self) -> tuple[Version, ...]:
        """The versions that were published, in order."""
        places = [i for i, one in enumerate(self.events) if isinstance(one, Published)]
        ended = self.state == "superseded"
        return tuple(
            Version(
                number,
                self.events[place].on,
                "published" if number == len(places) and not ended else "superseded",
                PlanLog(self.problem, self.events[: place + 1]),
            )
            for number, place in enumerate(places, 1)
        )

    @cached_property
    def history(self) -> Table:
        """What happened: on, event, about, who, reason."""
        rows = [(str(one.on), one.event.replace("_", " "), one.about, one.who, one.reason) for one in self.events]
        names = ("on", "event", "about", "who", "reason")
        columns = list(zip(*rows, strict=True)) or [()] * len(names)
        return Table({name: Text.of(column) for name, column in zip(names, columns, strict=True)}, name="history")

    def until(self, day: date) -> PlanLog:
        """Return the log as it was at the end of a day.

        Raises
        ------
        InputError
            When it is no date.
        """
        if type(day) is not date:
            raise InputError(f"the day is {day!r}, and must be a date", hint="Give it as date(2027, 3, 31).")
        return PlanLog(self.problem, tuple(one for one in self.events if one.on <= day))

    def plan_on(self, day: date) -> Plan:
        """Return the plan as it was at the end of a day, rebuilt from the log."""
        return self.until(day).plan

    def without(self, place: int) -> PlanLog:
        """Return the log without one event, by its place from 0, as if it had not happened; later ones happen again.

        Raises
        ------
        InputError
            When there is no such event, or a later one cannot happen without it.
        """
        if not 0 <= place < len(self.events):
            raise InputError(f"there is no event {place}", hint=f"There are {len(self.events)}, from 0.")
        log = PlanLog(self.problem, self.events[:place])
        for event in self.events[place + 1 :]:
            if isinstance(event, Published | Superseded):
                event = event.but(**log._names(type(event)))  # noqa: PLW2901 -- what it names follows from the others
            log = log.then(event)
        return log

    def then(self, event: LogEvent) -> PlanLog:
        """Return the log with one more event, into which the numbers are written that it agrees on.

        Raises
        ------
        TransitionError
            When this cannot happen in the state in which the plan, or the rep's part of it, is.
        UnknownNameError
            When it names what is not there.
        InputError
            When its day lies before an earlier event's, or what it asks for contradicts the plan.
        InfeasibleError
            When hard limits leave no plan after it.
        """
        return self._then(event)

    def _then(self, event: LogEvent, known: Plan | None = None) -> PlanLog:
        counters = _counters(self.events)
        now = self._after(*self._now, event, counters, known)
        return PlanLog(self.problem, (*self.events, with_agreed(event, now[1], counters)), now)

    def propose(self, *, on: date, who: str, reps: Sequence[str] = (), reason: str = "") -> PlanLog:
        """Show reps their numbers; by default everyone. Errors are those of `then`."""
        require_list("reps", reps, of="ids")
        return self.then(Proposed(on=on, who=who, reps=tuple(reps), reason=reason))

    def counter(
        self,
        rep: str,
        *,
        on: date,
        limits: Sequence[AnyLimit] = (),
        accounts: dict[str, Accounts] | None = None,
        moves: Sequence[MoveAccount] = (),
        reason: str = "",
    ) -> PlanLog:
        """Record what a rep proposes instead; see `Counter` for what it may ask. Errors are those of `then`."""
        refuse_together(*_lists(limits=limits, moves=moves))
        found = Counter(rep=rep, limits=tuple(limits), accounts=accounts or {}, moves=tuple(moves))
        event = Countered(on=on, who=rep, number=self._now[0].last + 1, counter=found, reason=reason)
        after_event(self._now[0], event, self.plan.problem)
        problem = countered_problem(self.plan, found, on=on)
        check_canonical(problem, ground=Ground(problem)).refuse_errors()
        return self.then(event)

    def price(self, number: int) -> CounterPrice:
        """Return what an open counter-proposal costs the others, in money and hours.

        Raises
        ------
        InputError
            When no such counter-proposal is open, or it contradicts what was agreed since.
        """
        return price_of(self.plan, self._pending(number), on=self._day)

    def accept(self, number: int, *, on: date, who: str, reason: str = "") -> PlanLog:
        """Accept a counter-proposal: it is held, and the rest is shared out again. Errors are those of `then`."""
        return self.then(Accepted(on=on, who=who, number=number, reason=reason))

    def refuse(self, number: int, *, on: date, who: str, reason: str = "") -> PlanLog:
        """Refuse a counter-proposal: the proposal stands. Errors are those of `then`."""
        return self.then(Refused(on=on, who=who, number=number, reason=reason))

    def meet(
        self,
        number: int,
        *,
        on: date,
        who: str,
        limits: Sequence[AnyLimit] = (),
        accounts: dict[str, Accounts] | None = None,
        moves: Sequence[MoveAccount] = (),
        reason: str = "",
    ) -> PlanLog:
        """Settle a counter-proposal on something else, agreed with the rep. Errors are those of `then`."""
        rep, asks = self._pending(number).rep, self._pending(number).asks
        if not (limits or accounts or moves):
            raise InputError(
                f"meet does not say on what you settle with {rep}, who asked for: {asks}",
                hint="Give limits=[...], accounts or moves; a rule meets halfway: settle(number, Approval(...)).",
            )
        refuse_together(*_lists(limits=limits, moves=moves))
        found = Counter(rep=rep, limits=tuple(limits), accounts=accounts or {}, moves=tuple(moves))
        return self.then(MetHalfway(on=on, who=who, number=number, settled=found, reason=reason))

    def settle(self, number: int, approval: Approval, *, on: date, who: str = "rule", reason: str = "") -> PlanLog:
        """Let a rule decide a counter-proposal: accepted, met halfway or refused, or left open for somebody to decide.

        Where it is left open, the log is as it was, and its `undecided` says which bounds of the rule are passed.
        Errors are those of `then`.
        """
        outcome, price = settles(self.plan, self._pending(number), approval, on=on, reason=reason)
        if outcome == "accept":
            return self._then(Accepted(on=on, who=who, number=number, reason=reason), price.plan)
        if outcome == "halfway":
            event = MetHalfway(on=on, who=who, number=number, settled=price.counter, reason=reason)
            return self._then(event, price.plan)
        if outcome == "refuse":
            return self.refuse(number, on=on, who=who, reason=reason)
        return PlanLog(self.problem, self.events, self._now, price.beyond(approval))

    def agree(self, rep: str, *, on: date, reason: str = "") -> PlanLog:
        """Record that a rep agrees to their number as it stands: it is held. Errors are those of `then`."""
        return self.then(Agreed(on=on, who=rep, rep=rep, reason=reason))

    def edit(
        self,
        edit: Literal["hold", "move", "concentrate", "spread", "transfer", "swap_accounts"],
        *,
        on: date,
        who: str,
        why: str = "",
        **arguments: Any,
    ) -> PlanLog:
        """Change numbers by hand, with an edit of `planalloc` and its arguments. Errors are those of `then`."""
        return self.then(Edited(on=on, who=who, edit=edit, arguments=arguments, reason=why))

    def replan(
        self,
        actuals: Actuals,
        *,
        as_of: date,
        on: date,
        who: str,
        changes: Sequence[Change] = (),
        carry: Carry = "spread",
        most_rise: float | None = None,
        freeze: int = 0,
        least_move: float = 0.0,
        reason: str = "",
    ) -> PlanLog:
        """Revise the plan as `planalloc.replan` does; the log keeps what was credited. Errors: those of both."""
        credited, uncounted = credits_of(self.plan.problem, actuals, as_of)
        event = Replanned(
            on=on,
            who=who,
            reason=reason,
            as_of=as_of,
            credited=credited,
            uncounted=uncounted,
            changes=tuple(changes),
            carry=carry,
            most_rise=most_rise,
            freeze=freeze,
            least_move=least_move,
        )
        return self.then(event)

    def publish(self, *, on: date, who: str, reason: str = "") -> PlanLog:
        """Bring the plan into force; the event names what counter-proposals are open. Errors are those of `then`."""
        return self.then(Published(on=on, who=who, reason=reason, **self._names(Published)))

    def supersede(self, *, by: str, on: date, who: str, reason: str = "") -> PlanLog:
        """End the plan, as another takes its place; what is open is named. Errors are those of `then`."""
        return self.then(Superseded(on=on, who=who, by=by, reason=reason, **self._names(Superseded)))

    def to_json(self) -> str:
        """Return the log as JSON text, which `from_json` reads back without loss."""
        return write_log(self.problem, self.events)

    @classmethod
    def from_json(cls, text: str) -> PlanLog:
        """Read back what `to_json` wrote; the plan is worked out again when it is asked for.

        Raises
        ------
        InputError
            When the text is no log of this version.
        """
        return cls(*read_log(text))

    def _names(self, kind: type[LogEvent]) -> dict[str, Any]:
        """Return what a publication, or the end, names now: open counter-proposals, and the version."""
        pending = {"open": tuple(self._now[0].open)}
        return {**pending, "version": self._now[0].version + 1} if kind is Published else pending

    @property
    def _day(self) -> date:
        return self.events[-1].on if self.events else self.problem.calendar.start

    def _pending(self, number: int) -> Counter:
        if number not in self.open:
            raise InputError(
                f"there is no open counter-proposal {number}",
                hint=f"Open are: {', '.join(map(str, self.open)) or 'none'}.",
            )
        return self.open[number]

    def _heading(self) -> str:
        pending = "".join(f"; {number} of {one.rep} is open" for number, one in self.open.items())
        return f"{self.problem.strategy.name}: {self.state}{pending}{f' ({self.undecided})' if self.undecided else ''}"

    def __hash__(self) -> int:
        return hash((self.problem, len(self.events)))

    def __str__(self) -> str:
        return f"{self._heading()}\n\n{as_text(self.history, rows=60)}"

    def _repr_html_(self) -> str:
        from html import escape  # noqa: PLC0415 -- only a notebook asks for it

        return f"<div><b>{escape(self._heading())}</b></div>{as_html(self.history, rows=60)}"


def _lists(**given: Any) -> list[Callable[[], None]]:
    """Return checks that what a verb takes as lists are lists."""
    return [partial(require_list, name, one, of="records") for name, one in given.items()]


def _counters(events: Sequence[Event]) -> dict[int, Counter]:
    """Return all counter-proposals by number, decided or not."""
    return {one.number: one.counter for one in events if isinstance(one, Countered)}
