"""The addresses of accounts in the workspace; web mounts them below /app/."""

from django.urls import URLPattern, path

from huoji.apps.accounts.views import people, trust

urlpatterns: list[URLPattern] = [
    path("staff/", people.staff_list, name="staff-list"),
    path("staff/new", people.staff_new, name="staff-new"),
    path("staff/<int:staff_id>", people.staff_detail, name="staff-detail"),
    path("staff/<int:staff_id>/edit", people.staff_edit, name="staff-edit"),
    path("staff/<int:staff_id>/roles", people.staff_assign, name="staff-assign"),
    path("staff/<int:staff_id>/roles/<int:assignment_id>/withdraw", people.staff_withdraw, name="staff-withdraw"),
    path("staff/<int:staff_id>/sessions/<int:session_id>/end", people.session_end, name="session-end"),
    path("staff/<int:staff_id>/keys/new", trust.staff_key_new, name="staff-key-new"),
    *(
        path(f"staff/<int:staff_id>/{verb}", people.staff_do, {"verb": verb}, name=f"staff-{verb}")
        for verb in ("password", "factors", "leave", "return")
    ),
    path("departments/", people.departments, name="departments"),
    path("departments/new", people.department_new, name="department-new"),
    path("departments/<int:department_id>", people.department_edit, name="department-edit"),
    path("roles/", trust.roles, name="roles"),
    path("roles/new", trust.role_new, name="role-new"),
    path("roles/<slug:code>", trust.role_edit, name="role-edit"),
    path("roles/<slug:code>/reset", trust.role_reset, name="role-reset"),
    path("keys/", trust.keys, name="keys"),
    path("keys/<int:key_id>/revoke", trust.key_revoke, name="key-revoke"),
    path("audit/", trust.audit, name="audit"),
]
