from __future__ import annotations

import msgspec
import pytest

from showctl.model.show import Bus, Entry
from showctl.supervisor.bill import bill
from tests.supervisor.service import SHOW


def test_the_bill_has_the_songs_in_order_and_each_bus_with_its_outputs() -> None:
    encore = msgspec.structs.replace(SHOW.songs["closer"], id="encore", title="Encore, again")
    show = msgspec.structs.replace(
        SHOW,
        songs={**SHOW.songs, "encore": encore},
        entries=(Entry(1, "encore", "arm", 1), Entry(2, "closer", "arm", 1), Entry(3, "encore", "arm", 1)),
    )
    assert list(bill(show, "Scarlett (ALSA)")) == [
        "Rooftop: 1 Encore, again, 2 Closer, 3 Encore, again",
        "outputs of Scarlett (ALSA): house 1-2 (audience), drums 3-4",
    ]


@pytest.mark.parametrize(
    ("channels", "outputs"), [((4,), "5"), ((0, 1), "1-2"), ((1, 0), "2+1"), ((0, 2), "1+3"), ((2, 3, 4), "3-5")]
)
def test_outputs_are_told_as_people_count_them(channels: tuple[int, ...], outputs: str) -> None:
    show = msgspec.structs.replace(SHOW, buses=(Bus("singer", "Singer", channels),))
    assert list(bill(show, "virtual"))[1] == f"outputs of virtual: Singer {outputs}"
