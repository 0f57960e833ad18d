from __future__ import annotations

import pytest

from showctl.discovery.services import (
    Advertised,
    http_tcp,
    instance_name,
    osc_tcp,
    osc_udp,
    oscjson_tcp,
    service_info,
    touchosceditor_tcp,
)


def test_the_record_says_what_touchosc_looks_for() -> None:
    info = service_info("Rooftop", osc_udp(8000), ("192.168.1.20",))
    assert info.name == "Rooftop._osc._udp.local."
    assert info.port == 8000
    assert info.parsed_addresses() == ["192.168.1.20"]
    assert info.decoded_properties == {"txtvers": "1", "version": "1.1", "types": "ifsTFI", "app": "showctl"}


@pytest.mark.parametrize(
    ("service", "kind", "txt"),
    [
        (oscjson_tcp(8000), "_oscjson._tcp", {"txtvers": "1", "app": "showctl"}),
        (http_tcp(8000), "_http._tcp", {"path": "/", "app": "showctl"}),
        (touchosceditor_tcp(8000), "_touchosceditor._tcp", {}),
    ],
)
def test_what_is_spoken_over_http_has_records_too(service: Advertised, kind: str, txt: dict[str, str]) -> None:
    info = service_info("Rooftop", service, ())
    assert (info.name, info.port, info.decoded_properties) == (f"Rooftop.{kind}.local.", 8000, txt)


def test_the_host_name_is_not_that_of_the_machine_whose_own_responder_tells_it() -> None:
    server = service_info("Rooftop", osc_udp(8000), ()).server
    assert server
    assert server.startswith("rooftop-")
    assert server.endswith(".local.")


def test_a_taken_name_gets_a_number() -> None:
    assert [instance_name("Rooftop", attempt) for attempt in (1, 2, 3)] == ["Rooftop", "Rooftop-2", "Rooftop-3"]


def test_a_long_name_is_cut_between_characters_where_dns_wants_it() -> None:
    name = instance_name("ä" * 40, 2)
    assert name == "ä" * 30 + "-2"
    assert len(name.encode()) <= 63


def test_a_dot_would_end_the_name() -> None:
    assert instance_name("Vol. 2", 1) == "Vol  2"


def test_osc_over_tcp_says_which_framing_it_likes() -> None:
    info = service_info("Rooftop", osc_tcp(8000), ("192.168.1.20",))
    assert (info.type, info.port, info.properties[b"framing"]) == ("_osc._tcp.local.", 8000, b"slip")
