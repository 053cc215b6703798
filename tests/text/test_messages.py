"""Messages: the English text at once, the Chinese of the same facts on demand."""

from __future__ import annotations

import ast
import copy
import pickle
import re
import string
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

import vertebrisk
from vertebrisk._checks import listed, nearest
from vertebrisk.findings import Finding, gathered
from vertebrisk.text.messages import capitalised, joined, said, say, translated
from vertebrisk.text.plurals import Wording, agreeing, counted, in_rows, in_sequence
from vertebrisk.text.zh import CHINESE, ROOMS
from vertebrisk.text.zh.titles import TITLES

SOURCE = Path(vertebrisk.__file__).parent
MAKERS = ("say", "Wording")
TEXTS = ("message", "remedy", "explanation")
TELLING = ("vertebrisk.text.", "vertebrisk.findings", "vertebrisk.cohort.reading.notes")


class Template(NamedTuple):
    """A template in the source, where it stands, and what fills its places."""

    place: str
    text: str
    values: dict[str, ast.expr]
    made_by: str


@cache
def all_calls(path: Path) -> list[tuple[str, ast.Call]]:
    """Calls of functions that the file imports from the texts and the findings, by name."""
    text = path.read_text(encoding="utf-8")
    if not any(room in text for room in TELLING):
        return []
    tree = ast.parse(text)
    here = {each.name for node in tree.body for each in names_of(node)}
    return [
        (node.func.id, node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in here
    ]


def calls(path: Path, names: tuple[str, ...]) -> Iterator[tuple[str, ast.Call]]:
    """Calls of these functions of `vertebrisk`, where the file imports them."""
    for name, node in all_calls(path):
        if name in names:
            yield f"{path.relative_to(SOURCE).as_posix()}:{node.lineno}", node


def names_of(node: ast.stmt) -> list[ast.alias]:
    """What a statement imports from the texts and the findings."""
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(TELLING):
        return node.names
    return []


@cache
def sources() -> list[Path]:
    makers = (SOURCE / "text" / "messages.py", SOURCE / "text" / "plurals.py")
    return sorted(path for path in SOURCE.rglob("*.py") if path not in makers)


@cache
def templates() -> list[Template]:
    found = []
    for path in sources():
        for place, call in calls(path, MAKERS):
            values = {each.arg: each.value for each in call.keywords if each.arg}
            made_by = call.func.id if isinstance(call.func, ast.Name) else ""
            found.append(Template(place, literal(call.args[0]), values, made_by))
    return found


def literal(given: ast.expr) -> str:
    assert isinstance(given, ast.Constant), f"no literal, line {given.lineno}"
    assert isinstance(given.value, str)
    return given.value


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def agrees(value: ast.expr | None) -> bool:
    """True if the place holds a word that agrees with a number: English alone has it."""
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id == "agreeing"
    )


def nouns() -> Iterator[tuple[str, str]]:
    for path in [*sources(), SOURCE / "text" / "plurals.py"]:
        for place, call in calls(path, ("counted",)):
            if isinstance(call.args[1], ast.Constant):
                yield place, f"{{n}} {literal(call.args[1])}"
        for place, call in calls(path, ("Wording",)):
            given = {each.arg: each.value for each in call.keywords}
            second = call.args[1] if len(call.args) > 1 else given.get("noun")
            if isinstance(second, ast.Constant):
                yield place, f"{{n}} {literal(second)}"


def test_every_template_has_its_chinese_with_the_same_places() -> None:
    wrong = []
    for each in templates():
        chinese = CHINESE.get(each.text)
        if chinese is None:
            wrong.append(f"{each.place}: no Chinese for {each.text!r}")
            continue
        optional = {name for name, value in each.values.items() if agrees(value)}
        if each.made_by == "Wording":
            optional |= {"verb"}
        left_out, added = places(each.text) - places(chinese), places(chinese) - places(each.text)
        if added or left_out - optional:
            wrong.append(f"{each.place}: other places in {chinese!r}")
    assert not wrong, "\n".join(wrong)


def test_every_counted_noun_has_its_chinese() -> None:
    lacking = [f"{place}: {noun}" for place, noun in nouns()
               if noun not in CHINESE]  # fmt: skip
    assert not lacking, "\n".join(lacking)


def test_every_template_has_one_home() -> None:
    found = Counter(template for room in ROOMS for template in room.CHINESE)
    assert [template for template, times in found.items() if times > 1] == []


def test_the_catalogue_holds_nothing_that_is_never_said() -> None:
    used = {each.text for each in templates()} | {noun for _, noun in nouns()}
    for path in (SOURCE / "text" / "plurals.py", SOURCE / "_checks.py"):
        used |= {each.value for each in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                 if isinstance(each, ast.Constant) and isinstance(each.value, str)}  # fmt: skip
    idle = [key for key in CHINESE if key not in used and not key.startswith("{n} ")]
    assert not idle, "\n".join(idle)


def test_no_text_of_a_finding_is_a_plain_string() -> None:
    plain = []
    for path in sources():
        for place, call in calls(path, ("Finding",)):
            texts = [*call.args[2:5], *(k.value for k in call.keywords if k.arg in TEXTS)]
            for text in texts:
                empty = isinstance(text, ast.Constant) and text.value == ""
                if isinstance(text, ast.Constant | ast.JoinedStr | ast.BinOp) and not empty:
                    plain.append(f"{place}: {ast.unparse(text)[:60]}")
    assert not plain, "\n".join(plain)


def test_every_finding_has_a_name_in_chinese() -> None:
    makers = ("Finding", "column_finding", "cell_finding")
    codes = {
        literal(code): place
        for path in sources()
        for place, call in calls(path, makers)
        for code in [*(k.value for k in call.keywords if k.arg == "code"), *call.args[:1]]
        if isinstance(code, ast.Constant)
    }
    assert len(codes) > 100
    assert [f"{place}: {code}" for code, place in codes.items() if code not in TITLES] == []


def test_a_message_is_its_english_text_and_can_be_said_in_chinese() -> None:
    message = say("rows {rows}", rows=listed([3, 8]))
    assert message == "rows 3, 8"
    assert isinstance(message, str)
    assert said(message, "en") == "rows 3, 8"
    assert said(message, "zh") == "第3、8行"
    assert said("typed by a user", "zh") == "typed by a user"


def test_a_message_keeps_its_chinese_when_it_is_copied_or_sent() -> None:
    message = say("rows {rows}", rows=listed([3, 8]))
    for each in (copy.deepcopy(message), pickle.loads(pickle.dumps(message))):
        assert each == message
        assert said(each, "zh") == "第3、8行"


@given(st.text())
def test_a_value_is_text_whatever_signs_it_holds(value: str) -> None:
    message = say(" Did you mean '{name}'?", name=value)
    assert message == f" Did you mean '{value}'?"
    assert said(message, "zh") == f"是否指“{value}”？"
    assert Wording("'{column}' {n}", values=(("column", value),)).of([1]) == f"'{value}' 1 cell"


def test_counts_rows_and_lists_in_chinese() -> None:
    assert [said(counted(n, "event"), "zh") for n in (1, 2)] == ["1个事件", "2个事件"]
    assert said(in_rows([4]), "zh") == "第4行"
    assert said(in_rows(range(1, 11)), "zh") == "第1、2、3、4、5、6、7、8行及另外2行"
    assert said(listed(["'a'", "b"]), "zh") == "“a”、b"
    assert said(listed(["a", "b", "c"], 2), "zh") == "a、b及另外1项"
    assert said(joined(["a", "b"], "; "), "zh") == "a；b"
    assert said(nearest("alphq", ["alpha"]), "zh") == "是否指“alpha”？"
    assert agreeing(1, "is", "are") == "is"


def test_a_label_given_in_both_languages_is_said_in_each() -> None:
    named = in_sequence([translated("Age", "年龄"), translated("Sex", "性别")])
    assert named == "Age and Sex"
    assert said(named, "zh") == "年龄和性别"
    assert said(pickle.loads(pickle.dumps(translated("Age", "年龄"))), "zh") == "年龄"
    assert in_sequence([translated("Age", "年龄")]) == "Age"


def test_a_capital_begins_an_english_sentence() -> None:
    message = capitalised(say("rows {rows}", rows=listed([3])))
    assert message == "Rows 3"
    assert said(message, "zh") == "第3行"


def test_a_finding_is_said_whole() -> None:
    finding = Finding(
        "x", "note", say("row {rows}", rows=1), in_rows([2]), nearest("a", ["ab"]), column="age"
    )
    (chinese,) = gathered([finding], "zh")
    assert (chinese.message, chinese.remedy, chinese.explanation) == (
        "第1行",
        "第2行",
        said(finding.explanation, "zh"),
    )
    assert (chinese.code, chinese.column) == ("x", "age")
    assert gathered([finding], "en") == (finding,)
    assert chinese.said("zh") == chinese


def test_a_template_without_chinese_stays_english() -> None:
    unknown = say("nobody says {this}", this=counted(2, "row"))
    assert said(unknown, "zh") == "nobody says 2行"


def test_chinese_has_no_english_punctuation_between_its_words() -> None:
    beside = re.compile("[\u4e00-\u9fff][,;?!]|[,;?!][\u4e00-\u9fff]")
    wrong = [f"{template!r}: {chinese}" for template, chinese in CHINESE.items()
             if beside.search(chinese)]  # fmt: skip
    assert not wrong, "\n".join(wrong)
