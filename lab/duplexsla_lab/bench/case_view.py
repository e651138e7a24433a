"""One case for people: what was wanted, what was heard and done, on the line of its chunks."""

from collections.abc import Iterator

from duplexsla.clock import chunk_at
from duplexsla_lab.bench.case import Case
from duplexsla_lab.bench.results import CaseResult
from duplexsla_lab.bench.scorer import score_case


def case_text(case: Case, result: CaseResult) -> str:
    """Several lines of text; `#` is a chunk of speech, `.` one of silence, `^` points at an instant."""
    return "\n".join(_lines(case, result))


def _lines(case: Case, result: CaseResult) -> Iterator[str]:
    verdict = score_case(case, result)
    yield f"{case.id}: {case.scenario}, {case.toolset}: {'hit' if verdict.hit else verdict.why}"
    yield f"heard      {result.transcript}"
    yield f"said       {result.said}"
    yield f"speech     {''.join('.#'[speaks] for speaks in result.log.speech)}"
    for name, t_s in case.anchors.items():
        yield f"           {_pointer(chunk_at(t_s))} {name.removesuffix('_s')} {t_s:.2f} s"
    for each in case.wanted:
        yield f"           {_pointer(chunk_at(each.offset_s))} wanted {each.function} {dict(each.arguments)}"
    for chunk, label in result.log.labels:
        yield f"           {_pointer(chunk)} <{label}>"
    for call in result.log.calls:
        yield f"           {_pointer(call.trigger)} called {call.function} {dict(call.arguments)}"
    if verdict.delays_s:
        yield f"delay      {', '.join(f'{delay:.2f} s' for delay in verdict.delays_s)}"


def _pointer(chunk: int) -> str:
    return " " * chunk + "^"
