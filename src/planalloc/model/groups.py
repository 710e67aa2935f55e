"""What comes back from a table of events: sums by what rows have in common, and rows that were not used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planalloc.model.coded import Coded
    from planalloc.types import Ints

__all__ = ["Groups", "SetAside"]


@dataclass(frozen=True)
class SetAside:
    """Rows of one table that were not used, or used in spite of something, and why.

    Attributes
    ----------
    table : str
        Which table.
    rule : str
        What is wrong with them.
    rows : int
        How many.
    amount : float
        What they would have added, in money; 0 where nothing can be added.
    examples : tuple of str
        The most frequent values, five at most.
    outside : bool
        Whether nothing is wrong with them: they are only outside of what was asked for, or only noted.
    counted : bool
        Whether they count all the same.

    Examples
    --------
    >>> print(SetAside("sales", "names a rep that nobody defined", 3, 1250.0, ("'zoe'",)))
    sales: each of 3 rows names a rep that nobody defined: 'zoe'; 1,250.00 in all
    """

    table: str
    rule: str
    rows: int
    amount: float = 0.0
    examples: tuple[str, ...] = ()
    outside: bool = False
    counted: bool = False

    def __str__(self) -> str:
        told = f"{self.table}: {self.subject} {self.rule}{self.shown}"
        return f"{told}; {self.amount:,.2f} in all" if self.amount else told

    @property
    def subject(self) -> str:
        """The rows, as the subject of a sentence of which the rule is the rest."""
        return f"each of {self.rows:,} rows" if self.rows > 1 else "one row"

    @property
    def shown(self) -> str:
        """The examples, to stand behind the rule."""
        return f": {', '.join(self.examples)}" if self.examples else ""


@dataclass(frozen=True, eq=False)
class Groups:
    """Rows by what they have in common, in the order of that.

    Attributes
    ----------
    keys : dict of str to Coded
        One value a group, None where it was not given.
    sums : dict of str to Ints
        Ten-thousandths, shape (groups,).
    missing : dict of str to Ints
        Rows of each group whose number is missing, no number or too large for one row, shape (groups,).
    rows : Ints
        Rows of each group, shape (groups,).
    wrong : dict of str to tuple of str
        What is no number where one belongs, five examples at most.
    large : dict of str to Ints
        Those of `missing` whose number is too large, shape (groups,).
    """

    keys: dict[str, Coded]
    sums: dict[str, Ints]
    missing: dict[str, Ints]
    rows: Ints
    wrong: dict[str, tuple[str, ...]] = field(default_factory=dict)
    large: dict[str, Ints] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)
