"""What the text below a field says of it, as JSON schemas repeat it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from itertools import pairwise

from pydantic import BaseModel

__all__ = ["texts_below_fields"]


def texts_below_fields(record: type[BaseModel]) -> dict[str, str]:
    """Return the text below each field that has one, those of base classes included, from the source.

    Raises
    ------
    OSError
        When the source cannot be read.

    Examples
    --------
    >>> import planalloc as pa
    >>> texts_below_fields(pa.Funnel)["deal_size"]
    'Money that an average deal brings.'
    """
    texts: dict[str, str] = {}
    for base in reversed(record.__mro__[: record.__mro__.index(BaseModel)]):
        (written,) = ast.parse(textwrap.dedent(inspect.getsource(base))).body
        for field, text in pairwise(written.body if isinstance(written, ast.ClassDef) else ()):
            match field, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                    texts[name] = inspect.cleandoc(said)
    return texts
