"""Messages are found, merged, checked and compiled; the product's own catalogs are complete."""

import gettext
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from wafa.design.catalogs import LANGUAGES, LOCALE, PACKAGE
from wafa.design.catalogs.faults import find_faults
from wafa.design.catalogs.files import catalog_file, compile_catalog, merge, read_catalog, write_catalog
from wafa.design.catalogs.sources import find_messages

PAGE = """{% load i18n %}
    <c-button label="{% trans "Save" %}" kind='primary'>{% translate "Don't" context "verb" %}</c-button>
        {# Translators: a greeting #}
  {% blocktranslate count counter=n trimmed with name=who %}
      {{ counter }} point for {{ name }}
  {% plural %}
      {{ counter }} points for {{ name }}
  {% endblocktranslate %}
"""
CODE = 'from django.utils.translation import gettext_lazy as _, ngettext\nX = _("Member")\nngettext("a", "b", 2)\n'
PLURAL = ("%(counter)s point for %(name)s", "%(counter)s points for %(name)s")


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    root = tmp_path / "sources"
    (root / "templates" / "cotton").mkdir(parents=True)
    (root / "templates" / "cotton" / "page.html").write_text(PAGE)
    (root / "views.py").write_text(CODE)
    (root / "notes.html").write_text('{% translate "Not a template of ours" %}')
    return root


def translated(found: Catalog, language: str = "fa") -> Catalog:
    """A catalog in which every form repeats its source."""
    catalog = merge(found, Catalog(locale=language), language)
    for message in catalog:
        if message.pluralizable:
            message.string = (str(message.id[1]),) * LANGUAGES[language].forms
        elif message.id:
            message.string = message.id
    return catalog


def test_messages_are_found_in_code_and_in_templates(sources: Path) -> None:
    found = {message.id: message for message in find_messages(sources) if message.id}
    assert set(found) == {"Save", "Don't", "Member", ("a", "b"), PLURAL}
    assert found["Don't"].context == "verb"
    assert found["Save"].locations == [("templates/cotton/page.html", 0)]
    assert "python-format" in found[PLURAL].flags


def test_a_complete_catalog_has_no_faults(sources: Path) -> None:
    found = find_messages(sources)
    assert find_faults(found, translated(found), "fa") == []


@pytest.mark.parametrize(
    ("message", "string", "fault"),
    [
        ("Save", "", "fa: 'Save' is empty"),
        (PLURAL, (PLURAL[1],), "fa: '%(counter)s point for %(name)s' needs 2 forms, has 1"),
        (PLURAL, (PLURAL[1], ""), "fa: '%(counter)s point for %(name)s' has an empty form 1"),
        (PLURAL, (PLURAL[1], "%(counter)s"), "leaves out %(name)s in '%(counter)s'"),
        (PLURAL, ("%(name)s", "%(name)s"), "leaves out %(counter)s in '%(name)s'"),
        (PLURAL, (PLURAL[1], PLURAL[1] + "%(nam)s"), "has unknown %(nam)s in"),
    ],
)
def test_a_fault_is_told(sources: Path, message: str, string: str, fault: str) -> None:
    found = find_messages(sources)
    catalog = translated(found)
    known = catalog.get(message)
    assert known is not None
    known.string = string
    faults = find_faults(found, catalog, "fa")
    assert len(faults) == 1
    assert fault in faults[0]


def test_missing_and_fuzzy_messages_are_faults(sources: Path) -> None:
    found = find_messages(sources)
    catalog = translated(found)
    catalog.delete("Save")
    known = catalog.get("Member")
    assert known is not None
    known.flags.add("fuzzy")
    assert find_faults(found, catalog, "fa") == ["fa: 'Save' is missing", "fa: 'Member' is marked fuzzy"]


def test_arabic_may_say_one_and_two_without_figures(sources: Path) -> None:
    found = find_messages(sources)
    catalog = translated(found, "ar")
    known = catalog.get(PLURAL)
    assert known is not None
    known.string = ("لا نقاط لـ%(name)s", "نقطة لـ%(name)s", "نقطتان لـ%(name)s", *[PLURAL[1]] * 3)
    assert find_faults(found, catalog, "ar") == []


def test_updating_again_changes_nothing_and_keeps_what_vanished_aside(sources: Path, tmp_path: Path) -> None:
    found = find_messages(sources)
    write_catalog(translated(found), tmp_path, "fa")
    first = catalog_file(tmp_path, "fa").read_bytes()
    write_catalog(merge(found, read_catalog(tmp_path, "fa"), "fa"), tmp_path, "fa")
    assert catalog_file(tmp_path, "fa").read_bytes() == first

    (sources / "views.py").write_text("")
    write_catalog(merge(find_messages(sources), read_catalog(tmp_path, "fa"), "fa"), tmp_path, "fa")
    assert read_catalog(tmp_path, "fa").get("Member") is None
    assert '#~ msgid "Member"' in catalog_file(tmp_path, "fa").read_text()

    (sources / "views.py").write_text(CODE)
    write_catalog(merge(find_messages(sources), read_catalog(tmp_path, "fa"), "fa"), tmp_path, "fa")
    assert catalog_file(tmp_path, "fa").read_bytes() == first


def test_arabic_has_six_forms_when_compiled(sources: Path, tmp_path: Path) -> None:
    found = find_messages(sources)
    catalog = translated(found, "ar")
    known = catalog.get(("a", "b"))
    assert known is not None
    known.string = ("zero", "one", "two", "few", "many", "other")
    write_catalog(catalog, tmp_path, "ar")
    with compile_catalog(tmp_path, "ar").open("rb") as file:
        arabic = gettext.GNUTranslations(file)
    forms = [arabic.ngettext("a", "b", n) for n in (0, 1, 2, 3, 10, 11, 99, 100, 102, 103)]
    assert forms == ["zero", "one", "two", "few", "few", "many", "many", "other", "other", "few"]


@pytest.fixture(scope="module")
def ours() -> Catalog:
    return find_messages(PACKAGE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_catalogs_are_complete(ours: Catalog, language: str) -> None:
    assert find_faults(ours, read_catalog(LOCALE, language), language) == []
