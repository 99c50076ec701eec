from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes
from jinja2.meta import find_referenced_templates

from listdrop.dashboard import app

FOLDER = Path(app.__file__).parent


def rendered() -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each template that a module renders, and the names of what it is given."""
    for path in sorted(FOLDER.glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "render_template":
                (template,) = call.args
                assert isinstance(template, ast.Constant)
                yield str(template.value), frozenset(each.arg for each in call.keywords if each.arg)


def made_by(template: str) -> set[str]:
    """Return the names that a template, or one that it includes, imports or gives to macros."""
    parsed = Environment(autoescape=True).parse((FOLDER / "templates" / template).read_text())
    found = {each.name for each in parsed.find_all(nodes.Macro)}
    for each in parsed.find_all(nodes.FromImport):
        found |= {name if isinstance(name, str) else name[1] for name in each.names}
    for other in set(find_referenced_templates(parsed)) - {"macros.html"}:
        found |= made_by(str(other))
    return found


@pytest.mark.parametrize(("template", "given"), list(rendered()))
def test_no_macro_hides_what_a_template_is_given(template: str, given: frozenset[str]) -> None:
    """Of two things with one name, the macro would be shown: `<Macro 'table'>`."""
    assert not given & made_by(template)
