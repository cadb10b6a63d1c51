"""What is wrong with a programme file, and where: every fault at once, in words an officer understands.

The same reading serves the loader, which refuses a file with the first of them, and `guildhall programmes check`.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import yaml
from pydantic import ValidationError

from guildhall.foundation.programmes.rules.crossing import crossed
from guildhall.foundation.programmes.rules.known import Said
from guildhall.foundation.programmes.rules.raw import Cross, Path, near
from guildhall.foundation.programmes.schema import WORDS, ProgrammeFile, Unfit
from guildhall.foundation.programmes.schema.words import Part

MOST = 1_000_000
"""Characters a programme file has at most."""


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong: its line, its place in the file, and why."""

    line: int
    place: Said
    said: Said

    def text(self, *, english: bool = False) -> str:
        """As one line of a report."""
        place = self.place.en if english else self.place.zh
        head = f"line {self.line}" if english else f"第 {self.line} 行"
        return f"{head}{'  ' + place if place else ''}  {self.said.en if english else self.said.zh}"


def faults_in(source: str, *, registers: Collection[str], confers: Collection[str]) -> list[Fault]:
    """Every fault of a programme file, in the order of its lines; empty where it is sound.

    `registers` are those whose entries a rule may ask for, `confers` the keys under which something can be conferred.
    """
    if len(source) > MOST:
        return [
            Fault(1, NOWHERE, Said(f"文件太大，最多 {MOST} 个字", f"the file is too big, {MOST} characters at most"))
        ]
    try:
        node = yaml.compose(source, Loader=yaml.SafeLoader)
        data = yaml.safe_load(source)
    except yaml.YAMLError as error:
        return [_unreadable(error)]
    except (ValueError, RecursionError) as error:
        return [Fault(1, NOWHERE, Said(f"文件读不懂：{error}", f"the file cannot be read: {error}"))]
    if not isinstance(node, yaml.MappingNode) or not isinstance(data, dict):
        return [Fault(1, NOWHERE, Said("文件最外层要写成“名称: 内容”", "the file must begin with “name: value” lines"))]
    found = {Fault(_line(key), _said(path), said) for path, key, said in _twice(node, (), set())}
    crosses = list(crossed(data, registers=registers, confers=confers))
    found |= {_placed(node, cross) for cross in crosses}
    found |= {_placed(node, cross) for cross in _shapes(data, crosses)}
    return sorted(found)


NOWHERE = Said("", "")


# YAML -----------------------------------------------------------------------------------------------------------------

HINTS: Sequence[tuple[str, Said]] = (
    ("mapping values are not allowed", Said(
        "多了一个冒号，或缩进不对；文字里有冒号要加引号", "a colon too many or a wrong indent; a text with a colon goes in quotes")),
    ("found character '\\t'", Said("缩进要用空格，不能用制表符（Tab）", "indent with spaces, not with tabs")),
    ("expected <block end>", Said("缩进与上面不齐", "the indent does not match what stands above")),
    ("could not find expected ':'", Said("少了冒号", "a colon is missing")),
    ("while scanning a quoted scalar", Said("引号没有成对", "a quotation mark is not closed")),
    ("while parsing a flow", Said("大括号或方括号没有成对，或少了逗号", "a bracket is not closed, or a comma is missing")),
    ("found undefined alias", Said("星号（*）在 YAML 里有特别的意思，文字要加引号", "* means something in YAML; put the text in quotes")),
    ("could not determine a constructor", Said("感叹号（!）在 YAML 里有特别的意思，文字要加引号", "! means something in YAML; put the text in quotes")),
    ("found unhashable key", Said("这里的大括号位置不对，文字要加引号", "a bracket in the wrong place; put the text in quotes")),
    ("expected a single document", Said("一个文件只写一个项目，中间不要有 ---", "a file holds one programme; take the --- out")),
    ("special characters are not allowed", Said("有看不见的特殊字符，请删掉", "there is an invisible character; take it out")),
)  # fmt: skip


def _unreadable(error: yaml.YAMLError) -> Fault:
    """A fault of YAML itself. The reader stops at the first, so it is the only one."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    text = " ".join(str(error).split())
    hint = next(
        (said for words, said in HINTS if words in text), Said("这里的写法 YAML 读不懂", "YAML cannot read this")
    )
    column = Said(f"第 {mark.column + 1} 个字", f"column {mark.column + 1}") if mark else NOWHERE
    return Fault(mark.line + 1 if mark else 1, column, hint)


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _twice(node: Any, path: Path, seen: set[int]) -> Iterator[tuple[Path, Any, Said]]:
    """Keys that stand twice in one part: YAML would silently take the last."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for n, item in enumerate(node.value):
            yield from _twice(item, (*path, n), seen)
    if isinstance(node, yaml.MappingNode):
        names: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in names:
                yield (*path, name), key, Said(f"“{name}”写了两次", f"“{name}” stands twice")
            names.add(name)
            yield from _twice(value, (*path, name), seen)


def _placed(node: Any, cross: Cross) -> Fault:
    """A fault at its line: as far down its path as the file goes; a step that is no key of the file is left out."""
    here, line, path = node, _line(node), []
    for step in cross.path:
        if isinstance(here, yaml.MappingNode):
            pair = next(((key, value) for key, value in here.value if str(key.value) == str(step)), None)
            if pair is None:
                continue
            line, here = _line(pair[0]), pair[1]
        elif isinstance(here, yaml.SequenceNode) and isinstance(step, int) and step < len(here.value):
            here = here.value[step]
            line = _line(here)
        else:
            continue
        path.append(step)
    return Fault(line, _said(tuple(path)), cross.said)


def _said(path: Path) -> Said:
    zh = " › ".join(f"第 {step + 1} 项" if isinstance(step, int) else str(step) for step in path)
    en = " › ".join(f"item {step + 1}" if isinstance(step, int) else str(step) for step in path)
    return Said(zh, en)


# The shape ------------------------------------------------------------------------------------------------------------


def _shapes(data: Mapping[str, Any], crosses: Sequence[Cross]) -> Iterator[Cross]:
    """What the models refuse. What they say of the set-up as a whole is said already by the crossing, part by part."""
    try:
        ProgrammeFile.model_validate(data)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            if one["type"] == "value_error" and one["loc"] == ("setup",) and crosses:
                continue
            yield Cross(tuple(one["loc"]), _worded(one))


def _worded(error: Mapping[str, Any]) -> Said:
    """A refusal of the models in our words."""
    kind, context = error["type"], error.get("ctx", {})
    name = str(error["loc"][-1]) if error["loc"] else ""
    if kind == "value_error" and isinstance(context.get("error"), Unfit):
        return Said(context["error"].zh, context["error"].en)
    if kind == "missing":
        return Said(f"缺少“{name}”", f"“{name}” is missing")
    if kind == "extra_forbidden":
        did = near(name, words_at(error["loc"][:-1]))
        return Said(f"不认识“{name}”", f"“{name}” is unknown") + did
    if kind == "literal_error":
        options = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        value = error.get("input")
        said = Said(f"不能写“{value}”，可以写：{'、'.join(options)}", f"“{value}” is none of: {', '.join(options)}")
        return said + near(str(value), options)
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return _no_word(error.get("input"))
    if worded := LIMITS.get(kind):
        facts = {**context, "value": _shown(error.get("input"))}
        return Said(worded.zh.format(**facts), worded.en.format(**facts))
    return Said(f"写得不对（{error['msg']}）", f"not right ({error['msg']})")


def _no_word(value: object) -> Said:
    if not isinstance(value, dict) or not value:
        return Said("条件要写成“词: 内容”", "a condition is written as “word: value”")
    first = str(next(iter(value)))
    listed = Said(
        f"条件里没有“{first}”这个词，可以用：{'、'.join(WORDS)}",
        f"no condition is called “{first}”; there are: {', '.join(WORDS)}",
    )
    return listed + near(first, WORDS)


def words_at(path: Path) -> list[str]:
    """The words that may stand at a place of the file."""
    shapes: list[type[Part]] = [ProgrammeFile]
    for step in path:
        below = [
            part
            for shape in shapes
            for name, field in shape.model_fields.items()
            if step in (name, field.alias)
            for part in _parts(field.annotation)
        ]
        shapes = below or ([WORDS[step]] if isinstance(step, str) and step in WORDS else shapes)
    return [field.alias or name for shape in shapes for name, field in shape.model_fields.items()]


def _parts(annotation: Any) -> list[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return [annotation]
    return [part for inner in get_args(annotation) for part in _parts(inner)]


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 30 else f"{text[:30]}…"


WHOLE = Said("要写整数，现在是“{value}”", "must be a whole number, not “{value}”")
NUMBER = Said("要写数，现在是“{value}”", "must be a number, not “{value}”")
TEXT = Said("要写文字，现在是“{value}”；数字要加引号", "must be a text, not “{value}”; a number goes in quotes")
YES_NO = Said("要写 true 或 false，现在是“{value}”", "must be true or false, not “{value}”")
LISTED = Said("要写成一列，每项前面有 -", "must be a list, each item after a -")
NAMED = Said("要写成“名称: 内容”", "must be “name: value” lines")
LIMITS: dict[str, Said] = {
    "int_parsing": WHOLE, "int_type": WHOLE, "int_from_float": WHOLE, "int_parsing_size": WHOLE,
    "decimal_parsing": NUMBER, "decimal_type": NUMBER, "finite_number": NUMBER, "float_parsing": NUMBER,
    "string_type": TEXT, "bool_type": YES_NO, "bool_parsing": YES_NO, "tuple_type": LISTED, "list_type": LISTED,
    "model_type": NAMED, "model_attributes_type": NAMED, "dict_type": NAMED,
    "greater_than_equal": Said("不能小于 {ge}，现在是 {value}", "at least {ge}, not {value}"),
    "greater_than": Said("要大于 {gt}，现在是 {value}", "more than {gt}, not {value}"),
    "less_than_equal": Said("不能大于 {le}，现在是 {value}", "at most {le}, not {value}"),
    "less_than": Said("要小于 {lt}，现在是 {value}", "less than {lt}, not {value}"),
    "decimal_max_places": Said("最多 {decimal_places} 位小数", "at most {decimal_places} decimals"),
    "string_too_short": Said("不能空着", "must not be empty"),
    "string_too_long": Said("最多 {max_length} 个字", "at most {max_length} characters"),
    "string_pattern_mismatch": Said(
        "“{value}”不能作代号：用小写英文字母开头，只用小写字母、数字和连接号",
        "“{value}” cannot be a key: lower-case letters and figures, a letter first",
    ),
    "too_short": Said("至少要 {min_length} 项", "at least {min_length} items"),
    "too_long": Said("最多 {max_length} 项，现在有 {actual_length} 项", "at most {max_length} items, not {actual_length}"),
    "recursion_loop": Said("引用绕回了自己", "a reference leads back to itself"),
}  # fmt: skip
"""What the models' refusals are in our words, by the models' own names for them."""
