"""Tables of shipments: orders, units, waybills, events, custody, stories and what is searched.

`event`, `custody` and `story` are RANGE-partitioned by unit id (a month each), so they are made in SQL by the first
migration; every unique key of theirs leads with the unit id.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from huoji.core.milestone import Classifier, Line, Milestone, Mode, Reason, Status


def _choices(words: type[Line | Status | Mode]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class Source(models.Model):
    """Where facts come from: an API key's owner, a connector, the scan page, the desk."""

    id = models.SmallAutoField(primary_key=True)
    name = models.CharField(max_length=60, unique=True)
    label = models.CharField(max_length=120, blank=True)
    revising = models.BooleanField(
        default=False, help_text="Same event id with other content replaces the earlier one."
    )
    full_list = models.BooleanField(default=False, help_text="Each answer lists all; what is no longer listed is void.")
    assumed_offset_min = models.SmallIntegerField(default=480)

    class Meta:
        db_table = "source"


class Batch(models.Model):
    """One import, call or document; can be undone whole."""

    class State(models.TextChoices):
        UPLOADED = "uploaded"  # waits until somebody has said how it is read
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        UNDOING = "undoing"
        UNDONE = "undone"

    kind = models.CharField(max_length=20)
    source = models.ForeignKey(Source, models.PROTECT)
    name = models.CharField(max_length=200, blank=True)
    blob = models.CharField(max_length=64, blank=True)
    error_blob = models.CharField(max_length=64, blank=True)
    principal = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    mapping = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    # How far an import has come, kept in the transaction of each chunk.
    progress = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "batch"


class Order(models.Model):
    """What a customer asked us to carry; one order has one or more waybills."""

    number = models.CharField(max_length=40, db_index=True)
    line = models.CharField(max_length=8, choices=_choices(Line))
    customer_id = models.BigIntegerField(null=True, db_index=True)
    placed_at = models.DateTimeField(null=True)
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "order_"


class Unit(models.Model):
    """Anything an event can be about: waybill, piece, bag, pallet, trip, voyage, use of a container, traceable EPC."""

    class Kind(models.TextChoices):
        WAYBILL = "waybill"
        PIECE = "piece"
        BAG = "bag"
        PALLET = "pallet"
        TRIP = "trip"
        VOYAGE = "voyage"
        CONTAINER = "container"
        EPC = "epc"

    id = models.BigIntegerField(primary_key=True, db_default=models.Func(function="huoji_unit_id"))
    kind = models.CharField(max_length=10, choices=Kind)
    number = models.CharField(max_length=160)
    label = models.CharField(max_length=120, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, db_constraint=False)
    owner = models.CharField(
        max_length=60, blank=True, help_text="Principal that brought it in; sees it besides staff."
    )
    voided_at = models.DateTimeField(null=True, help_text="The import that brought it was undone.")
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "unit"
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="unit_number")]
        indexes = [models.Index(fields=["label"], name="unit_epc_label", condition=models.Q(kind="epc"))]


class Waybill(models.Model):
    """A unit that a customer asks about, with what was promised for it."""

    unit = models.OneToOneField(Unit, models.PROTECT, primary_key=True)
    order = models.ForeignKey(Order, models.PROTECT, null=True)
    line = models.CharField(max_length=8, choices=_choices(Line))
    customer_id = models.BigIntegerField(null=True, db_index=True)
    origin = models.CharField(max_length=120, blank=True)
    origin_id = models.BigIntegerField(null=True)
    destination = models.CharField(max_length=120, blank=True)
    destination_id = models.BigIntegerField(null=True)
    goods = models.CharField(max_length=200, blank=True)
    pieces = models.PositiveIntegerField(default=1)
    weight_kg = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    volume_m3 = models.DecimalField(max_digits=10, decimal_places=3, null=True)
    remark = models.CharField(max_length=500, blank=True)
    source = models.ForeignKey(Source, models.PROTECT)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True)
    digest = models.BigIntegerField()
    created_at = models.DateTimeField(db_index=True)
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "waybill"


class Party(models.Model):
    """A person or firm on a waybill: the only rows here that hold personal data."""

    waybill = models.ForeignKey(Waybill, models.CASCADE)
    role = models.CharField(max_length=16)
    name = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=300, blank=True)
    phone_last4 = models.CharField(max_length=4, blank=True)
    customer_id = models.BigIntegerField(null=True)
    erased_at = models.DateTimeField(null=True)
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "party"
        constraints = [models.UniqueConstraint(fields=["waybill", "role"], name="party_role")]


class Reference(models.Model):
    """Another number under which a waybill is known; `public` ones answer a bare search."""

    class Kind(models.TextChoices):
        ORDER = "order"
        BOOKING = "booking"
        BILL = "bill"
        CONTAINER = "container"
        CUSTOMER = "customer"
        CARRIER = "carrier"
        SOURCE = "source"

    unit = models.ForeignKey(Unit, models.CASCADE)
    kind = models.CharField(max_length=10, choices=Kind)
    value = models.CharField(max_length=80)
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "reference"
        constraints = [models.UniqueConstraint(fields=["value", "kind", "unit"], name="reference_value")]


class Leg(models.Model):
    """One planned part of the way, by one mode."""

    waybill = models.ForeignKey(Waybill, models.CASCADE)
    seq = models.PositiveSmallIntegerField()
    mode = models.CharField(max_length=14, choices=_choices(Mode))
    from_place = models.CharField(max_length=120, blank=True)
    from_id = models.BigIntegerField(null=True)
    to_place = models.CharField(max_length=120, blank=True)
    to_id = models.BigIntegerField(null=True)
    departs_at = models.DateTimeField(null=True)
    arrives_at = models.DateTimeField(null=True)
    carrier_unit = models.ForeignKey(Unit, models.PROTECT, null=True)
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "leg"
        constraints = [models.UniqueConstraint(fields=["waybill", "seq"], name="leg_seq")]


class Link(models.Model):
    """Two waybills of one story: `unit` was returned or forwarded as `other`."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    other = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    relation = models.CharField(max_length=12)

    class Meta:
        db_table = "link"
        constraints = [models.UniqueConstraint(fields=["unit", "other", "relation"], name="link_once")]


class Event(models.Model):
    """Something that happened, is planned or is estimated: stored once, on the unit it is about, never changed."""

    pk = models.CompositePrimaryKey("unit_id", "key", "digest")
    unit_id = models.BigIntegerField()
    key = models.BigIntegerField()
    digest = models.BigIntegerField()
    id = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    precision = models.SmallIntegerField()
    offset_min = models.SmallIntegerField()
    offset_assumed = models.BooleanField()
    recorded_at = models.DateTimeField()
    classifier = models.CharField(max_length=3, choices=[(c.value, c.value) for c in Classifier])
    milestone = models.CharField(max_length=20, choices=[(m.value, m.value) for m in Milestone])
    reason = models.CharField(max_length=20, choices=[(r.value, r.value) for r in Reason], blank=True)
    source_id = models.SmallIntegerField()
    source_event_id = models.CharField(max_length=160, blank=True)
    provider = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=80, blank=True)
    text = models.CharField(max_length=300, blank=True)
    place_id = models.BigIntegerField(null=True)
    place = models.CharField(max_length=120, blank=True)
    next_place_id = models.BigIntegerField(null=True)
    next_place = models.CharField(max_length=120, blank=True)
    mode = models.CharField(max_length=14)
    holder_id = models.BigIntegerField(null=True)
    piece_id = models.BigIntegerField(null=True)
    voids = models.BigIntegerField(null=True)
    rev = models.BigIntegerField(help_text="Which content of the event stands: the highest.")
    evidence_id = models.BigIntegerField(null=True)
    batch_id = models.BigIntegerField(null=True)
    principal = models.CharField(max_length=60)
    dataset = models.CharField(max_length=12)

    class Meta:
        managed = False
        db_table = "event"


class Evidence(models.Model):
    """What proves an event: who signed, pictures by hash, the reason a person gave, and the raw foreign document."""

    signed_by = models.CharField(max_length=120, blank=True)
    blobs = ArrayField(models.CharField(max_length=64), default=list)
    note = models.CharField(max_length=500, blank=True)
    raw = models.JSONField(null=True)
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "evidence"


class Custody(models.Model):
    """A unit held by another over a half-open span; derived from loads and unloads."""

    pk = models.CompositePrimaryKey("unit_id", "holder_id", "since")
    unit_id = models.BigIntegerField()
    holder_id = models.BigIntegerField()
    since = models.BigIntegerField(help_text="Epoch seconds.")
    until = models.BigIntegerField(help_text="Epoch seconds; 2^62 while aboard.")

    class Meta:
        managed = False
        db_table = "custody"


class Story(models.Model):
    """The folded facts of one waybill, packed; rewritten with every event."""

    unit_id = models.BigIntegerField(primary_key=True)
    fold_version = models.SmallIntegerField()
    body = models.BinaryField()

    class Meta:
        managed = False
        db_table = "story"


class StaleStory(models.Model):
    """A story that must be folded afresh; a reader that meets this mark folds at once."""

    unit_id = models.BigIntegerField(primary_key=True)
    since = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        db_table = "story_stale"


class State(models.Model):
    """What is searched of a story, in narrow columns."""

    unit = models.OneToOneField(Unit, models.PROTECT, primary_key=True, db_constraint=False, related_name="state")
    status = models.CharField(max_length=16, choices=_choices(Status))
    line = models.CharField(max_length=8, choices=_choices(Line))
    last_at = models.DateTimeField(null=True)
    place_id = models.BigIntegerField(null=True)
    expected_at = models.DateTimeField(null=True)
    late_min = models.IntegerField(default=0)
    next_check_at = models.DateTimeField(null=True)
    stalled_since = models.DateTimeField(null=True)

    class Meta:
        db_table = "waybill_state"
        indexes = [
            models.Index(fields=["status", "-unit_id"], name="state_of_status"),
            models.Index(fields=["next_check_at"], name="state_check", condition=models.Q(next_check_at__isnull=False)),
            models.Index(
                fields=["stalled_since"], name="state_stalled", condition=models.Q(stalled_since__isnull=False)
            ),
            models.Index(fields=["-late_min"], name="state_late", condition=models.Q(late_min__gt=0)),
        ]


class Touch(models.Model):
    """A waybill's story touched a site: what outlet, warehouse and courier may see."""

    pk = models.CompositePrimaryKey("site_id", "unit_id")
    site_id = models.BigIntegerField()
    unit_id = models.BigIntegerField()

    class Meta:
        db_table = "waybill_site"


class Parked(models.Model):
    """An event for a number nobody knows yet; joined when the shipment appears."""

    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=160)
    source = models.ForeignKey(Source, models.PROTECT)
    key = models.BigIntegerField()
    digest = models.BigIntegerField()
    body = models.BinaryField(help_text="The report, packed.")
    principal = models.CharField(max_length=60)
    batch = models.ForeignKey(Batch, models.CASCADE, null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "parked_event"
        indexes = [
            models.Index(fields=["value", "kind"], name="parked_value"),
            models.Index(fields=["created_at"], name="parked_age"),
        ]
        constraints = [models.UniqueConstraint(fields=["value", "kind", "key", "digest"], name="parked_once")]


class Mention(models.Model):
    """A name that an event of a foreign document spoke of, so that a retraction that gives only its id finds it.

    A row without a name says that the event was taken back, perhaps before it was told.
    """

    source = models.ForeignKey(Source, models.PROTECT)
    key = models.BigIntegerField()
    kind = models.CharField(max_length=20, blank=True)
    value = models.CharField(max_length=160, blank=True)

    class Meta:
        db_table = "mention"
        constraints = [models.UniqueConstraint(fields=["source", "key", "kind", "value"], name="mention_once")]


class FailedTry(models.Model):
    """Wrong last-4 tries, counted per waybill and per client; five a day lock only the extra detail."""

    subject = models.CharField(max_length=80)
    day = models.DateField()
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "failed_try"
        constraints = [models.UniqueConstraint(fields=["subject", "day"], name="failed_try_once")]


class SavedView(models.Model):
    """A named filter of the shipment list, kept for one member of staff."""

    principal = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)

    class Meta:
        db_table = "saved_view"
        constraints = [models.UniqueConstraint(fields=["principal", "name"], name="saved_view_name")]


class KeptDraft(models.Model):
    """A shipment that somebody is still typing; sealed, since it holds personal data, and forgotten after some days."""

    principal = models.CharField(max_length=60, primary_key=True)
    sealed = models.BinaryField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "kept_draft"


class Mapping(models.Model):
    """How the columns of one kind of file were read last time, found again by its header."""

    header_digest = models.CharField(max_length=32)
    kind = models.CharField(max_length=20)
    mapping = models.JSONField()
    principal = models.CharField(max_length=60)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "import_mapping"
        constraints = [models.UniqueConstraint(fields=["header_digest", "kind"], name="import_mapping_once")]
