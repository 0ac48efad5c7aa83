"""Client addresses count only as far as trusted proxies wrote them."""

from ipaddress import ip_network

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from huoji.kit.http import client_address, client_key, is_direct_loopback

PROXIES = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1"))


@pytest.mark.parametrize(
    ("case", "remote", "forwarded", "expected"),
    [
        ("no proxy", "203.0.113.5", "", "203.0.113.5"),
        ("a stranger's header is ignored", "203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("one proxy", "127.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("two proxies", "127.0.0.1", "203.0.113.5, 10.1.1.1", "203.0.113.5"),
        ("the client lied to the proxy", "127.0.0.1", "1.1.1.1, 203.0.113.5", "203.0.113.5"),
        ("a broken hop stops the walk", "127.0.0.1", "203.0.113.5, nonsense, 10.1.1.1", "10.1.1.1"),
        ("the proxy itself asks", "127.0.0.1", "", "127.0.0.1"),
        ("IPv4 mapped proxy", "::ffff:127.0.0.1", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_client_address_is_found_behind_trusted_proxies_only(case, remote, forwarded, expected):
    assert client_address(remote, forwarded, trusted=PROXIES) == expected, case


@given(st.text(max_size=200))
def test_without_trusted_proxies_no_header_changes_the_address(forwarded):
    assert client_address("192.0.2.1", forwarded, trusted=()) == "192.0.2.1"


def test_an_ipv6_client_is_counted_by_its_64_bit_network():
    assert client_key("2001:db8:0:1::5") == client_key("2001:db8:0:1:ffff::9") == "2001:db8:0:1::/64"
    assert client_key("2001:db8:0:2::5") != client_key("2001:db8:0:1::5")
    assert client_key("192.0.2.1") == client_key("::ffff:192.0.2.1") == "192.0.2.1"
    assert client_key("unix:") == "unix:"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, True),
        ({"REMOTE_ADDR": "::1"}, True),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.5"}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=203.0.113.5"}, False),
        ({"REMOTE_ADDR": "203.0.113.5"}, False),
    ],
)
def test_a_proxy_on_loopback_is_not_someone_on_this_machine(headers, expected):
    assert is_direct_loopback(RequestFactory().get("/", **headers)) is expected
