"""What is wrong between records, as data: where, what, which rule, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NoReturn

from planalloc.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Finding", "refuse"]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or worth a second look."""

    code: str
    level: Literal["error", "warning"]
    path: str
    value: str
    rule: str
    remedy: str
    name: str = ""
    candidates: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.path}: {self.value} {self.rule}. {self.remedy}"


def refuse(findings: Sequence[Finding]) -> NoReturn:
    """Raise."""
    text = f"{len(findings)} things to correct:\n" + "\n".join(f"{i + 1}. {one}" for i, one in enumerate(findings))
    unknown = [one for one in findings if one.name]
    if unknown:
        raise UnknownNameError(text, findings=tuple(findings), name=unknown[0].name, candidates=unknown[0].candidates)
    raise InputError(text, findings=tuple(findings))
