"""Remove the staff of a dataset, with all that is theirs; the audit of what they did to a dataset goes with it."""

from django.db import connections, transaction

from huoji.apps.accounts.models import ApiKey, Department, RoleAssignment, Staff
from huoji.apps.accounts.queries.actors import forget
from huoji.kit.roles import OWNER, acting_as_owner


def remove_dataset(dataset: str) -> dict[str, int]:
    """Delete a dataset's staff, departments, keys and audit rows as the owner of the tables; return how many of each."""
    assert dataset, "rows of the carrier himself are no dataset"
    counts: dict[str, int] = {}
    with acting_as_owner(), transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute("SET LOCAL huoji.retention = 'on'")
        staff = Staff.objects.filter(dataset=dataset)
        numbers = [f"staff:{number}" for number in staff.values_list("staff_number", flat=True)]
        ApiKey.objects.filter(created_by__in=staff).update(created_by=None)
        ApiKey.objects.filter(principal__in=numbers).delete()
        departments = Department.objects.filter(dataset=dataset)
        Staff.objects.filter(department__in=departments).exclude(dataset=dataset).update(department=None)
        Department.objects.filter(parent__in=departments).exclude(dataset=dataset).update(parent=None)
        RoleAssignment.objects.filter(department__in=departments).exclude(staff__dataset=dataset).delete()
        counts["staff"] = staff.delete()[1].get("accounts.Staff", 0)
        departments.update(parent=None)
        counts["departments"] = departments.delete()[0]
        counts["keys"] = ApiKey.objects.filter(dataset=dataset).delete()[0]
        cursor.execute("DELETE FROM accounts_audit WHERE dataset = %s", [dataset])
        counts["audit"] = cursor.rowcount
    forget()
    return counts
