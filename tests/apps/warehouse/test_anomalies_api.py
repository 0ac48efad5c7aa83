"""Anomalies over the API: reported with photos, listed, looked into, by who may and at the sites where he works."""

import io
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from huoji.apps.shipments.models import CargoException
from huoji.core.permission import KeyScope
from tests.anomaly.invariant import at_once
from tests.stores import Keeper, ago

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/api/v1/storage/anomalies"


def photo(name="p.jpg") -> SimpleUploadedFile:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(picture, "JPEG")
    return SimpleUploadedFile(name, picture.getvalue(), content_type="image/jpeg")


def told(number: str, **more) -> dict:
    return {
        "key": str(uuid4()), "number": number, "site": "SHA-WH", "kind": "damage", "pieces": "2", "note": "外箱压破",
        "discovered_at": ago(5), **more,
    }  # fmt: skip


def ask(keeper, path="", **asked):
    return Client().get(ADDRESS + path, asked, headers=keeper.headers)


def post(keeper, path, body, **more):
    return Client().post(ADDRESS + path, body, headers=keeper.headers, **more)


@pytest.mark.req("G02", part="reported, listed and answered over the API, with photos")
def test_an_anomaly_is_reported_with_photos_listed_by_number_and_looked_into(keeper, carrier):
    number = carrier.ship()
    body = told(number)
    made = post(keeper, "", {**body, "photo": [photo(), photo("q.jpg")]})
    assert made.status_code == 201, made.content
    anomaly = made.json()
    assert (anomaly["kind"], anomaly["pieces"], anomaly["site"], anomaly["closed_at"]) == ("damage", 2, "SHA-WH", None)
    again = post(keeper, "", {**body, "photo": [photo()]})
    assert (again.status_code, again.json()["id"]) == (200, anomaly["id"])
    [address] = anomaly["photos"]
    picture = Client().get(address, headers=keeper.headers)
    assert Image.open(io.BytesIO(b"".join(picture.streaming_content))).size == (40, 30)
    assert CargoException.objects.get(pk=anomaly["exception_id"]).kind == "damage"

    other = post(keeper, "", told(carrier.ship(), kind="loss")).json()
    assert [row["id"] for row in ask(keeper).json()["items"]] == [other["id"], anomaly["id"]]
    assert [row["id"] for row in ask(keeper, number=number).json()["items"]] == [anomaly["id"]]
    first = ask(keeper, limit=1).json()
    assert [row["id"] for row in ask(keeper, limit=1, cursor=first["next"]).json()["items"]] == [anomaly["id"]]

    assert post(keeper, f"/{anomaly['id']}/take", {}).status_code == 200
    json = {"content_type": "application/json"}
    assert post(keeper, f"/{anomaly['id']}/conclude", {"finding": " "}, **json).json()["code"] == "finding_missing"
    answered = post(keeper, f"/{anomaly['id']}/conclude", {"finding": "叉车撞击"}, **json).json()
    assert (answered["finding"], answered["investigated_at"] is not None, answered["closed_at"]) == (
        "叉车撞击",
        True,
        None,
    )
    refused = post(keeper, f"/{anomaly['id']}/conclude", {"finding": "叉车撞击", "cause": "handling"}, **json)
    assert refused.status_code == 403, "the cause is of the exception, for which the key has no scope"
    assert CargoException.objects.get(pk=anomaly["exception_id"]).cause == ""

    unknown = post(keeper, "", told("NOBODY77", kind="loss")).json()
    assert unknown["exception_id"] is None
    closed = post(keeper, f"/{unknown['id']}/conclude", {"finding": "已找到"}, **json).json()
    assert closed["closed_at"] is not None
    assert unknown["id"] not in [row["id"] for row in ask(keeper).json()["items"]]
    assert unknown["id"] in [row["id"] for row in ask(keeper, every="true").json()["items"]]


def test_what_is_not_well_formed_or_too_much_is_refused_with_its_code(keeper, carrier):
    number = carrier.ship()
    assert post(keeper, "", told(number, kind="fire")).status_code == 422
    assert post(keeper, "", told(number, discovered_at="2026-11-25T08:00:00")).status_code == 422
    assert post(keeper, "", told(number, site="NOWHERE")).json()["code"] == "unknown_site"
    assert (
        post(keeper, "", {**told(number), "photo": [photo(f"{n}.jpg") for n in range(7)]}).json()["code"]
        == "too_many_pictures"
    )
    fake = SimpleUploadedFile("p.jpg", b"<script>", content_type="image/jpeg")
    assert post(keeper, "", {**told(number), "photo": [fake]}).status_code in (415, 422)
    assert not ask(keeper).json()["items"]


def test_scopes_roles_and_sites_say_who_may(keeper, carrier, make_staff, make_key, client_of):
    made = post(keeper, "", {**told(carrier.ship()), "photo": [photo()]}).json()
    paths = ("", f"/{made['id']}", f"/{made['id']}/photos/{made['photos'][0].rpartition('/')[2]}")
    reader = Keeper(make_key("staff:W1", KeyScope.STORAGE_READ))
    assert [ask(reader, path).status_code for path in paths] == [200] * 3
    assert post(reader, "", told(carrier.ship())).status_code == 403
    assert post(reader, f"/{made['id']}/take", {}).status_code == 403
    other_scope = Keeper(make_key("staff:W1", KeyScope.SHIPMENTS_READ))
    assert [ask(other_scope, path).status_code for path in paths] == [403] * 3
    assert [Client().get(ADDRESS + path).status_code for path in paths] == [401] * 3

    elsewhere = client_of("warehouse", number="W9")  # works at no site of these
    assert not elsewhere.get(ADDRESS).json()["items"]
    assert elsewhere.post(
        f"{ADDRESS}/{made['id']}/conclude", {"finding": "x"}, content_type="application/json"
    ).status_code in (403, 404)
    assert elsewhere.post(ADDRESS, told(carrier.ship())).json()["code"] == "unknown_site"
    agent = client_of("cs_agent")
    assert agent.get(f"{ADDRESS}/{made['id']}").status_code == 200
    assert agent.post(ADDRESS, told(carrier.ship())).status_code == 403
    assert client_of("driver").get(ADDRESS).status_code == 403


def test_the_same_report_sent_several_times_at_one_moment_is_one_anomaly(keeper, carrier):
    body = told(carrier.ship())
    answers = at_once(*[lambda: post(keeper, "", body)] * 4)
    assert sorted(each.status_code for each in answers) == [200, 200, 200, 201]
    [row] = ask(keeper).json()["items"]
    assert {each.json()["id"] for each in answers} == {row["id"]}
    assert CargoException.objects.get().pk == row["exception_id"]
