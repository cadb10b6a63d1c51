"""The extractor finds every text that gettext would, and the English says the same facts."""

from guildhall.foundation.screens.catalogue import FILE, Text, from_python, from_template, merged, missing, wrong


def test_python_calls_under_any_name():
    source = (
        "from django.utils.translation import gettext as _, gettext_lazy as lazy, ngettext\n"
        "_('甲'); lazy('乙'); ngettext('%(n)d 件', '%(n)d 件', n); other('丙'); _(name)\n"
    )

    assert list(from_python(source)) == [Text("甲"), Text("乙"), Text("%(n)d 件", "%(n)d 件")]


def test_template_tags():
    source = (
        '{% translate "甲" as x %}{% blocktranslate with n=m %}有 {{ n }} 件，100%{% endblocktranslate %}'
        '{% blocktranslate count t=n %}{{ t }} 件{% plural %}{{ t }} 件{% endblocktranslate %}{% if _("乙") %}{% endif %}'
    )

    assert list(from_template(source)) == [
        Text("甲"), Text("有 %(n)s 件，100%%"), Text("%(t)s 件", "%(t)s 件"), Text("乙"),
    ]  # fmt: skip


def test_every_text_has_its_english_with_the_same_facts():
    file = merged()

    assert FILE.exists()
    assert missing(file) == []
    assert wrong(file) == []
