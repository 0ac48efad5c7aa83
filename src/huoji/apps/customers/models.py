"""The tables of customers: who they are, whom we speak to there, and what else they are called."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from huoji.core.customer import AliasKind, CustomerKind
from huoji.core.milestone import Line

NAME_LENGTH_MAX = 120


class Customer(models.Model):
    """A shipper, consignee or partner with whom we have dealings; his keys act as `customer:<id>` or `partner:<id>`."""

    code = models.CharField(_("客户编码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=NAME_LENGTH_MAX)
    name_key = models.CharField(max_length=NAME_LENGTH_MAX, db_index=True)
    kind = models.CharField(_("类型"), max_length=10, choices=[(kind.value, kind.value) for kind in CustomerKind])
    account_number = models.CharField(_("月结账号"), max_length=40, null=True, blank=True, unique=True)
    lines = ArrayField(
        models.CharField(max_length=10, choices=[(line.value, line.value) for line in Line]), default=list
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())
    dataset = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="customer_kind", condition=models.Q(kind__in=[kind.value for kind in CustomerKind])
            ),
            models.CheckConstraint(name="customer_code", condition=models.Q(code__regex=r"^[A-Z0-9_-]{1,40}$")),
        ]


class Contact(models.Model):
    """A person at a customer: personal data, masked unless somebody gives a reason."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(_("姓名"), max_length=NAME_LENGTH_MAX)
    phone = models.CharField(_("电话"), max_length=40, blank=True, default="")
    phone_key = models.CharField(max_length=20, blank=True, default="", db_index=True)
    email = models.EmailField(_("邮箱"), blank=True, default="")
    address = models.CharField(_("地址"), max_length=300, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    dataset = models.CharField(max_length=16, blank=True, default="")


class CustomerAlias(models.Model):
    """Another name of a customer, or the beginning of his own references; each means one customer."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="aliases")
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in AliasKind])
    text = models.CharField(max_length=NAME_LENGTH_MAX)
    key = models.CharField(max_length=NAME_LENGTH_MAX)
    dataset = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="alias_means_one_customer", fields=["kind", "key"]),
            models.CheckConstraint(name="alias_kind", condition=models.Q(kind__in=[kind.value for kind in AliasKind])),
        ]
