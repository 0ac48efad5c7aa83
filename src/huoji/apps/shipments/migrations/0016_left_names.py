"""Keep a name that a shipment gave up, and until when it had it: what was told under it stays where it stands."""

from django.db import migrations, models

# As in 0013, and: a name that was given up answers for the time alone in which it was had, with no claim on what happened
# before it was named and no patience afterwards.
NAMED = """
CREATE OR REPLACE FUNCTION huoji_named(kinds text[], name text, moment timestamptz, own text, patience interval)
RETURNS TABLE (unit_id bigint, kind text) LANGUAGE sql STABLE AS $$
    WITH claim AS (
        SELECT u.id, u.owner, r.kind, r.left_at, coalesce(r.named_at, w.created_at) AS since, CASE
            WHEN s.status IN ('delivered', 'returned', 'cancelled') THEN coalesce(s.last_at, w.created_at)
            ELSE (
                SELECT max(e.occurred_at) FROM event e
                WHERE e.unit_id = u.id AND e.milestone = 'empty_returned' AND e.classifier = 'ACT'
                    AND NOT EXISTS (SELECT FROM event c WHERE c.unit_id = e.unit_id AND c.voids = e.key)
            ) END AS ended, greatest(s.last_at, r.named_at, w.created_at) + interval '60 days' AS silent
        FROM reference r JOIN unit u ON u.id = r.unit_id AND u.voided_at IS NULL AND (own IS NULL OR u.owner = own)
        JOIN waybill w ON w.unit_id = u.id JOIN waybill_state s ON s.unit_id = u.id
        WHERE r.value = name AND r.kind = ANY(kinds)
            AND (r.left_at IS NULL OR (r.left_at > moment AND coalesce(r.named_at, w.created_at) <= moment))
    ), used AS (
        SELECT id, owner, claim.kind, since, least(coalesce(ended, silent), left_at) AS until FROM claim
        WHERE ended IS NULL OR ended + patience >= moment
    ), placed AS (  -- 0: in use at that moment; 1: named only afterwards; 2: over by then
        SELECT *, CASE WHEN moment > until THEN 2 WHEN moment >= since THEN 0 ELSE 1 END AS place FROM used
    ), nearest AS (
        SELECT * FROM placed WHERE place = (SELECT min(place) FROM placed)
    )
    SELECT id, nearest.kind FROM nearest
    -- Of several principals the carrier goes first, then whoever named it first: a later one takes nothing from them.
    WHERE owner = (SELECT owner FROM nearest ORDER BY owner <> '', since, id LIMIT 1)
    ORDER BY CASE place WHEN 0 THEN since WHEN 2 THEN until END DESC, CASE place WHEN 1 THEN until END,
        CASE WHEN place <> 1 THEN id END DESC, since, id
    LIMIT 1
$$
"""


class Migration(migrations.Migration):
    """Adds a column, lets a shipment name a number again that it gave up, and says the one rule anew (ADR 23)."""

    dependencies = [("shipments", "0015_delayed")]

    operations = [
        migrations.AddField(
            "reference", "left_at", models.DateTimeField(null=True, help_text="When it was named no longer.")
        ),
        migrations.RemoveConstraint("reference", "reference_value"),
        migrations.AddConstraint(
            "reference",
            models.UniqueConstraint(
                fields=("value", "kind", "unit", "left_at"), name="reference_value", nulls_distinct=False
            ),
        ),
        migrations.RunSQL(NAMED, migrations.RunSQL.noop),
    ]
