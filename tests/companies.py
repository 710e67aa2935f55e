"""Random companies: hypothesis strategies for problems that are free of contradictions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

import planalloc as pa

if TYPE_CHECKING:
    from planalloc.types import Grain

CALENDARS = (
    pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31)),
    pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31), country="FR"),
    pa.Calendar(start=date(2027, 4, 1), end=date(2028, 3, 31), grain="quarter"),
    pa.Calendar(start=date(2027, 1, 15), end=date(2027, 7, 14)),
    pa.Calendar(start=date(2026, 12, 28), end=date(2027, 12, 26), pattern="4-4-5"),
    pa.Calendar(start=date(2027, 1, 1), end=date(2027, 4, 30), grain="week"),
    pa.Calendar(start=date(2027, 1, 1), end=date(2028, 6, 30), grain="quarter"),
)
COARSER: dict[Grain, tuple[Grain, ...]] = {
    "week": ("year",),
    "month": ("month", "quarter", "quadrimester", "semester", "year"),
    "quarter": ("quarter", "semester", "year"),
}


@st.composite
def weights(draw: st.DrawFn, many: int) -> list[float]:
    """Weights that sum to 1, some of them possibly 0."""
    parts = draw(st.lists(st.integers(0, 9), min_size=many, max_size=many).filter(any))
    return [part / sum(parts) for part in parts]


@st.composite
def strategy(draw: st.DrawFn, calendar: pa.Calendar) -> tuple[dict[str, Any], float]:
    """Segments, lines and seasons; and the rounding unit that all amounts are multiples of."""
    step = draw(st.sampled_from([1.0, 1.0, 100.0, 0.01]))
    n_segments = draw(st.integers(1, 4))
    names = [chr(ord("A") + i) for i in range(n_segments)]
    grains = draw(st.lists(st.sampled_from(COARSER[calendar.grain]), max_size=2, unique=True))
    seasons = [
        pa.Seasonality(
            id=f"season-{grain}",
            grain=grain,
            weights=draw(weights(len(calendar.periods(grain)))),
            spread=draw(st.sampled_from([None, "equal"])),
        )
        for grain in grains
    ]
    season_ids = st.sampled_from([None, *(season.id for season in seasons)])
    lines: list[dict[str, Any]] = []
    for name in names:
        split = draw(st.booleans())
        businesses = ("new", "existing") if split else (None,)
        lines += [{"segment": name, "business": one, "seasonality": draw(season_ids)} for one in businesses]
    shares = draw(weights(len(lines)))
    revenue = draw(st.integers(1, 50_000)) * (100 if step >= 1 else 1)
    targets = [pa.Target(**line, share=share) for line, share in zip(lines[:-1], shares[:-1], strict=True)]
    targets.append(pa.Target(**lines[-1], rest=True))
    segments = [
        pa.Segment(
            id=name, priority=draw(st.sampled_from([1, 2])), coverage_min=0.0, coverage=draw(st.sampled_from([1, 0.5]))
        )
        for name in names
    ]
    fields = {
        "name": "Random",
        "currency": "EUR",
        "revenue": revenue,
        "segments": segments,
        "targets": targets,
        "seasonalities": seasons,
    }
    return fields, step


@st.composite
def rep(draw: st.DrawFn, number: int, calendar: pa.Calendar, segments: list[str], teams: list[str]) -> pa.Rep:
    """Somebody who covers some segments and is there at some time of the horizon."""
    fields: dict[str, Any] = {"id": f"rep-{number}", "fte": draw(st.sampled_from([1.0, 1.0, 0.8, 0.5]))}
    if draw(st.booleans()):
        fields["covers"] = draw(st.lists(st.sampled_from(segments), min_size=1, max_size=3, unique=True))
    if teams:
        fields["team"] = draw(st.sampled_from([None, *teams]))
    half = calendar.days // 2
    match draw(st.sampled_from(["steady", "steady", "joiner", "leaver", "away"])):
        case "joiner":
            fields["start"] = calendar.start + timedelta(days=draw(st.integers(-60, half)))
            fields["ramp"] = pa.Ramp(months=draw(st.sampled_from([[0.5], [0.25, 0.5, 0.75]])))
        case "leaver":
            fields["end"] = calendar.end - timedelta(days=draw(st.integers(0, half)))
        case "away":
            first = calendar.start + timedelta(days=draw(st.integers(0, half)))
            fields["absences"] = [pa.Absence(start=first, end=first + timedelta(days=draw(st.integers(1, half))))]
    covered = fields.get("covers", segments)
    owned = draw(st.lists(st.sampled_from(covered), max_size=2, unique=True))
    fields["accounts"] = {name: draw(st.integers(0, 40)) for name in owned}
    return pa.Rep(**fields)


@st.composite
def playbook(draw: st.DrawFn, segments: list[str], revenue: float) -> pa.Playbook:
    """One funnel for all, and perhaps cadences, heavy or light."""
    if draw(st.booleans()):
        return pa.Playbook()
    deals = draw(st.sampled_from([3, 40, 400]))
    early, late = sorted(draw(st.lists(st.integers(0, 150), min_size=2, max_size=2)), reverse=True)
    funnel = pa.Funnel(
        deal_size=max(revenue / deals, 0.01),
        stages=[
            pa.Stage(id="lead", conversion=0.2, days_before_booking=early, activities={"call": 2}),
            pa.Stage(id="offer", conversion=0.5, days_before_booking=late, activities={"meeting": 1, "call": 1}),
        ],
    )
    cadences = [
        pa.Cadence(
            segment=name,
            activity=draw(st.sampled_from(["call", "meeting"])),
            per_account_per_year=draw(st.sampled_from([3, 8])),
            feeds_funnel=draw(st.booleans()),
        )
        for name in draw(st.lists(st.sampled_from(segments), max_size=2, unique=True))
    ]
    return pa.Playbook(
        activities=[pa.Activity(id="call", hours=0.5), pa.Activity(id="meeting", hours=4)],
        funnels=[funnel],
        cadences=cadences,
    )


@st.composite
def companies(draw: st.DrawFn, *, most_reps: int = 6, limits: bool = True) -> pa.PlanningProblem:
    """Draw a problem that `planalloc.check` finds no error in."""
    calendar = draw(st.sampled_from(CALENDARS))
    fields, step = draw(strategy(calendar))
    segments = [segment.id for segment in fields["segments"]]
    teams = draw(st.sampled_from([[], ["north", "south"]]))
    reps = [draw(rep(i, calendar, segments, teams)) for i in range(draw(st.integers(0, most_reps - 1)))]
    reps.append(pa.Rep(id="rep-z", accounts={segments[0]: draw(st.integers(0, 30))}))  # one who covers it all, all year
    twins = draw(st.integers(0, 2))
    reps += [reps[0].but(id=f"twin-{i}") for i in range(twins)]
    problem = pa.PlanningProblem(
        calendar=calendar,
        strategy=pa.Strategy(**fields),
        sales_force=pa.SalesForce(
            teams=[pa.Team(id=name, hedge=draw(st.sampled_from([0.0, 0.0, 0.05]))) for name in teams],
            reps=reps,
            selling_share=draw(st.sampled_from([0.7, 0.2])),
            leave_days=draw(st.sampled_from([0, 25])),
        ),
        playbook=draw(playbook(segments, fields["revenue"])),
        policy=pa.Policy(
            round_to=step,
            default_phasing=draw(st.sampled_from(["working_days", "equal"])),
            after_horizon=draw(st.sampled_from(["repeat", "nothing"])),
            overtime_limit_share=draw(st.sampled_from([0.0, 0.0, 0.1])),
            when_short=draw(st.sampled_from(["coverage", "frequency"])),
        ),
    )
    if limits and draw(st.booleans()):
        whole = int(fields["revenue"] / step)
        amount = draw(st.integers(0, whole)) * step / len(reps)
        amount = round(amount / step) * step
        problem = problem.add(pa.Bound(rep="rep-z", at_most=round(amount, 2)))
    return problem
