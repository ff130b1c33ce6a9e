"""From JSON back to a recipe, with one line for whatever is wrong in it."""

from __future__ import annotations

from typing import Any, TypeVar

from gen_jax.errors import UserError

Recipe = TypeVar("Recipe")


def read_recipe(made: type[Recipe], data: Any, *, where: str) -> Recipe:
    """Return the recipe that JSON describes; what is left out gets its default.

    Args:
      made: class of the recipe, a dataclass.
      data: what ``json.loads`` gave.
      where: the file that it came from.

    Raises:
      UserError: an unknown or missing field, or a value that is not allowed.
    """
    import pydantic

    try:
        return pydantic.TypeAdapter(made).validate_python(data)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        place = "".join(f"{part}: " for part in first["loc"])
        raise UserError(f"{where}: {place}{first['msg'].removeprefix('Value error, ')}") from None
