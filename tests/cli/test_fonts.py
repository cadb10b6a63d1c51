"""The font for papers: fetched only where there is none, and only as we know it."""

import io
import tarfile
from pathlib import Path

import pytest

from guildhall.cli import fonts


@pytest.fixture
def npm(tmp_path, monkeypatch) -> list[str]:
    """A package manager that hands out an archive of one letter, and a machine that knows no Chinese font."""
    monkeypatch.setattr(fonts, "FAMILIES", ("Noto Serif SC",))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("package/LICENSE"))
    (tmp_path / "font.tgz").write_bytes(packed.getvalue())
    program = tmp_path / "npm"
    program.write_text(f'#!/bin/sh\necho "$@" >>"{tmp_path}/asked"\ncp "{tmp_path}/font.tgz" .\n')
    program.chmod(0o755)
    return [str(program)]


def test_where_a_font_is_found_nothing_is_fetched(tmp_path, monkeypatch, npm):
    monkeypatch.setattr(fonts, "FAMILIES", ("DejaVu Sans Mono",))  # The compiler's own.
    fonts.unpack(tmp_path / "fonts", lambda: npm)
    assert not (tmp_path / "asked").exists()


@pytest.mark.skipif(any(Path("/usr/share/fonts").rglob("NotoSerifSC*")), reason="this machine has that very font")
def test_another_package_than_ours_is_refused_and_the_build_goes_on(tmp_path, npm, capsys):
    fonts.unpack(tmp_path / "fonts", lambda: npm)
    assert (tmp_path / "asked").read_text().split() == ["pack", fonts.PACKAGE, "--silent"]
    assert not (tmp_path / "fonts").exists()
    assert "not the one we know" in capsys.readouterr().err


def test_without_a_registry_the_build_goes_on(tmp_path, npm, capsys):
    fonts.unpack(tmp_path / "fonts", lambda: ["/bin/false"])
    assert "fonts-noto-cjk" in capsys.readouterr().err
