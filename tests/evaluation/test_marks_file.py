"""A marks file is read whole or refused whole, and written the same each time."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.faults import MarksError
from evaluation.marks import Mark, check_marks, read_marks, stream_marks, write_marks
from evaluation.schema import COLUMNS, sort_key

Edit = Callable[[str], str]


def refusal(source: Path | bytes | str) -> str:
    """The message with which a file is refused."""
    with pytest.raises(MarksError) as caught:
        read_marks(source)
    return str(caught.value)


def cell_changed(text: str, line: int, column: str, value: str) -> str:
    """The file with one cell replaced; lines count from 1."""
    lines = text.splitlines()
    cells = lines[line - 1].split(",")
    cells[COLUMNS.index(column)] = value
    lines[line - 1] = ",".join(cells)
    return "\n".join(lines) + "\n"


@pytest.fixture
def text(four_sheets: list[Mark]) -> str:
    return write_marks(four_sheets).decode()


def test_what_is_written_reads_back_equal(four_sheets: list[Mark]) -> None:
    assert read_marks(write_marks(four_sheets)).rows == tuple(sorted(four_sheets, key=sort_key))


def test_the_head_names_the_columns_in_their_order(text: str) -> None:
    assert text.splitlines()[0] == (
        "study,dataset,case,phase,side,reader,reading,repeat,kind,position,method,checkpoint,"
        "valid,reason,rank,seconds,sequence,submitted_at,revisions"
    )


def test_an_invalid_result_is_written_without_a_rank(text: str) -> None:
    assert text.splitlines()[2] == (
        "Feasibility,CleftLip10,VM-1,pre-op,left,Ruth,VM-1-Ruth-0,0,scored,B,edgeconnect,sha256:0123,"
        "0,blurry,,41.5,1,2026-11-09T14:02:00+00:00,0"
    )


def test_the_bytes_do_not_depend_on_the_order_of_the_rows(four_sheets: list[Mark]) -> None:
    assert write_marks(reversed(four_sheets)) == write_marks(four_sheets)


def test_rows_are_sorted_by_study_dataset_case_reader_repeat_position(sheet: Callable[..., list[Mark]]) -> None:
    rows = [
        *sheet("Sam", "VM-2", {}, study="B"),
        *sheet("Sam", "VM-2", {}, repeat=10),
        *sheet("Sam", "VM-2", {}, repeat=9),
        *sheet("Ruth", "VM-2", {}),
        *sheet("Sam", "VM-1", {}),
    ]
    read = [(mark.study, mark.case, mark.reader, mark.repeat) for mark in check_marks(rows).rows[::4]]
    assert read == [
        ("B", "VM-2", "Sam", 0),
        ("Feasibility", "VM-1", "Sam", 0),
        ("Feasibility", "VM-2", "Ruth", 0),
        ("Feasibility", "VM-2", "Sam", 9),
        ("Feasibility", "VM-2", "Sam", 10),
    ]


def test_streaming_gives_the_same_bytes(four_sheets: list[Mark]) -> None:
    assert b"".join(stream_marks(sorted(four_sheets, key=sort_key))) == write_marks(four_sheets)


@pytest.mark.parametrize(
    "respell",
    [
        pytest.param(lambda text: "\ufeff" + text, id="a byte order mark"),
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="CRLF lines"),
        pytest.param(lambda text: text.replace(",", " , "), id="spaces around cells"),
        pytest.param(lambda text: text.replace("\n", "\n\n") + "\n", id="empty lines"),
        pytest.param(lambda text: "\n".join([*text.splitlines()[:1], *text.splitlines()[:0:-1]]), id="rows reversed"),
        pytest.param(
            lambda text: "\n".join(",".join(reversed(line.split(","))) for line in text.splitlines()),
            id="columns reversed",
        ),
        pytest.param(
            lambda text: "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines()),
            id="every cell quoted",
        ),
    ],
)
def test_another_spelling_of_the_file_is_the_same_file(text: str, respell: Edit) -> None:
    marks = read_marks(respell(text).encode())
    assert write_marks(marks.rows).decode() == text
    assert marks.sha256 == read_marks(text).sha256


def test_a_file_is_read_from_its_path(text: str, tmp_path: Path) -> None:
    path = tmp_path / "marks.csv"
    path.write_text(text)
    assert read_marks(path) == read_marks(text)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        pytest.param(lambda text: "", "the file is empty", id="an empty file"),
        pytest.param(lambda text: "\n\n", "the file is empty", id="empty lines only"),
        pytest.param(lambda text: text.splitlines()[0], "no scored sheet", id="a head and nothing else"),
        pytest.param(lambda text: text.replace(",", ";"), "line 1: cells are separated by semicolons", id="semicolons"),
        pytest.param(
            lambda text: text.replace("study,", "study,score,", 1),
            "line 1, column score: unknown column",
            id="an unknown column",
        ),
        pytest.param(
            lambda text: text.replace("study,", "study,,", 1), "line 1, column number 2: unknown column", id="no name"
        ),
        pytest.param(
            lambda text: text.replace("phase", "side", 1),
            "line 1, column side: the column stands twice",
            id="a column twice",
        ),
        pytest.param(
            lambda text: text.replace("seconds,", "", 1).replace("41.5,", ""),
            "line 1, column seconds: missing column(s): seconds",
            id="a missing column",
        ),
        pytest.param(
            lambda text: text.replace("\n", ",\n").replace(",\n", "\n", 1),
            "line 2: the row has 20 cells, the head has 19 (15 more of this kind)",
            id="long rows",
        ),
        pytest.param(
            lambda text: text.replace("Ruth", '"Ruth', 1), "the file is not readable as CSV", id="an open quote"
        ),
        pytest.param(
            lambda text: cell_changed(text, 3, "method", "Pluralistic!"),
            "line 3, column method: unknown method 'Pluralistic!'",
            id="a method that is no id",
        ),
        pytest.param(
            lambda text: cell_changed(text, 3, "method", "pluralistic"),
            "line 3, column method: unknown method 'pluralistic'",
            id="a method only one sheet knows",
        ),
        pytest.param(
            lambda text: cell_changed(text, 3, "method", "inclg"),
            "line 3, column method: duplicate (reading, method): 'inclg' stands on reading 'VM-1-Ruth-0' already,"
            " on line 2",
            id="a method twice on a sheet",
        ),
        pytest.param(
            lambda text: "".join(text.splitlines(keepends=True)[:-1]),
            "line 14, column method: reading 'VM-2-Sam-0' lacks ctsdg",
            id="a method missing from a sheet",
        ),
        pytest.param(
            lambda text: cell_changed(text, 3, "rank", "3"),
            "line 3, column rank: an invalid result has no rank, but 3 stands here",
            id="a rank with an invalid result",
        ),
        pytest.param(
            lambda text: cell_changed(text, 2, "rank", ""),
            "line 2, column rank: a valid result needs a rank",
            id="a valid result without a rank",
        ),
        pytest.param(
            lambda text: cell_changed(text, 2, "rank", "3"),
            "line 2, column rank: the ranks of reading 'VM-1-Ruth-0' are not 1..2, each once: 3 is too high",
            id="a gap in the ranks",
        ),
        pytest.param(
            lambda text: cell_changed(text, 2, "rank", "2"),
            "line 4, column rank: the ranks of reading 'VM-1-Ruth-0' are not 1..2, each once: 2 is repeated",
            id="a tie",
        ),
        pytest.param(
            lambda text: cell_changed(text, 2, "rank", "0"),
            "line 2, column rank: must be a whole number from 1",
            id="rank 0",
        ),
        pytest.param(
            lambda text: cell_changed(text, 2, "rank", "1.0"),
            "line 2, column rank: must be a whole number from 1",
            id="a rank with a point",
        ),
        pytest.param(
            lambda text: cell_changed(text, 2, "valid", "yes"),
            "line 2, column valid: must be 0 or 1, not 'yes'",
            id="a verdict in words",
        ),
        pytest.param(
            lambda text: cell_changed(text, 3, "reason", "ugly"),
            "line 3, column reason: must be one of empty, blank, blurry",
            id="an unknown reason",
        ),
        pytest.param(
            lambda text: cell_changed(text, 2, "reason", "blurry"),
            "line 2, column reason: a valid result has no reason",
            id="a reason for a valid result",
        ),
        pytest.param(
            lambda text: cell_changed(text, 2, "kind", "test"),
            "line 2, column kind: must be one of scored, control, training",
            id="an unknown kind",
        ),
        pytest.param(
            lambda text: cell_changed(text, 2, "repeat", "-1"),
            "line 2, column repeat: must be a whole number from 0",
            id="a negative repeat",
        ),
        pytest.param(
            lambda text: cell_changed(text, 2, "position", "a"),
            "line 2, column position: must be one letter from A on",
            id="a small position",
        ),
        pytest.param(
            lambda text: cell_changed(text, 3, "position", "A"),
            "line 3, column position: position A of reading 'VM-1-Ruth-0' is taken already, on line 2",
            id="a position twice",
        ),
        pytest.param(
            lambda text: cell_changed(text, 5, "position", "E"),
            "line 5, column position: position E is beyond D",
            id="a position beyond the last",
        ),
        pytest.param(
            lambda text: cell_changed(text, 2, "case", ""), "line 2, column case: must not be empty", id="no case"
        ),
        pytest.param(
            lambda text: cell_changed(text, 2, "case", "=1+1"),
            "line 2, column case: may not begin with '='",
            id="a formula",
        ),
        pytest.param(
            lambda text: cell_changed(text, 2, "case", "VM\t1"),
            "line 2, column case: no line breaks, tabs or control characters",
            id="a tab inside a code",
        ),
        pytest.param(
            lambda text: cell_changed(text, 2, "case", "V" * 201),
            "line 2, column case: at most 200 characters",
            id="a novel",
        ),
        pytest.param(
            lambda text: cell_changed(text, 2, "seconds", "-3"),
            "line 2, column seconds: must be a number of seconds from 0",
            id="a negative time",
        ),
        pytest.param(
            lambda text: cell_changed(text, 2, "seconds", "nan"),
            "line 2, column seconds: must be a number of seconds from 0",
            id="a time that is no number",
        ),
        pytest.param(
            lambda text: cell_changed(text, 2, "submitted_at", "yesterday"),
            "line 2, column submitted_at: must be a date and time such as 2026-11-09T14:02:00Z",
            id="no date",
        ),
        pytest.param(
            lambda text: cell_changed(text, 3, "reader", "Sam"),
            "line 3, column reader: reading 'VM-1-Ruth-0' has another reader here than on line 2",
            id="two readers on one reading",
        ),
        pytest.param(
            lambda text: text.replace("VM-1-Sam-0", "VM-1-Sam-9").replace(",Sam,VM-1", ",Ruth,VM-1"),
            "line 6, column reading: reader 'Ruth' has read case 'VM-1' already, on line 2",
            id="one case read twice",
        ),
    ],
)
def test_a_file_with_a_fault_is_refused(text: str, edit: Edit, message: str) -> None:
    assert message in refusal(edit(text))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "absent.csv") == "the file cannot be read: No such file or directory"


def test_a_file_in_another_encoding_is_refused(text: str) -> None:
    assert refusal(text.replace("Ruth", "Ruß", 1).encode("latin-1")) == (
        "line 2: the file is not UTF-8 text; save it as CSV UTF-8"
    )


def test_a_file_comparing_one_method_is_refused(sheet: Callable[..., list[Mark]]) -> None:
    rows = sheet("Sam", "VM-1", {"inclg": 1}, methods=("inclg",))
    assert "data set 'CleftLip10' compares 1 methods; 2 to 26 can be" in refusal(write_marks(rows))


def test_every_kind_of_fault_is_named_once(text: str) -> None:
    spoilt = cell_changed(text, 2, "valid", "?")
    for line in (3, 5):
        spoilt = cell_changed(spoilt, line, "rank", "9")
    spoilt = cell_changed(spoilt, 13, "rank", "2")
    spoilt = cell_changed(spoilt, 14, "kind", "?")
    assert refusal(spoilt).splitlines() == [
        "line 2, column valid: must be 0 or 1, not '?'",
        "line 13, column rank: an invalid result has no rank, but 2 stands here",
        "line 14, column kind: must be one of scored, control, training, not '?'",
    ]


def test_a_sheet_with_an_unreadable_row_is_not_blamed_twice(text: str) -> None:
    assert refusal(cell_changed(text, 2, "rank", "first")) == (
        "line 2, column rank: must be a whole number from 1, or empty, not 'first'"
    )


def test_rows_with_faults_are_refused_before_they_are_a_file(four_sheets: list[Mark]) -> None:
    spoilt = [replace(four_sheets[0], rank=None), *four_sheets[1:]]
    with pytest.raises(MarksError, match="line 2, column rank: a valid result needs a rank"):
        check_marks(spoilt)


def test_rows_that_would_not_read_back_are_refused(four_sheets: list[Mark]) -> None:
    with pytest.raises(MarksError, match="column reader: may not begin with '@'"):
        check_marks(replace(mark, reader=f"@{mark.reader}") for mark in four_sheets)


def test_methods_nobody_published_are_welcome_on_every_sheet(sheet: Callable[..., list[Mark]]) -> None:
    methods = tuple(f"method-{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    rows = [mark for reader in ("Sam", "Ruth") for mark in sheet(reader, "VM-1", {}, methods=methods)]
    assert len(check_marks(rows).rows) == 52


def test_a_control_sheet_may_show_other_things_than_the_methods(
    four_sheets: list[Mark], sheet: Callable[..., list[Mark]]
) -> None:
    control = sheet("Sam", "VM-3", {"untouched": 1}, methods=("untouched", "broken"), kind="control")
    assert len(check_marks([*four_sheets, *control]).rows) == 18


def test_no_slip_of_the_pen_stops_the_reader(text: str) -> None:
    chance = random.Random(6)
    refused = 0
    for _ in range(300):
        spoilt = bytearray(text.encode())
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(spoilt))
            spoilt[place : place + chance.randint(0, 2)] = bytes(
                chance.choices(b',"\n\r\0;A1 \xff\xc3=', k=chance.randint(0, 2))
            )
        try:
            marks = read_marks(bytes(spoilt))
        except MarksError:
            refused += 1
        else:
            assert read_marks(write_marks(marks.rows)) == marks
    assert refused > 100
