"""Names and posts that the demo's invented people are made of: accents, hyphens, particles, apostrophes."""

from typing import Final

FIRST_NAMES: Final = (
    "Ngozi", "Inés", "Tomasz", "Aisha", "Grace", "Oluwaseun", "Siân", "Zoë", "Priya", "Liam", "Chloë",
    "Kwame", "Fatima", "Björn", "Mairéad", "Hannah", "Ravi", "José", "Beatriz", "Callum", "Eilidh", "Yusuf",
    "Amélie", "Dylan", "Rhiannon", "Marek", "Leila", "Owen", "Françoise", "Samuel", "Anjali", "Declan",
    "Noor", "Renée", "Jürgen", "Abigail", "Tariq", "Maeve", "Kofi", "Elena", "Rhys", "Sunita", "Patrick",
    "Zainab", "Theo", "Caitlín", "Ibrahim", "Nia", "Karl", "Esther",
)  # fmt: skip
LAST_NAMES: Final = (
    "Achebe", "Fernández-Hale", "Whitlock", "Okonkwo", "O'Brien", "MacLeod", "Nkemelu", "Smith", "Jones",
    "Patel", "Singh", "Ahmed", "García", "Müller", "Peña", "Ó Súilleabháin", "Van der Berg", "de Souza",
    "Ashworth", "Bamford", "Crossley", "Dewhurst", "Entwistle", "Fairbairn", "Grimshaw", "Hargreaves",
    "Ibbotson", "Jagger", "Kershaw", "Lumb", "Murgatroyd", "Nuttall", "Oldroyd", "Pickersgill", "Quarmby",
    "Ramsbottom", "Sutcliffe", "Thackray", "Uttley", "Verity", "Wolstenholme", "Yates", "Ødegård",
    "Lindström", "Château", "Brontë-Reid", "St. John", "D'Arcy", "Nguyen", "Rossi", "Kowalski", "Adeyemi",
    "Mensah", "Hussain", "Begum", "Chaudhry", "Ap Rhys", "Llewelyn", "Fitzgerald", "Niño",
)  # fmt: skip
# Letters that ISO-8859-1 lacks: for the organisation whose files are UTF-8.
LAST_NAMES_UTF8: Final = ("Łukaszewicz", "Şahin", "Dvořák", "Nguyễn", "Žukauskas", "Ștefănescu")
TITLES: Final = ("Mr.", "Mrs.", "Ms.", "Miss", "Dr.", "Mx.")
# Unit, staff group, job role.
POSTS: Final = (
    ("Emergency Department", "Nursing and Midwifery Registered", "Staff Nurse"),
    ("Maternity", "Nursing and Midwifery Registered", "Midwife"),
    ("Acute Medicine", "Medical and Dental", "Specialty Registrar"),
    ("Theatres", "Allied Health Professionals", "Operating Department Practitioner"),
    ("Pathology", "Healthcare Scientists", "Biomedical Scientist"),
    ("Community Nursing", "Additional Clinical Services", "Healthcare Assistant"),
    ("Facilities", "Estates and Ancillary", "Porter"),
    ("Finance", "Administrative and Clerical", "Clerical Worker"),
)
