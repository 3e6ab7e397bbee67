"""Loads the CSTF's subjects, subject-levels and the framework editions we know of (domain §3)."""

from django.db import migrations

SUBJECT_LEVELS = {
    "Conflict Resolution": [("", "")],
    "Equality, Diversity and Human Rights": [("", "")],
    "Fire Safety": [("", "")],
    "Health, Safety and Welfare": [("", "")],
    "Infection Prevention and Control": [("1", ""), ("2", "")],
    "Information Governance and Data Security": [("", "")],
    "Moving and Handling": [("1", ""), ("2", "")],
    "Preventing Radicalisation": [("Basic Prevent Awareness", ""), ("Prevent Awareness", "")],
    "Resuscitation": [
        ("1", ""),
        ("2", "Adult"),
        ("2", "Paediatric"),
        ("2", "Newborn"),
        ("3", "Adult"),
        ("3", "Paediatric"),
        ("3", "Newborn"),
    ],
    "Safeguarding Adults": [("1", ""), ("2", ""), ("3", "")],
    "Safeguarding Children": [("1", ""), ("2", ""), ("3", "")],
}
FRAMEWORK_VERSIONS = [("UK 1.0", 2013), ("UK 1.5", 2018), ("England 1.0", 2020), ("England 1.1", 2021)]


def load(apps, schema_editor):
    """Idempotent, so that a half-restored database can be migrated again."""
    Subject = apps.get_model("competencies", "Subject")
    SubjectLevel = apps.get_model("competencies", "SubjectLevel")
    for name, levels in SUBJECT_LEVELS.items():
        subject, _ = Subject.objects.get_or_create(name=name)
        for level, variant in levels:
            SubjectLevel.objects.get_or_create(subject=subject, level=level, variant=variant)
    for name, year in FRAMEWORK_VERSIONS:
        apps.get_model("competencies", "FrameworkVersion").objects.get_or_create(
            name=name, defaults={"year": year}
        )


class Migration(migrations.Migration):
    dependencies = [("competencies", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
