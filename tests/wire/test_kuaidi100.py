"""快递100 both ways."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.wire import FormatError
from huoji.wire import kuaidi100 as k100
from tests.wire.documents import damaged, outcome

ANSWER = {
    "nu": "YT1234567890123",
    "com": "yuantong",
    "state": 3,
    "ischeck": "1",
    "message": "ok",
    "data": [
        {"time": "2026-03-02 10:00:00", "context": "已签收", "statusCode": "301", "areaName": "重庆", "location": ""},
        {"ftime": "2026-03-01 9:05", "context": "已揽收"},
    ],
    "routeInfo": {"from": {"name": "浙江,杭州市"}, "to": {"name": "重庆"}},
}
PUSH = {"status": "shutdown", "message": "", "lastResult": ANSWER}


def data(value):
    return json.dumps(value, ensure_ascii=False).encode()


def test_an_answer_is_read():
    found = k100.decode(data(ANSWER))
    assert (found.number, found.company, found.state, found.signed) == ("YT1234567890123", "yuantong", "3", True)
    assert [line.code for line in found.lines] == ["301", ""]
    assert found.lines[1].time == "2026-03-01 9:05"
    assert (found.origin, found.destination) == ("浙江,杭州市", "重庆")


@pytest.mark.parametrize("value", [PUSH, {"param": PUSH}, {"param": json.dumps(PUSH)}])
def test_a_push_is_read_however_it_is_wrapped(value):
    found = k100.decode(data(value))
    assert found.monitor == "shutdown"
    assert len(found.lines) == 2


def test_a_push_is_taken_only_with_its_signature_when_there_is_a_salt():
    param = json.dumps(PUSH)
    body = urlencode({"param": param, "sign": k100.push_sign(param=param, salt="s").lower()}).encode()
    assert k100.decode_push(body, salt="s").monitor == "shutdown"
    assert k100.decode_push(body, salt="").monitor == "shutdown"
    with pytest.raises(FormatError) as caught:
        k100.decode_push(body, salt="other")
    assert caught.value.code == "sign"
    with pytest.raises(FormatError):
        k100.decode_push(urlencode({"param": param}).encode(), salt="s")


def test_signatures_are_those_of_the_published_vectors():
    param = '{"com":"yuantong","num":"YT1234567890123"}'
    assert k100.client_sign(param=param, key="KEY1", customer="CUST1") == "BCE6768C35842D412E740E83D8BC41F5"
    signed = k100.carrier_sign(key="KEY1", number="TEST0000000001", secret="SECRET1")
    assert signed == "B9C352C148838BD8154D72B1215C0B46"
    query = k100.Query(key="KEY1", number="TEST0000000001", sign=signed.lower())
    assert query.is_signed_with("SECRET1")
    assert not query.is_signed_with("SECRET2")
    assert k100.decode_query(k100.encode_query(query)) == query


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"nu": None}, "$.nu"),
        ({"nu": "9" * 33}, "$.nu"),
        ({"state": "signed"}, "$.state"),
        ({"state": True}, "$.state"),
        ({"data": {}}, "$.data"),
        ({"data": [{"time": "2026-03-01 10:00:00"}]}, "$.data[0].context"),
        ({"data": [{"context": "已揽收"}]}, "$.data[0].ftime"),
        ({"data": [{"context": "已揽收", "time": "2026-02-30 10:00:00"}]}, "$.data[0].time"),
        ({"data": [{"context": "已揽收", "time": "昨天"}]}, "$.data[0].time"),
        ({"data": [{"context": "x", "time": "2026-03-01"}] * 1001}, "$.data"),
    ],
)
def test_a_fault_is_told_with_its_path(changed, path):
    with pytest.raises(FormatError) as caught:
        k100.decode(data(ANSWER | changed))
    assert caught.value.path == path


TIMES = st.datetimes().map(lambda moment: moment.strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0"))
TEXTS = st.from_regex(r"[\w一-龥 ,。]{0,20}[一-龥]", fullmatch=True)
LINES = st.builds(k100.Line, time=TIMES, context=TEXTS, location=st.just("") | TEXTS)
ANSWERS = st.builds(
    k100.CarrierAnswer, result=st.booleans(), message=TEXTS, state=st.sampled_from(["", "0", "3", "14", "101"]), lines=st.lists(LINES, max_size=5).map(tuple)
)  # fmt: skip


@given(ANSWERS)
def test_what_we_answer_is_read_back_the_same(answer):
    assert k100.decode_answer(k100.encode_answer(answer)) == answer


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_in_our_own_words(raw):
    for decode in (k100.decode, k100.decode_answer, k100.decode_query):
        with pytest.raises(FormatError):
            decode(raw)
    assert outcome(lambda body: k100.decode_push(body, salt=""), raw)


@given(damaged(PUSH))
def test_a_damaged_push_is_read_or_refused_but_never_breaks_us(raw):
    assert outcome(k100.decode, raw)


@given(st.dictionaries(st.sampled_from(["key", "num", "sign", "param"]), st.text(max_size=40)))
def test_any_form_is_read_or_refused(fields):
    body = urlencode(fields, errors="replace").encode()
    assert outcome(k100.decode_query, body)
    assert outcome(lambda raw: k100.decode_push(raw, salt="s"), body)
