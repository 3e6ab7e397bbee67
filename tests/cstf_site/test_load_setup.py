"""`load_setup`: what operators hand over, what is refused and in which words, and that nothing is half loaded."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from competencies.models import Competence, Requirement
from cstf_site.setup import TABLES
from cstf_site.setup_files import COLUMNS
from interface.models import Connection, Mapping
from people.models import Organisation

EXAMPLE = Path(__file__).parent.parent / "data" / "example-night" / "setup"
FIRE = "NHS|CSTF|Fire Safety - 2 Years|"
GOOD = {
    "organisations": [
        "vpd,ods_code,name,region,cstf_aligned_on,auto_iat",
        "901,X1A,Northmoor,North,2020-06-01,yes",
        "902,X2B,Harrowdale,,,no",
    ],
    "competences": [
        "vpd,competence_id,name,subject,level,variant,renewal_frequency,renewal_units,date_from,date_to",
        f",1,{FIRE},Fire Safety,,,2,Year,,",
        ",2,NHS|CSTF|Adult|,Resuscitation,2,Adult,1,Year,,",
        ",3,NHS|CSTF|Children|,Safeguarding Children,1,Version 2,3,Year,,",
        "901,4,901|LOCAL|Welcome|,,,,,,2020-01-01,2030-12-31",
    ],
    "connections": [
        "vpd,code,lms_name,supplier,sub_type,encoding,restriction,restriction_values,transport,send_ni_number,live_on",
        "901,MOODLE,Moodle,Kite,CST,utf-8,payroll,901 Monthly;901 Weekly,folder,no,2026-01-05",
    ],
    "mappings": [
        "vpd,connection,course_code,course_version,competence_name,expiry",
        f"901,MOODLE,FIRE,,{FIRE},lms",
    ],
    "requirements": [
        "vpd,scope,scope_value,competence_name",
        f"901,organisation,,{FIRE}",
        f"901,job_role,Midwife,{FIRE}",
    ],
}

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", TABLES)
def test_what_writes_the_files_knows_the_columns_that_reading_them_asks_for(name: str) -> None:
    assert list(COLUMNS[name]) == TABLES[name]().get_export_headers()


def write(folder: Path, **changed: list[str] | bytes) -> Path:
    for name, lines in {**GOOD, **changed}.items():
        content = lines if isinstance(lines, bytes) else "\n".join(lines).encode() + b"\n"
        (folder / f"{name}.csv").write_bytes(content)
    return folder


def load(folder: Path, *options: str) -> str:
    out = StringIO()
    call_command("load_setup", str(folder), *options, stdout=out)
    return out.getvalue()


def refusal(folder: Path) -> str:
    with pytest.raises(CommandError) as refused:
        load(folder)
    return str(refused.value)


def with_row(table: str, row: str) -> dict[str, list[str] | bytes]:
    return {table: [*GOOD[table], row]}


# --- What is loaded -----------------------------------------------------------------------------------


def test_every_table_becomes_rows(tmp_path: Path) -> None:
    load(write(tmp_path))
    northmoor = Organisation.objects.get(vpd="901")
    assert (northmoor.ods_code, northmoor.auto_iat, str(northmoor.cstf_aligned_on)) == (
        "X1A",
        True,
        "2020-06-01",
    )
    connection = Connection.objects.get()
    assert connection.organisation == northmoor
    assert connection.restriction_values == ["901 Monthly", "901 Weekly"]
    assert (connection.encoding, connection.send_ni_number, str(connection.live_on)) == (
        "utf-8",
        False,
        "2026-01-05",
    )
    assert Mapping.objects.get().expiry == "lms"
    assert set(Requirement.objects.values_list("scope", "scope_value")) == {
        ("organisation", ""),
        ("job_role", "Midwife"),
    }


def test_a_variant_is_the_subject_level_s_in_resuscitation_and_a_version_elsewhere(tmp_path: Path) -> None:
    load(write(tmp_path))
    adult, children = Competence.objects.get(competence_id="2"), Competence.objects.get(competence_id="3")
    assert adult.subject_level is not None
    assert children.subject_level is not None
    assert (adult.subject_level.variant, adult.version) == ("Adult", "")
    assert (children.subject_level.variant, children.version) == ("", "Version 2")


def test_a_second_time_everything_is_unchanged(tmp_path: Path) -> None:
    load(write(tmp_path))
    summary = json.loads(load(tmp_path, "--json"))
    assert summary.keys() == {f"{name}.csv" for name in GOOD}
    assert all(counts["added"] == counts["changed"] == 0 < counts["unchanged"] for counts in summary.values())


def test_a_changed_row_changes_and_the_others_stay(tmp_path: Path) -> None:
    load(write(tmp_path))
    write(tmp_path, organisations=[*GOOD["organisations"][:2], "902,X2B,Harrowdale Community,,,no"])
    assert json.loads(load(tmp_path, "--json"))["organisations.csv"] == {
        "added": 0,
        "changed": 1,
        "unchanged": 1,
    }
    assert Organisation.objects.get(vpd="902").name == "Harrowdale Community"


def test_loading_again_never_turns_the_running_numbers_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(write(tmp_path))
    Connection.objects.update(next_inbound=17)
    # A night moves the other between reading the connection and storing it.
    monkeypatch.setattr(Connection, "clean", lambda one: Connection.objects.update(next_outbound=29))
    changed = GOOD["connections"][1].replace("Kite", "Kestrel")
    load(write(tmp_path, connections=[GOOD["connections"][0], changed]))
    connection = Connection.objects.get()
    assert (connection.supplier, connection.next_inbound, connection.next_outbound) == ("Kestrel", 17, 29)


def test_rows_that_stand_in_no_file_stay(tmp_path: Path) -> None:
    load(write(tmp_path))
    for name in ("competences", "connections", "mappings", "requirements"):
        (tmp_path / f"{name}.csv").unlink()
    write_only = ["vpd,ods_code,name,region,cstf_aligned_on,auto_iat", "903,X3C,Third,,,"]
    (tmp_path / "organisations.csv").write_text("\n".join(write_only), "utf-8")
    load(tmp_path)
    assert Organisation.objects.count() == 3


def test_columns_that_may_be_empty_may_be_missing_and_leave_what_is_there(tmp_path: Path) -> None:
    load(write(tmp_path))
    load(write(tmp_path, organisations=["vpd,name", "901,Northmoor and Vale"]))
    northmoor = Organisation.objects.get(vpd="901")
    assert (northmoor.name, northmoor.region) == ("Northmoor and Vale", "North")


def test_the_worked_example_s_setup_loads_twice(tmp_path: Path) -> None:
    load(EXAMPLE)
    before = load(EXAMPLE, "--json")
    assert {name: one["unchanged"] for name, one in json.loads(before).items()} == {
        "organisations.csv": 1,
        "competences.csv": 3,
        "connections.csv": 1,
        "mappings.csv": 3,
    }


def test_a_byte_order_mark_crlf_and_blank_lines_are_no_trouble(tmp_path: Path) -> None:
    content = "\r\n".join(GOOD["organisations"][:2]).encode("utf-8-sig") + b"\r\n\r\n,,,,,\r\n"
    load(write(tmp_path, organisations=content))
    assert Organisation.objects.get(vpd="901").name == "Northmoor"


# --- What is refused ----------------------------------------------------------------------------------

NOT_ALIGNED = "902,B,Moodle,,CST,utf-8,all,,folder,no,2026-01-05"
ROWS = [
    ("organisations", "90,,Short,,,", "line 4, vpd: A VPD is three digits"),
    ("organisations", "9O3,,Letter,,,", "line 4, vpd: A VPD is three digits"),
    ("organisations", "903,,,,,", "line 4, name: is missing"),
    ("organisations", "903,,Third,,01/06/2020,", "line 4, cstf_aligned_on: “01/06/2020” is not a real date"),
    ("organisations", "903,,Third,,2021-02-29,", "line 4, cstf_aligned_on: “2021-02-29” is not a real date"),
    ("organisations", "903,,Third,,,perhaps", "line 4, auto_iat: “perhaps” is neither yes nor no"),
    ("organisations", "902,,Again,,,", "line 4: the same vpd as in line 3"),
    ("organisations", '903,,"Third\nTrust",,,', "line 4, name: “Third�Trust” holds a line break"),
    ("organisations", "903,,Third", "line 4: 3 columns, the header has 6"),
    ("organisations", "903,ABCDEFGHIJK,Third,,,", "line 4, ods_code: Ensure this value has at most 10"),
    ("competences", ",9,A~B,,,,,,,", "line 6, name: “A~B” holds ~"),
    ("competences", "999,9,A,,,,,,,", "line 6, vpd: no organisation has the VPD “999”"),
    ("competences", ",9,A,Cooking,,,,,,", "line 6, subject: “Cooking” is not a CSTF subject"),
    ("competences", ",9,A,,2,,,,,", "line 6, subject: a level needs its subject"),
    (
        "competences",
        ",9,A,Fire Safety,3,,,,,",
        "line 6, subject: “Fire Safety” has no such level (level “3”)",
    ),
    ("competences", ",9,A,Resuscitation,2,Teen,,,,", "it has: 1; 2 Adult; 2 Newborn; 2 Paediatric"),
    ("competences", ",9,A,,,,two,Year,,", "line 6, renewal_frequency: “two” is not a whole number from 1"),
    ("competences", ",9,A,,,,0,Year,,", "line 6, renewal_frequency: “0” is not a whole number from 1"),
    ("competences", ",9,A,,,,1,Years,,", "line 6, renewal_units: “Years” is not one of Year, Month"),
    ("competences", ",9,A,,,,1,,,", "renewal_frequency and renewal_units belong together"),
    ("competences", ",9,A,,,,,,2021-01-02,2021-01-01", "line 6, date_to: date_to lies before date_from"),
    ("competences", f",9,{FIRE},,,,,,,", "line 6, name: another national competence has this name"),
    (
        "competences",
        "901,9,901|LOCAL|Welcome|,,,,,,,",
        "line 6, name: another competence of this organisation",
    ),
    ("competences", ",,A,,,,,,,", "line 6, competence_id: is missing"),
    ("connections", "901,moodle2,L,,CST,utf-8,all,,folder,no,", "line 3, code: Capital letters, digits"),
    ("connections", "901,../X,L,,CST,utf-8,all,,folder,no,", "line 3, code: Capital letters, digits"),
    (
        "connections",
        "901,B,L,,CSTX,utf-8,all,,folder,no,",
        "line 3, sub_type: Three capital letters or digits",
    ),
    ("connections", "901,B,L,,CST,latin-1,all,,folder,no,", "line 3, encoding: “latin-1” is not one of"),
    (
        "connections",
        "901,B,L,,CST,utf-8,some,,folder,no,",
        "line 3, restriction: “some” is not one of all, payroll",
    ),
    (
        "connections",
        "901,B,L,,CST,utf-8,payroll,,folder,no,",
        "line 3, restriction_values: The restriction “payroll”",
    ),
    (
        "connections",
        "901,B,L,,CST,utf-8,all,x;y,folder,no,",
        "line 3, restriction_values: The restriction “all”",
    ),
    ("connections", "901,B,L,,CST,utf-8,all,,ftp,no,", "line 3, transport: “ftp” is not one of folder"),
    (
        "connections",
        "901,B,L,,CST,utf-8,all,,folder,no,2019-12-31",
        "line 3, live_on: The organisation is not aligned",
    ),
    ("connections", NOT_ALIGNED, "line 3, live_on: The organisation is not aligned"),
    ("mappings", f"901,NOPE,X,,{FIRE},", "line 3, connection: organisation “901” has no connection “NOPE”"),
    (
        "mappings",
        f"902,MOODLE,X,,{FIRE},",
        "line 3, connection: organisation “902” has no connection “MOODLE”",
    ),
    ("mappings", "901,MOODLE,X,,NHS|CSTF|Fire Safety|,", "no competence is called “NHS|CSTF|Fire Safety|”"),
    ("mappings", f"901,MOODLE,X,,{FIRE},never", "line 3, expiry: “never” is not one of renewal, lms"),
    ("mappings", f"901,MOODLE,,,{FIRE},", "line 3, course_code: is missing"),
    (
        "mappings",
        f"901,MOODLE,FIRE,,{FIRE},renewal",
        "line 3: the same connection, course_code, course_version",
    ),
    ("requirements", f"901,everybody,,{FIRE}", "line 4, scope: “everybody” is not one of organisation"),
    ("requirements", f"901,job_role,,{FIRE}", "line 4, scope_value: “organisation” takes no scope_value"),
    (
        "requirements",
        f"901,organisation,X,{FIRE}",
        "line 4, scope_value: “organisation” takes no scope_value",
    ),
    ("requirements", "902,organisation,,901|LOCAL|Welcome|", "no competence is called “901|LOCAL|Welcome|”"),
]


@pytest.mark.parametrize(("table", "row", "sentence"), ROWS)
def test_a_wrong_row_is_named_and_nothing_is_loaded(
    tmp_path: Path, table: str, row: str, sentence: str
) -> None:
    told = refusal(write(tmp_path, **with_row(table, row)))
    assert sentence in told
    assert told.startswith(f"{table}.csv")
    assert told.endswith("Nothing was loaded.")
    assert not Organisation.objects.exists()
    assert not Competence.objects.exists()


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    told = refusal(
        write(
            tmp_path,
            **with_row("organisations", "903,,,,soon,perhaps"),
            **with_row("connections", "901,B,L,,CST,utf-16,all,,folder,no,"),
        )
    )
    assert [line.split(":")[0] for line in told.splitlines()] == [
        "organisations.csv, line 4, name",
        "organisations.csv, line 4, cstf_aligned_on",
        "organisations.csv, line 4, auto_iat",
        "connections.csv, line 3, encoding",
        "Nothing was loaded.",
    ]


FILES: list[tuple[list[str] | bytes, str]] = [
    (b"", "it is empty"),
    ("vpd,name\n901,M\u00fcnster\n".encode("latin-1"), "line 2: byte 0xFC is not UTF-8"),
    (b"PK\x03\x04\xff\xfe", "it is a spreadsheet, not a CSV file"),
    (["vpd,ods_code"], "line 1, name: this column is missing"),
    (["vpd,name,colour"], "line 1, colour: this column is not known; the columns are vpd, ods_code, name"),
    (["vpd,name,name"], "line 1, name: this column is there twice"),
    (['vpd,name\n901,"Northmoor'], "it is not a CSV file"),
    (["vpd;name", "901;Northmoor"], "line 1, vpd: this column is missing"),
    (b"vpd,name\n901," + b"x" * 20_000, "it is not a CSV file"),
]


@pytest.mark.parametrize(("content", "sentence"), FILES)
def test_a_file_that_is_no_such_table_is_refused(
    tmp_path: Path, content: list[str] | bytes, sentence: str
) -> None:
    told = refusal(write(tmp_path, organisations=content))
    assert sentence in told
    assert not Organisation.objects.exists()


def test_many_faults_are_cut_short(tmp_path: Path) -> None:
    rows = [f"{number},,Name,,," for number in range(1000, 1300)]
    told = refusal(write(tmp_path, organisations=[GOOD["organisations"][0], *rows])).splitlines()
    assert len(told) == 102
    assert told[-2].startswith("… and ")


def test_an_organisation_with_a_live_connection_does_not_lose_its_alignment(tmp_path: Path) -> None:
    load(write(tmp_path))
    told = refusal(write(tmp_path, organisations=[GOOD["organisations"][0], "901,X1A,Northmoor,North,,yes"]))
    assert "cstf_aligned_on: 901/MOODLE goes live on 2026-01-05" in told
    assert Organisation.objects.get(vpd="901").cstf_aligned_on is not None


def test_a_folder_without_files_and_no_folder_are_refused(tmp_path: Path) -> None:
    assert "holds none of organisations.csv" in refusal(tmp_path)
    assert "is not a folder" in refusal(tmp_path / "missing")
