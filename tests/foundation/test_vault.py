"""SM4-GCM gives the standard's vector; a sealed value opens in its own place alone."""

import pytest
from django.db import connection
from django.test import override_settings

from guildhall.foundation import vault
from guildhall.foundation.organisations.models import Person
from guildhall.foundation.vault import SealedTextField, Unreadable


def test_sm4_gcm_gives_the_vector_of_rfc_8998():
    """RFC 8998, appendix A.1."""
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    nonce = bytes.fromhex("00001234567800000000ABCD")
    bound = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    text = bytes.fromhex(
        "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD"
        "EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA"
    )
    expected = bytes.fromhex(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    assert vault.encrypt(key, nonce, text, bound) == expected
    assert vault.decrypt(key, nonce, expected, bound) == text


def test_a_value_opens_in_its_place_and_never_seals_alike():
    sealed = vault.seal("0472-555-0158", "person.phone")
    assert vault.unseal(sealed, "person.phone") == "0472-555-0158"
    assert sealed != vault.seal("0472-555-0158", "person.phone")
    assert "0472" not in sealed


@pytest.mark.parametrize("change", ["place", "key", "byte", "short", "version", "base64"])
def test_a_value_moved_or_changed_does_not_open(change):
    sealed = vault.seal("0472-555-0158", "person.phone")
    other = {
        "place": (sealed, "person.email"),
        "key": (sealed, "person.phone"),
        "byte": (sealed[:-6] + ("AAAA" if sealed[-6:-2] != "AAAA" else "BBBB") + sealed[-2:], "person.phone"),
        "short": (sealed[:12], "person.phone"),
        "version": (sealed.removeprefix("s1:"), "person.phone"),
        "base64": ("s1:***", "person.phone"),
    }[change]
    with override_settings(VAULT_KEY="ab" * 16 if change == "key" else ""), pytest.raises(Unreadable):
        vault.unseal(*other)


def test_the_index_finds_the_same_text_and_depends_on_the_key():
    assert vault.index("15047") == vault.index("15047") != vault.index("15048")
    before = vault.index("15047")
    with override_settings(VAULT_KEY="ab" * 16):
        assert vault.index("15047") != before


def test_a_sealed_column_is_read_in_python_and_hidden_in_the_database(db):
    person = Person.objects.create(name="韩某", phone="0472-555-0158")
    assert Person.objects.get(pk=person.pk).phone == "0472-555-0158"
    assert Person.objects.get(pk=person.pk).email == ""
    with connection.cursor() as cursor:
        cursor.execute("select phone from organisations_person")
        assert cursor.fetchone()[0].startswith("s1:")


def test_to_a_migration_it_is_text():
    assert SealedTextField(blank=True, context="x").deconstruct()[1:] == (
        "django.db.models.TextField", [], {"blank": True},
    )  # fmt: skip
    assert SealedTextField(context="x").clone().bound_to == "x"
