"""The tables of places: sites, the many texts that mean one site, lanes between sites, and who works where."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from huoji.core.milestone import Mode
from huoji.core.place import ALIAS_LENGTH_MAX, CODE_LENGTH_MAX, NAME_LENGTH_MAX, PHONE_LENGTH_MAX, SiteKind

DATASET_LENGTH_MAX = 16


class Site(models.Model):
    """An outlet, hub, port, warehouse, airport or pickup point."""

    code = models.CharField(_("编码"), max_length=CODE_LENGTH_MAX, unique=True)
    name = models.CharField(_("中文名称"), max_length=NAME_LENGTH_MAX)
    name_en = models.CharField(_("英文名称"), max_length=NAME_LENGTH_MAX, blank=True, default="")
    kind = models.CharField(_("类型"), max_length=16, choices=[(kind.value, kind.value) for kind in SiteKind])
    locode = models.CharField(max_length=5, blank=True, default="")
    area = models.CharField(_("行政区划代码"), max_length=6, blank=True, default="")
    lat = models.FloatField(_("纬度"), null=True, blank=True)
    lon = models.FloatField(_("经度"), null=True, blank=True)
    time_zone = models.CharField(_("时区"), max_length=40, default="Asia/Shanghai")
    phone = models.CharField(_("电话"), max_length=PHONE_LENGTH_MAX, blank=True, default="")
    active = models.BooleanField(_("在用"), default=True)
    created_at = models.DateTimeField(db_default=Now())
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="site_code_is_plain", condition=models.Q(code__regex=r"^[A-Z0-9][A-Z0-9_-]*$")),
            models.CheckConstraint(
                name="site_kind_known", condition=models.Q(kind__in=[kind.value for kind in SiteKind])
            ),
            models.CheckConstraint(
                name="site_on_earth",
                condition=models.Q(lat__isnull=True, lon__isnull=True)
                | models.Q(lat__isnull=False, lon__isnull=False, lat__range=(-90, 90), lon__range=(-180, 180)),
            ),
        ]


class Alias(models.Model):
    """A text by which others name a site; `key` is how it is compared, and belongs to one site only."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="aliases")
    text = models.CharField(_("别名"), max_length=ALIAS_LENGTH_MAX)
    key = models.CharField(max_length=ALIAS_LENGTH_MAX, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        constraints = [models.CheckConstraint(name="alias_key_not_empty", condition=~models.Q(key=""))]


class SiteStaff(models.Model):
    """A member of staff who works at a site, and so sees the shipments whose story touches it."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="staff")
    created_at = models.DateTimeField(db_default=Now())
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(name="site_staff_once", fields=["staff", "site"])]


class Lane(models.Model):
    """A way between two sites by one mode, with the time and distance that are planned for it."""

    origin = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="lanes_out")
    destination = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="lanes_in")
    mode = models.CharField(_("运输方式"), max_length=16, choices=[(mode.value, mode.value) for mode in Mode])
    planned_min = models.PositiveIntegerField(_("计划时长(分钟)"))
    distance_km = models.PositiveIntegerField(_("里程(公里)"), null=True, blank=True)
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="lane_once", fields=["origin", "destination", "mode"]),
            models.CheckConstraint(name="lane_moves", condition=~models.Q(origin=models.F("destination"))),
            models.CheckConstraint(name="lane_takes_time", condition=models.Q(planned_min__gt=0)),
        ]


class Fence(models.Model):
    """The ground of a site: a circle, or a polygon."""

    site = models.OneToOneField(Site, models.CASCADE, primary_key=True, related_name="+")
    radius_m = models.PositiveIntegerField(default=500)
    polygon = models.JSONField(default=list, help_text="[[latitude, longitude], …] in micro-degrees; empty: a circle.")
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="fence_radius", condition=models.Q(radius_m__range=(20, 50_000))),
        ]


class PlacesVersion(models.Model):
    """One row that changes with every change of places, so that each process knows when its copy is old."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    token = models.UUIDField()

    class Meta:
        constraints = [models.CheckConstraint(name="places_version_alone", condition=models.Q(id=1))]
