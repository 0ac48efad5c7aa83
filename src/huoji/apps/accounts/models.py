"""The rows of people and trust: staff, departments, roles, API keys and the audit."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from huoji.core.permission import Scope

CODE_LENGTH_MAX = 40
NAME_LENGTH_MAX = 80


class Department(models.Model):
    """A department; the tree hangs on `parent`, its roots have none."""

    code = models.SlugField(_("编码"), max_length=CODE_LENGTH_MAX, unique=True)
    name = models.CharField(_("名称"), max_length=NAME_LENGTH_MAX)
    parent = models.ForeignKey(
        "self", verbose_name=_("上级部门"), null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    dataset = models.CharField(max_length=16, blank=True, default="")


class Role(models.Model):
    """A role; `superior` inherits all that it may do. The default ones are seeded from `core.role`."""

    code = models.SlugField(_("编码"), max_length=CODE_LENGTH_MAX, primary_key=True)
    name = models.CharField(_("名称"), max_length=NAME_LENGTH_MAX, blank=True)
    superior = models.ForeignKey(
        "self", verbose_name=_("上级角色"), null=True, blank=True, on_delete=models.PROTECT, related_name="subordinates"
    )
    scope = models.CharField(_("可见范围"), max_length=8, choices=[(scope.value, scope.value) for scope in Scope])
    permissions = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    follows_code = models.BooleanField(default=False)  # a default role nobody has edited: kept in line by seeding


class StaffManager(BaseUserManager["Staff"]):
    """Find staff by number, as sign-in does."""

    def get_by_natural_key(self, username: str | None) -> "Staff":
        return self.get(staff_number=username)


class Staff(AbstractBaseUser):
    """A member of staff, who signs in by his number (工号); never deleted, only made inactive."""

    staff_number = models.CharField(_("工号"), max_length=20, unique=True)
    name = models.CharField(_("姓名"), max_length=NAME_LENGTH_MAX)
    email = models.EmailField(_("邮箱"), blank=True, default="")
    phone = models.CharField(_("工作电话"), max_length=32, blank=True, default="")
    department = models.ForeignKey(
        Department, verbose_name=_("部门"), null=True, blank=True, on_delete=models.PROTECT, related_name="staff"
    )
    is_active = models.BooleanField(_("在职"), default=True)
    must_change_password = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    dataset = models.CharField(max_length=16, blank=True, default="")

    objects: ClassVar[StaffManager] = StaffManager()

    USERNAME_FIELD = "staff_number"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="staff_number_is_plain", condition=models.Q(staff_number__regex=r"^[A-Z0-9_-]{1,20}$")
            ),
        ]

    def get_full_name(self) -> str:
        return self.name


class RoleAssignment(models.Model):
    """A role that a member of staff holds, in the whole company or for one department."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="assignments")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="assignments")
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="role_held_once", fields=["staff", "role", "department"], nulls_distinct=False
            ),
        ]


class ApiKey(models.Model):
    """A key for a program; only its digest is kept, `prefix` is what people see of it."""

    name = models.CharField(_("用途"), max_length=NAME_LENGTH_MAX)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.BinaryField(max_length=32, unique=True)
    principal = models.CharField(_("身份"), max_length=64)
    scopes = ArrayField(models.CharField(max_length=40))  # core.permission.KeyScope
    source = models.SlugField(_("来源代码"), max_length=CODE_LENGTH_MAX, blank=True, default="")
    milestones = ArrayField(models.CharField(max_length=40), null=True, blank=True)
    created_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(_("到期"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    dataset = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="apikey_principal_kind",
                condition=models.Q(principal__regex=r"^(staff:[A-Za-z0-9_-]{1,20}|(customer|partner):[0-9]{1,18})$"),
            ),
        ]
        indexes = [models.Index(fields=["principal"], name="apikey_principal")]


class AuditRow(models.Model):
    """One thing that somebody did or read; the database refuses to change or remove it."""

    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=64)
    verb = models.CharField(max_length=64)
    target = models.CharField(max_length=128, blank=True)
    cause = models.CharField(max_length=500, blank=True)
    changed = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)
    dataset = models.CharField(max_length=16, blank=True)

    class Meta:
        db_table = "accounts_audit"
        indexes = [
            models.Index(fields=["actor", "-id"], name="audit_actor"),
            models.Index(fields=["target", "-id"], name="audit_target"),
            models.Index(fields=["verb", "-id"], name="audit_verb"),
            models.Index(fields=["actor", "verb", "at"], name="audit_lookups"),
        ]
