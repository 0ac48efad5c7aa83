"""The addresses of customers in the workspace; web mounts them below /app/."""

from django.urls import URLPattern, path

from huoji.apps.customers import views

urlpatterns: list[URLPattern] = [
    path("customers/", views.customers, name="customers"),
    path("customers/look-up", views.look_up, name="customer-look-up"),
    path("customers/new", views.customer_new, name="customer-new"),
    path("customers/<int:customer_id>", views.customer, name="customer"),
    path("customers/<int:customer_id>/edit", views.customer_edit, name="customer-edit"),
    path("customers/<int:customer_id>/contacts/new", views.contact_new, name="contact-new"),
    path("customers/<int:customer_id>/contacts/<int:contact_id>/remove", views.contact_remove, name="contact-remove"),
    path("customers/<int:customer_id>/contacts/<int:contact_id>/unmask", views.contact_unmask, name="contact-unmask"),
    path("customers/<int:customer_id>/aliases", views.alias_add, name="alias-add"),
    path("customers/<int:customer_id>/aliases/<int:alias_id>/remove", views.alias_remove, name="alias-remove"),
    path("customers/<int:customer_id>/keys/new", views.key_new, name="customer-key-new"),
]
