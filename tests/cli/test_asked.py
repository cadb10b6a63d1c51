"""What the command and the environment are asked, read before anything is started."""

import os

import pytest

from guildhall.cli import prepare
from guildhall.cli.errors import Trouble
from guildhall.cli.records import given
from guildhall.config import environment


def test_a_seal_is_a_files_text_or_the_text_itself(tmp_path):
    file = tmp_path / "seal"
    file.write_text("7:2024-11-26:ab\n", encoding="utf-8")
    whole = '{"number": 7, "hash": "ab", "heads": [' + ", ".join(["1"] * 200) + "]}"
    assert [given(str(file)), given("7:2024-11-26:ab"), given(whole)] == ["7:2024-11-26:ab", "7:2024-11-26:ab", whole]


@pytest.mark.parametrize("url", [
    "postgresql://federation@db.example/guildhall?sslmode=verify-full", "mysql://db.example/guildhall",
    "postgresql://federation@db.example:port/guildhall",
])  # fmt: skip
def test_an_address_that_cannot_be_kept_is_refused_in_one_line(url, monkeypatch):
    monkeypatch.setitem(os.environ, "DATABASE_URL", url)
    with pytest.raises(Trouble) as refused:
        prepare.django_up()
    assert refused.value.status == 2


def test_an_address_names_a_server_or_a_sockets_folder():
    named = environment.from_url("postgresql://f:p%40ss@db.example:5433/town")
    assert named == {"NAME": "town", "USER": "f", "PASSWORD": "p@ss", "HOST": "db.example", "PORT": "5433"}
    assert environment.from_url("postgres:///town?host=/run/pg")["HOST"] == "/run/pg"
