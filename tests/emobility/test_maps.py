"""Where places stand on the map, which are drawn as one, and what a view shows."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from emobility.lib.maps import HEIGHT, WIDTH, Spot, drawn, fitted, moved, view_of
from emobility.settings_map import image_hosts

BERLIN, POTSDAM, LYON = (
    Spot(52.52, 13.405, "Berlin Mitte", "Berlin", "/b/", "good", "2 of 2 free"),
    Spot(52.391, 13.065, "Potsdam", "Potsdam", "/p/"),
    Spot(45.764, 4.836, "Lyon", "Lyon", "/l/"),
)


def test_a_place_in_the_middle_is_drawn_in_the_middle():
    (mark,) = drawn([BERLIN], view_of(52.52, 13.405, 10))["marks"]
    assert (mark.x, mark.y) == pytest.approx((WIDTH / 2, HEIGHT / 2), abs=0.1)
    assert (mark.count, mark.label, mark.tone) == (1, "Berlin Mitte", "good")


def test_north_is_up_and_east_is_right():
    marks = {mark.label: mark for mark in drawn([BERLIN, LYON], view_of(49, 9, 5))["marks"]}
    assert marks["Berlin Mitte"].x > marks["Lyon"].x
    assert marks["Berlin Mitte"].y < marks["Lyon"].y


def test_near_places_are_one_that_leads_nearer_until_they_part():
    (mark,) = drawn([BERLIN, POTSDAM], view_of(52.45, 13.2, 5))["marks"]
    assert (mark.count, len(mark.spots)) == (2, 2)
    view = mark.view
    while len(marks := drawn([BERLIN, POTSDAM], view)["marks"]) == 1:
        view = marks[0].view
    assert {each.label for each in marks} == {"Berlin Mitte", "Potsdam"}


@given(
    st.lists(st.builds(Spot, st.floats(-84, 84), st.floats(-180, 180), st.just("x")), min_size=1, max_size=30)
)
def test_the_fitting_view_shows_every_place(spots):
    assert len(drawn(spots, fitted(spots))["in_view"]) == len(spots)


def test_moving_stays_on_the_world_and_the_net_has_round_degrees():
    view = view_of(80, 179, 3)
    for _step in range(50):
        view = moved(view, right=0.5, down=-0.5)
    assert (view.latitude <= 90, view.longitude <= 180) == (True, True)
    picture = drawn([], view_of(50, 10, 6))
    assert [text for _x, text in picture["meridians"]][:2] == ["0°", "5° E"]
    assert picture["scale"][1] == "200 km"


def test_countries_are_drawn_where_no_tiles_are():
    europe = drawn([], view_of(50, 10, 4))["land"]
    assert europe.startswith("M")
    assert len(europe) < 150_000
    assert drawn([], view_of(0, -140, 8))["land"] == ""
    assert drawn([], view_of(50, 10, 4), "https://t.example/{z}/{x}/{y}.png")["land"] == ""


def test_tiles_are_named_only_where_there_are_some():
    view = view_of(52.52, 13.405, 10)
    assert drawn([], view)["tiles"] == []
    tiles = drawn([], view, "https://t.example/{z}/{x}/{y}.png")["tiles"]
    assert 12 <= len(tiles) <= 20
    assert all(url.startswith("https://t.example/10/5") for _x, _y, url in tiles)


def test_the_address_of_tiles_opens_only_its_host():
    assert image_hosts("") == []
    assert image_hosts("https://t.example:8443/a/{z}/{x}/{y}.png?k=1") == ["https://t.example:8443"]
    for wrong in ("t.example/{z}/{x}/{y}", "https://t.example/tiles", "ftp://t.example/{z}/{x}/{y}"):
        with pytest.raises(ImproperlyConfigured):
            image_hosts(wrong)
