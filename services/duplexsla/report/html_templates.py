"""Reports as one HTML file: jinja2 templates with autoescape, which extend the pieces in `templates/`.

A template of another package begins with {% extends "report/page.html" %} and may import "report/table.html".
Charts are SVG that has escaped its own texts: they alone are marked `safe`.
"""

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined


def environment(package: str) -> Environment:
    """Finds the templates of `package`/templates, and ours below "report/"."""
    ours = PrefixLoader({"report": PackageLoader("duplexsla.report")})
    found = Environment(
        loader=ChoiceLoader([ours, PackageLoader(package)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["cell"] = cell
    return found


def cell(value: object) -> str:
    """A table's cell: numbers to four digits, nothing for None."""
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)
