"""Staff, departments, roles, API keys and the audit that nobody can rewrite."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


# Shared by every append-only table above accounts. Retention runs as the owner of the tables and says so;
# tests may empty tables by asking for it. Nobody may ever update.
APPEND_ONLY = """
CREATE FUNCTION huoji_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    IF current_setting('huoji.allow_truncate', true) = 'on' THEN
      RETURN NULL;
    END IF;
  ELSIF TG_OP = 'DELETE' THEN
    IF current_setting('huoji.retention', true) = 'on'
       AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
"""

AUDIT_IS_APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON accounts_audit
  FOR EACH ROW EXECUTE FUNCTION huoji_append_only();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON accounts_audit
  FOR EACH STATEMENT EXECUTE FUNCTION huoji_append_only();
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'huoji_app') THEN
    REVOKE UPDATE, DELETE, TRUNCATE ON accounts_audit FROM huoji_app;
  END IF;
END
$$;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("actor", models.CharField(max_length=64)),
                ("verb", models.CharField(max_length=64)),
                ("target", models.CharField(blank=True, max_length=128)),
                ("cause", models.CharField(blank=True, max_length=500)),
                ("changed", models.JSONField(default=dict)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("dataset", models.CharField(blank=True, max_length=16)),
            ],
            options={
                "db_table": "accounts_audit",
                "indexes": [
                    models.Index(fields=["actor", "-id"], name="audit_actor"),
                    models.Index(fields=["target", "-id"], name="audit_target"),
                    models.Index(fields=["verb", "-id"], name="audit_verb"),
                    models.Index(fields=["actor", "verb", "at"], name="audit_lookups"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Department",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="编码")),
                ("name", models.CharField(max_length=80, verbose_name="名称")),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="accounts.department",
                        verbose_name="上级部门",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Staff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("staff_number", models.CharField(max_length=20, unique=True, verbose_name="工号")),
                ("name", models.CharField(max_length=80, verbose_name="姓名")),
                ("email", models.EmailField(blank=True, default="", max_length=254, verbose_name="邮箱")),
                ("phone", models.CharField(blank=True, default="", max_length=32, verbose_name="工作电话")),
                ("is_active", models.BooleanField(default=True, verbose_name="在职")),
                ("must_change_password", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="staff",
                        to="accounts.department",
                        verbose_name="部门",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Role",
            fields=[
                ("code", models.SlugField(max_length=40, primary_key=True, serialize=False, verbose_name="编码")),
                ("name", models.CharField(blank=True, max_length=80, verbose_name="名称")),
                (
                    "scope",
                    models.CharField(
                        choices=[("all", "all"), ("sites", "sites"), ("party", "party"), ("none", "none")],
                        max_length=8,
                        verbose_name="可见范围",
                    ),
                ),
                (
                    "permissions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                ("follows_code", models.BooleanField(default=False)),
                (
                    "superior",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subordinates",
                        to="accounts.role",
                        verbose_name="上级角色",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RoleAssignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="assignments", to="accounts.role"
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="用途")),
                ("prefix", models.CharField(max_length=16, unique=True)),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("principal", models.CharField(max_length=64, verbose_name="身份")),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None),
                ),
                ("source", models.SlugField(blank=True, default="", max_length=40, verbose_name="来源代码")),
                (
                    "milestones",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, null=True, size=None
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="到期")),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["principal"], name="apikey_principal")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("principal__regex", "^(staff:[A-Za-z0-9_-]{1,20}|(customer|partner):[0-9]{1,18})$")
                        ),
                        name="apikey_principal_kind",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.CheckConstraint(
                condition=models.Q(("staff_number__regex", "^[A-Za-z0-9_-]{1,20}$")), name="staff_number_is_plain"
            ),
        ),
        migrations.AddConstraint(
            model_name="roleassignment",
            constraint=models.UniqueConstraint(
                fields=("staff", "role", "department"), name="role_held_once", nulls_distinct=False
            ),
        ),
        migrations.RunSQL(APPEND_ONLY, "DROP FUNCTION huoji_append_only"),
        migrations.RunSQL(
            AUDIT_IS_APPEND_ONLY,
            "DROP TRIGGER append_only ON accounts_audit; DROP TRIGGER append_only_truncate ON accounts_audit",
        ),
    ]
