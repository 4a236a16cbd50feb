"""What the CRM says of an account stays a text on every page of the desk."""

import attrs

_REFUSED_BY_HTML = "\x00\x01\x1b\x7f\x9b\u202e\ufffe\ud800"


def test_a_record_with_hostile_texts_is_only_a_record(kim, host, hostile_texts):
    plain = host.crm.all_accounts["A-1001"]
    fields = ("name", "industry", "email", "phone", "website", "tax_number")
    for name, text in hostile_texts.items():
        host.crm.all_accounts["A-1001"] = attrs.evolve(plain, **dict.fromkeys(fields, text))
        for path in ("/accounts", "/accounts/A-1001", "/accounts/A-1001/quotes/new"):
            page = kim.open(path)
            page.encode()
            assert "A-1001" in page, (name, path)
            assert not set(_REFUSED_BY_HTML) & set(page), (name, path)
            lower = page.lower()
            for unwanted in ("<script>w", "<img", "<iframe", 'href="javascript:', 'href="data:'):
                assert unwanted not in lower, (name, path)
