"""A small organisation to exchange with: its files, its people, its LMS's folders."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.core.management import call_command

from competencies.models import CompetencyElement
from tests.simulation import wire

VPD = "277"
TODAY = date(2026, 11, 3)
FIRE_1, FIRE_2 = "NHS|CSTF|Fire Safety - 1 Year|", "NHS|CSTF|Fire Safety - 2 Years|"
ADULTS_1 = "NHS|CSTF|Safeguarding Adults - Level 1 - 3 Years|"
ADULTS_2 = "NHS|CSTF|Safeguarding Adults - Level 2 - 3 Years|"
ENDED = "NHS|CSTF|Safeguarding Adults - Level 3 - 3 Years|"
NO_EXPIRY = "NHS|CSTF|Conflict Resolution|"
MONTHLY = "NHS|CSTF|Resuscitation - Level 1 - 6 Months|"
NOT_CSTF, LOCAL = "NHS|KSF|Health, Safety and Security C3|Core", "277|LOCAL|Coffee Machine|"

SETUP = {
    "organisations": """vpd,ods_code,name,region,cstf_aligned_on,auto_iat
277,RXX,Northmoor,North,2020-06-01,no
""",
    "competences": f"""vpd,competence_id,name,subject,level,variant,renewal_frequency,renewal_units,date_from,date_to
,900003,{FIRE_1},Fire Safety,,,1,Year,,
,900004,{FIRE_2},Fire Safety,,,2,Year,,
,900021,{ADULTS_1},Safeguarding Adults,1,,3,Year,,
,900022,{ADULTS_2},Safeguarding Adults,2,,3,Year,,
,900023,{ENDED},Safeguarding Adults,3,,3,Year,2024-01-01,2026-06-30
,900030,{NO_EXPIRY},Conflict Resolution,,,,,,
,900040,{MONTHLY},Resuscitation,1,,6,Month,,
,900090,"{NOT_CSTF}",,,,,,,
277,900091,{LOCAL},,,,,,,
""",
    "connections": """vpd,code,lms_name,supplier,sub_type,encoding,restriction,restriction_values,transport,\
send_ni_number,live_on
277,TOTARA,Totara,Kite,CST,iso-8859-1,all,,folder,no,2026-01-05
277,BANK,Moodle,Kite,CST,utf-8,payroll,277 Weekly;277 Bank,folder,no,2026-01-05
277,PORTERS,Moodle,Kite,POR,iso-8859-1,position,7003,folder,no,2026-01-05
277,ONE,Moodle,Kite,ONE,iso-8859-1,assignment,25100006;70003,folder,no,2026-01-05
277,LATER,Moodle,Kite,LAT,iso-8859-1,all,,folder,no,2026-12-01
""",
    "mappings": f"""vpd,connection,course_code,course_version,competence_name,expiry
277,TOTARA,FIRE,,{FIRE_2},renewal
277,TOTARA,FIRE-OWN,,{FIRE_2},lms
277,TOTARA,ADULTS,,{ADULTS_1},renewal
277,TOTARA,ADULTS,,{ADULTS_2},renewal
277,TOTARA,VERSIONED,,{FIRE_1},renewal
277,TOTARA,VERSIONED,2,{FIRE_2},renewal
277,TOTARA,ONLY-2,2,{FIRE_2},renewal
277,TOTARA,ENDED,,{ENDED},renewal
277,TOTARA,ENDED-AND-FIRE,,{ENDED},renewal
277,TOTARA,ENDED-AND-FIRE,,{FIRE_2},renewal
277,TOTARA,CONFLICT,,{NO_EXPIRY},renewal
277,TOTARA,RESUS,,{MONTHLY},renewal
277,BANK,FIRE,,{FIRE_2},renewal
277,PORTERS,FIRE,,{FIRE_2},renewal
277,ONE,FIRE,,{FIRE_2},renewal
277,LATER,FIRE,,{FIRE_2},renewal
""",
}


@dataclass(frozen=True)
class Somebody:
    """A person of the world with one assignment."""

    person: str
    last: str
    born: date
    number: str = ""
    kind: str = "EMP"
    status: str = "Active Assignment"
    names: dict[str, str] = field(default_factory=dict)  # further columns of PRA
    left: date | None = None
    payroll: str = "277 Monthly"
    position: str = "7001"

    def rows(self) -> list[str]:
        applies = self.kind == "APL"
        spelt = {
            "EMP": "Employee", "APL": "Applicant", "EX_EMP": "Ex-employee", "EX_APL": "Ex-applicant",
            "EMP_APL": "Employee.Applicant",
        }[self.kind]  # fmt: skip
        since = date(2019, 4, 1)
        person = {
            "c1": self.person, "c2": since, "c4": self.number, "c5": "Dr.", "c6": self.last, "c7": "Jo",
            "c13": self.born, "c16": None if applies else since, "c17": self.left, "c33": self.kind,
            "c34": spelt, "c38": date(2026, 11, 1), **self.names,
        }  # fmt: skip
        return [
            wire.row("PRA", **person),
            wire.row(
                "ASA", c1=self.person, c2=f"7{self.person[1:]}", c3=since, c5=since, c6="A" if applies else "E",
                c7=self.number, c8="OFFER" if applies else "ACTIVE_ASSIGN", c9=self.status, c11=self.payroll,
                c12="Calendar", c21="Yes", c28=self.position, c29=f"277|Porter|{self.position}|",
                c34="Group|Porter|", c44="20261101 090000", c48=self.left,
            ),
        ]  # fmt: skip


ACHEBE = Somebody("40001", "Achebe", date(1987, 4, 12), "25100001")
HALE = Somebody(
    "40002", "Fernández-Hale", date(1990, 9, 30), "25100002",
    names={"c9": "O'Connor", "c10": "Nessa", "c11": "Hale"},
)  # fmt: skip
WHITLOCK = Somebody("40003", "Whitlock", date(1995, 1, 17), kind="APL", status="Offered Post Conditional")
INTERVIEWEE = Somebody("40004", "Early", date(1991, 2, 3), kind="APL", status="Interview")
LEAVER = Somebody("40005", "Goodbye", date(1970, 7, 7), "25100005", left=TODAY)
WEEKLY = Somebody("40006", "Bankes", date(1980, 1, 1), "25100006", payroll="277 Weekly", position="7003")
TWIN = Somebody("40007", "Achebe", date(1987, 4, 12), "25100007")
GONE = Somebody("40010", "Long", date(1966, 6, 6), "25100010", kind="EX_EMP", left=date(2026, 10, 1))
BOTH = Somebody("40011", "Twice", date(1977, 7, 7), "25100011", kind="EMP_APL")
WITHDRAWN = Somebody("40012", "Nothanks", date(1978, 8, 8), kind="APL", status="Withdrawn")
ACCEPTED = Somebody("40013", "Yes", date(1979, 9, 9), kind="APL", status="Offer Accepted")
UNCONDITIONAL = Somebody(
    "40014", "Certain", date(1979, 9, 8), kind="APL", status="Offered Post Unconditional"
)
DELETED = Somebody("40015", "Nobody", date(1950, 5, 5), "25100015")
EVERYBODY = [
    ACHEBE, HALE, WHITLOCK, INTERVIEWEE, LEAVER, WEEKLY, TWIN, GONE, BOTH, WITHDRAWN, ACCEPTED, UNCONDITIONAL, DELETED,
]  # fmt: skip
# Held from the staff record itself.
GO_ELEMENT = "10000001"
HELD_BY_GO = wire.row(
    "CMA", c1="40006", c2=GO_ELEMENT, c3="PERSONAL", c4="ACHIEVED", c5=FIRE_2, c6=date(2026, 10, 1),
    c7=date(2028, 9, 30), c8="1 - Attended", c13="900004", c22="20261002 070336",
)  # fmt: skip


def completion(who: Somebody, reference: str, **columns: str | date) -> str:
    """A good line about somebody: by number, or by Person ID for who has none."""
    values: dict[str, str | date] = {
        "number": who.number,
        "person": "" if who.number else who.person,
        "last": who.last,
        "born": who.born,
        "course": "FIRE",
        "on": date(2026, 11, 2),
        "updated": "20261102 143000",
    }
    values |= columns
    if "competence" in columns or "name" in columns:
        values["course"] = columns.get("course", "")
    return wire.lua(reference, **values)  # type: ignore[arg-type]  # columns by name


def own(*ordinals: int) -> str:
    """The n-th element ids that this product gives out, as an answer joins them."""
    return "|".join(str(900_000_000_000 + ordinal) for ordinal in ordinals)


@dataclass(frozen=True)
class Answer:
    """A file that answers one of ours."""

    name: str
    data: bytes
    file: wire.WireFile

    @property
    def lfc(self) -> list[str]:
        return self.file.rows[0]

    @property
    def lines(self) -> list[list[str]]:
        return self.file.rows[1:]

    @property
    def codes(self) -> list[str]:
        return [cells[5] for cells in self.lines]


class World:
    """One exchange root with the organisation in it."""

    def __init__(self, root: Path, work: Path, code: str = "TOTARA", sub: str = "CST") -> None:
        self.root, self.work, self.code, self.sub = root, work, code, sub
        self.day, self.number, self.extracts = TODAY, 0, 310

    # --- Setting up ----------------------------------------------------------------------------------

    def set_up(self, tables: dict[str, str], people: Iterable[Somebody]) -> None:
        folder = self.work / "setup"
        folder.mkdir(exist_ok=True)
        for table, text in tables.items():
            (folder / f"{table}.csv").write_text(text, "utf-8")
        call_command("load_setup", str(folder), verbosity=0)
        self.read_go([row for somebody in people for row in somebody.rows()] + [HELD_BY_GO])
        self.read_go([f"ASD~7{DELETED.person[1:]}", f"PRD~{DELETED.person}"])

    def read_go(self, rows: list[str]) -> None:
        self.extracts += 1
        name = f"GO_277_GDW_GOC_20261102_{self.extracts:08}.DAT"
        path = self.work / name
        path.write_bytes(wire.envelope(name, VPD, rows, this_run="20261102 072050").encode("iso-8859-1"))
        call_command("read_go", str(path), verbosity=0)

    # --- Folders -------------------------------------------------------------------------------------

    def at(self, code: str, sub: str = "CST") -> "World":
        """The same organisation, another of its connections."""
        return World(self.root, self.work, code, sub)

    @property
    def folder(self) -> Path:
        return self.root / VPD / self.code

    @property
    def out(self) -> dict[str, bytes]:
        """What lies in Out."""
        folder = self.folder / "Out"
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())} if folder.exists() else {}

    def empty_out(self) -> None:
        for name in self.out:
            (self.folder / "Out" / name).unlink()

    def put(self, name: str, data: bytes) -> None:
        (self.folder / "In").mkdir(parents=True, exist_ok=True)
        (self.folder / "In" / name).write_bytes(data)

    # --- Exchanging ----------------------------------------------------------------------------------

    def exchange(self, day: date | None = None) -> None:
        day = day or self.day
        call_command("exchange", "--vpd", VPD, "--connection", self.code, "--date", day.isoformat())

    def file(self, lines: list[str], number: int | None = None, day: date | None = None) -> tuple[str, bytes]:
        """The next completions file, or that of a number."""
        if number is None:
            self.number += 1
            number = self.number
        name = wire.completions_name(VPD, day or self.day, number, self.sub)
        return name, wire.envelope(name, VPD, lines, this_run="20261103 210000").encode("iso-8859-1")

    def send(self, *lines: str, day: date | None = None) -> Answer:
        """Lay the lines into In as the next file, exchange, and read the answer."""
        name, data = self.file(list(lines), day=day)
        self.put(name, data)
        self.exchange(day)
        return self.answer(name.replace("_LCU_", "_LCC_"))

    def answer(self, name: str) -> Answer:
        assert name in self.out, f"{name} is not among {sorted(self.out)}"
        data = self.out[name]
        return Answer(name, data, wire.read(name, data))

    def refusals(self) -> list[Answer]:
        """The LCR files in Out."""
        return [self.answer(name) for name in self.out if "_LCR_" in name]

    def held(self) -> list[str]:
        """Live elements as ``id person competence from-to``, in the order of their ids."""
        rows = CompetencyElement.objects.filter(withdrawn_at=None).order_by("element_id")
        return [
            f"{row.element_id} {row.person.person_id} {row.competence.competence_id} "
            f"{wire.ymd(row.date_from)}-{wire.ymd(row.date_to)}"
            for row in rows.select_related("person", "competence")
            if row.element_id != GO_ELEMENT
        ]
