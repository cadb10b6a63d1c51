"""`guildhall programmes check`: sound or not, and of what is not where and why, all at once."""

from pathlib import Path

import pytest
import yaml

import guildhall.reform.assessment as room
from guildhall.cli import main
from guildhall.foundation.programmes.moves.programmes import UnsoundProgramme, load_programme

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "innovation-studio.yaml"
SHIPPED = Path(room.__file__).parent / "programmes" / "pilot-assessment.yaml"


@pytest.fixture(autouse=True)
def in_chinese(monkeypatch):
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")


@pytest.fixture
def told(tmp_path, capsys):
    """`told(text)`: the exit status and the lines for a file of this text."""

    def check(text, *options):
        path = tmp_path / "file.yaml"
        path.write_text(text, encoding="utf-8")
        status = main(["programmes", "check", str(path), *options])
        return status, capsys.readouterr().out.splitlines()

    return check


def changed(*swaps):
    """The example with texts swapped; each must be there."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in swaps:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def line_of(text, words):
    return text[: text.index(words)].count("\n") + 1


@pytest.mark.parametrize("path", [EXAMPLE, SHIPPED], ids=lambda path: path.stem)
def test_the_example_and_what_is_shipped_are_sound(path, told):
    status, lines = told(path.read_text(encoding="utf-8"))
    assert (status, len(lines)) == (0, 1)
    assert lines[0].endswith("没有问题，可以载入。")


FAULTS = [
    ("an unknown word", ("sealed_scan: true", "sealed_scn: true"), "sealed_scn", "不认识“sealed_scn”，是不是“sealed_scan”？"),
    ("an unknown word of a condition", ("{entry_active: pilots}", "{entry_activ: pilots}"), "entry_activ:", "条件里没有“entry_activ”这个词"),
    ("a word wrong inside a condition", ("{field: members, at_least: 5}", "{field: members, atleast: 5}"), "atleast", "是不是“at_least”？"),
    ("a missing part", ("policy: 《职工创新工作室管理办法》\n", ""), "programme:", "缺少“policy”"),
    ("a wrong type", ("quota: 6", "quota: 六"), "quota: 六", "要写整数，现在是“六”"),
    ("a choice that is none", ("method: checklist", "method: checklst"), "checklst", "是不是“checklist”？"),
    ("a number that is too big", ("days: 10, rank", "days: 500, rank"), "days: 500", "不能大于 120"),
    ("a key that is none", ("key: photo,", "key: 照片,"), "key: 照片", "不能作代号"),
    ("a choice without options", ("type: date}\n    - {key: staff", "type: choice}\n    - {key: staff"), "key: founded", "choice 要写 options"),
    ("a section with an unknown field", ("fields: [name, leader,", "fields: [nme, name, leader,"), "fields: [nme", "没有“nme”这一栏，是不是“name”？"),
    ("a section that repeats", ("fields: [staff, members,", "fields: [name, staff, members,"), "fields: [name, staff", "“name”这一栏放了两次"),
    ("sections that leave one out", ("solved, story, photo]", "solved, story]"), "sections:", "没有放进任何一步：photo"),
    ("more than seven fields", ("[name, leader, field, founded]", "[name, leader, field, founded, patents, benefit, story, solved]"), "[name, leader, field", "最多 7 项，现在有 8 项"),
    ("a condition on no field", ("{field: patents, at_least: 1}", "{field: patent, at_least: 1}"), "{field: patent,", "没有“patent”这一栏，是不是“patents”？"),
    ("a bound on a text", ("{field: solved, filled: true}", "{field: story, at_least: 3}"), "{field: story,", "不是数字栏"),
    ("an option that is none", ("{field: field, one_of: [steel]}", "{field: field, one_of: [steal]}"), "steal", "没有“steal”这个选项，是不是“steel”？"),
    ("an ownership that is none", ("one_of: [private]", "one_of: [privat]"), "privat]", "是不是“private”？"),
    ("an unknown register", ("{entry_active: pilots}", "{entry_active: pilot}"), "entry_active: pilot}", "没有“pilot”这个名册，是不是“pilots”？"),
    ("a department that is not asked", ("{clearance: emergency}", "{clearance: fire}"), "clearance: fire", "没有“fire”这个征求意见的部门"),
    ("an unknown subject", ("subject: units", "subject: unit"), "subject: unit", "没有“unit”这个名册"),
    ("weights off", ("weight: 0.6", "weight: 0.5"), "review:", "权重合计是 90%，应当是 100%"),
    ("points off", ("points: 40\n      of", "points: 30\n      of"), "points: 30\n      of", "这里写的是 30 分"),
    ("criteria off", ("en: Use}, points: 60", "en: Use}, points: 50"), "criteria:", "应当是 100"),
    ("seats that cannot be filled", ("cut: {top: 20}", "cut: {top: 12}"), "classes:", "名额 15 个，评审只留 12 件"),
    ("levels out of order", ("at: unit, days: 10", "at: federation, days: 10"), "district_or_industry", "各级要由下到上"),
    ("levels without applying", ("entry: applied ", "entry: entered "), "levels:", "请写 entry: applied"),
    ("an indicator on no field", ("value: patents", "value: patnets"), "value: patnets", "没有“patnets”这一栏"),
    ("a key twice", ("key: photo,", "key: story,"), "en: Photograph", "代号“story”用了两次"),
    ("a part twice", ("rolling: false", "rolling: false\nsubject: units"), "", "“subject”写了两次"),
    ("bounds that cross", ("{unit: headcount, at_least: 50}", "{unit: headcount, at_least: 50, at_most: 5}"), "at_most: 5}", "下限 50 大于上限 5"),
    ("two words in one condition", ("{unit: headcount, at_least: 50}", "{unit: headcount, entry_active: pilots, at_least: 50}"), "entry_active: pilots, at", "一个条件只写一个词"),
    ("a review without selection", ("selection:\n    kind", "selektion:\n    kind"), "setup:", "review 和 selection 要一起写"),
    ("a trade of the experts that is no choice", ("field: field\n", "field: name\n"), "field: name\n", "“name”不是选择栏"),
    ("a text that is a number", ("policy: 《职工创新工作室管理办法》", "policy: 2024"), "policy: 2024", "数字要加引号"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "swap", "where", "why"), FAULTS, ids=[one[0] for one in FAULTS])
def test_each_fault_is_said_with_its_line(what, swap, where, why, told):
    text = changed(swap)
    status, lines = told(text)
    said = [line for line in lines if why in line]

    assert status == 1
    assert said, lines
    if where:
        assert f"第 {line_of(text, where)} 行" in said[0]


def test_all_faults_are_said_at_once_in_the_order_of_their_lines(told):
    swaps = [
        one[1]
        for one in FAULTS
        if one[0] in ("an unknown word", "a wrong type", "weights off", "an unknown register", "a choice that is none")
    ]
    status, lines = told(changed(*swaps))
    numbers = [int(line.split("行")[0].split("第")[1]) for line in lines[1:]]

    assert status == 1
    assert lines[0].endswith(f"有 {len(lines) - 1} 处要改")
    assert len(lines) - 1 >= len(swaps)
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("programme: x\nname: {zh: a, en: b\npolicy: y\n", 3, "没有成对"),
        ("programme: x\n\tname: y\n", 2, "Tab"),
        ("programme: 办法: 试行\n", 1, "冒号"),
        ("programme: 'x\n", 2, "引号没有成对"),
        ("- a\n- b\n", 1, "最外层"),
        ("", 1, "最外层"),
        ("a: *b\n", 1, "星号"),
        ("a: !!python/object/apply:os.system ['true']\n", 1, "感叹号"),
        ("a: 2024-13-45\n", 1, "读不懂"),
    ],
)
def test_what_is_no_yaml_is_said_with_its_line(text, line, why, told):
    status, lines = told(text)
    assert status == 1
    assert f"第 {line} 行" in lines[1], lines
    assert why in lines[1]


@pytest.mark.parametrize("how", ["option", "language"])
def test_in_english_where_it_is_asked_for(how, told, monkeypatch):
    if how == "language":
        monkeypatch.setenv("LANG", "en_GB.UTF-8")
    text = changed(("quota: 6", "quota: 六"), ("entry_active: pilots", "entry_active: pilot"))
    _status, lines = told(text, *(["--english"] if how == "option" else []))

    assert lines[0].endswith("2 to mend")
    assert "must be a whole number" in lines[1]
    assert "did you mean “pilots”?" in lines[2]
    assert "setup › levels › item 2 › quota" in lines[1]


def test_a_file_that_is_not_there_is_asked_wrongly(tmp_path):
    assert main(["programmes", "check", str(tmp_path / "none.yaml")]) == 2


def test_tiers_over_the_fund_are_said_with_the_gap(told):
    file = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    file["setup"]["outcome"]["fund_fen"] = 1_000_00
    _status, lines = told(yaml.safe_dump(file, allow_unicode=True))
    assert any("超出资金 1000 元" in line for line in lines)


@pytest.mark.django_db
@pytest.mark.parametrize("one", FAULTS[::4], ids=[one[0] for one in FAULTS[::4]])
def test_loading_refuses_the_same(one, tmp_path):
    path = tmp_path / "file.yaml"
    path.write_text(changed(one[1]), encoding="utf-8")
    with pytest.raises(UnsoundProgramme, match=r"第 [0-9]+ 行"):
        load_programme(path)


@pytest.mark.django_db
def test_the_example_loads():
    assert load_programme(EXAMPLE).file.programme == "innovation-studio"
