from duplexsla_lab.bench.compare import compare, text
from duplexsla_lab.bench.verdict import CaseVerdict


def run(**hits: tuple[bool, float | None]) -> list[CaseVerdict]:
    return [
        CaseVerdict(case, "normal", "home", hit, () if delay_s is None else (delay_s,))
        for case, (hit, delay_s) in hits.items()
    ]


BEFORE = run(a=(True, 0.2), b=(False, None), c=(True, 0.4), only_here=(True, 0.1))
AFTER = run(c=(False, None), a=(True, 0.1), b=(True, 0.3), only_there=(False, None))


def test_what_was_gained_and_lost_is_named_over_the_cases_of_both() -> None:
    told = compare(BEFORE, AFTER)["normal"]
    assert told["cases"] == 3 and told["accuracy"] == [0.6667, 0.6667]
    assert (told["gained"], told["lost"], told["chance"]) == (["b"], ["c"], 1.0)


def test_delays_are_compared_on_cases_that_have_one_in_both() -> None:
    assert compare(BEFORE, AFTER)["normal"]["delay_s"] == [0.2, 0.1]
    assert compare(BEFORE, run(b=(True, 0.1)))["normal"]["delay_s"] is None


def test_a_run_compared_with_itself_is_no_different() -> None:
    told = compare(BEFORE, BEFORE)["normal"]
    assert not told["gained"] and not told["lost"] and told["delay_s"][0] == told["delay_s"][1]


def test_a_clear_gain_is_no_chance() -> None:
    cases = {f"c{number}": (False, None) for number in range(10)}
    told = compare(run(**cases), run(**dict.fromkeys(cases, (True, 0.1))))["normal"]
    assert told["chance"] < 0.01


def test_runs_without_common_cases_have_nothing_to_compare() -> None:
    assert compare(run(a=(True, 0.1)), run(b=(True, 0.1))) == {}


def test_the_text_names_what_was_lost() -> None:
    told = text(compare(BEFORE, AFTER), names=("one.jsonl", "two.jsonl"))
    assert "normal: 66.7 -> 66.7 % of 3 (+1 -1, p = 1.000), delay 0.20 -> 0.10 s" in told
    assert "lost: c" in told
