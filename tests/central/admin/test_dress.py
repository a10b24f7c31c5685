"""Forms in the theme's dress: choices given to plain fields stay."""

from django import forms

from registry.admin.dress import dressed


class Offer(forms.Form):
    session = forms.UUIDField(required=False)
    state = forms.CharField(required=False)
    text = forms.CharField(widget=forms.Textarea({"rows": 3}))


def test_a_select_put_on_a_plain_field_keeps_its_choices():
    form = Offer()
    choices = [("", "none"), ("a", "The first")]
    form.fields["session"].widget = forms.Select(choices=choices)
    form.fields["state"].widget = forms.Select(choices=choices)
    page = str(dressed(form))
    assert page.count("The first") == 2
    assert 'rows="3"' in page


def test_a_select_in_the_themes_dress_marks_what_was_chosen():
    form = Offer({"state": "a", "text": "x"})
    form.fields["state"].widget = forms.Select(choices=[("", "none"), ("a", "The first")])
    assert '<option value="a" selected>' in str(dressed(form)["state"])


class Payload(forms.Form):
    payload = forms.JSONField(required=False)


def test_json_that_is_not_given_is_an_empty_area():
    assert "null" not in str(dressed(Payload())["payload"])
