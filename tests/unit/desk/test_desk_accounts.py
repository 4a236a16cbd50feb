"""Finding accounts, and an account with the tabs of plugins."""

from attrs import evolve

from crossdock.records import Address


def test_accounts_are_listed_with_their_owner_and_country(kim):
    text = kim.open("/accounts") and kim.text()
    assert "1\N{EN DASH}25 of 60" in text
    assert "Baltic Bearings Hamburg Germany Ada Okafor Customer" in text


def test_pages_lead_on_and_back(kim):
    kim.open("/accounts")
    kim.open(kim.html.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&"))
    assert "26\N{EN DASH}50 of 60" in kim.text()
    kim.open(kim.html.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&"))
    assert "51\N{EN DASH}60 of 60" in kim.text()
    assert 'rel="next"' not in kim.html
    kim.open(kim.html.split('rel="prev" href="')[1].split('"')[0].replace("&amp;", "&"))
    assert "26\N{EN DASH}50 of 60" in kim.text()


def test_a_search_keeps_what_was_typed_and_offers_the_way_out(kim):
    html = kim.open("/accounts?search=windpark")
    assert 'value="windpark"' in html
    assert "1\N{EN DASH}1 of 1" in kim.text()
    assert '<a href="/accounts">Show all</a>' in html


def test_a_search_without_a_hit_says_what_to_try(kim):
    kim.open("/accounts?search=%3Cb%3Enobody")
    assert "No account matches “<b>nobody”." in kim.text()
    assert "<b>nobody" not in kim.html


def test_what_the_crm_holds_is_shown_as_text(kim, host):
    evil = '"><script>alert(1)</script>'
    account = host.crm.all_accounts["A-1001"]
    host.crm.all_accounts["A-1001"] = evolve(
        account, name=evil, website=f"javascript:{evil}", address=Address(city=evil), industry=evil
    )
    for path in ("/accounts", "/accounts/A-1001", "/accounts/A-1001/quotes/new"):
        assert "<script>alert" not in kim.open(path)
        assert 'href="javascript:' not in kim.html


def test_an_account_shows_contacts_quotes_orders_and_opportunities(kim, host):
    kim.open("/accounts/A-1001")
    text = kim.text()
    for words in (
        "Mira Lindholm Head of purchasing",
        "Spare parts frame contract 2027 Prove 15 Jan 2027 Kim Aalto €48,000.00",
        "C-10001 in main",
        "No quotes yet.",
    ):
        assert words in text


def test_long_lists_are_cut_and_can_be_opened(kim, host, quote):
    for _ in range(8):
        host.save_quote(quote(("BRG-1001", "1")), user=host.crm.people[0])
    html = kim.open("/accounts/A-1001")
    assert html.count('href="/quotes/') == 6
    assert "Show all 8" in html
    assert kim.open("/accounts/A-1001?show=quotes").count('href="/quotes/') == 8


def test_tabs_are_links_and_the_open_one_is_marked(kim):
    html = kim.open("/accounts/A-1001/tabs/erp-tabs/sales")
    assert '<a href="/accounts/A-1001/tabs/erp-tabs/sales" aria-current="page">Sales</a>' in html
    assert "<svg" in html
    assert "The figures as a table" in html


def test_a_tab_is_linked_to_with_its_parameters(kim):
    html = kim.open("/accounts/A-1001/tabs/erp-tabs/aging?as_of=2026-10-31")
    assert 'name="as_of" value="2026-10-31"' in html
    assert "as of 31 Oct 2026" in kim.text()
    assert 'href="/documents/main/invoice/IN-100001"' in html


def test_a_parameter_that_cannot_be_read_is_said_and_kept(kim):
    html = kim.open("/accounts/A-1001/tabs/erp-tabs/aging?as_of=someday", status=422)
    assert 'value="someday"' in html
    assert "is not a day such as 2026-11-21" in kim.text()


def test_a_tab_that_fails_leaves_the_page_standing(kim, host):
    host.erp.away = True
    kim.open("/accounts/A-1001/tabs/erp-tabs/sales")
    text = kim.text()
    assert "This tab could not be shown" in text
    assert "The ERP main does not answer" in text
    assert "Baltic Bearings" in text


def test_a_tab_or_account_that_is_not_there_is_a_page_too(kim):
    kim.open("/accounts/A-1001/tabs/erp-tabs/nothing", status=404)
    assert "There is nothing here" in kim.text()
    kim.open("/accounts/A-9", status=404)
    assert "The CRM has no such record." in kim.text()


def test_an_erp_document_opens_with_its_lines(kim):
    kim.open("/documents/main/invoice/IN-100001")
    text = kim.text()
    assert "Invoice IN-100001" in text
    assert "BRG-1001" in text
    assert "€148.75" in text


def test_the_crm_being_away_is_a_sentence(kim, host):
    host.crm.away = True
    html = kim.open("/accounts", status=503)
    assert "The CRM does not answer" in kim.text()
    assert "Traceback" not in html


def test_a_bug_is_a_page_with_a_reference_and_not_a_traceback(kim, host, caplog):
    host.breaks = True
    html = kim.open("/accounts/A-1001", status=500)
    assert "Something broke on our side" in kim.text()
    assert "the desk meets a bug" not in html
    reference = html.split('<strong class="code">')[1].split("<")[0]
    assert reference in caplog.text
    assert "the desk meets a bug" in caplog.text


def test_who_reloads_a_tab_is_shown_what_is_true_now(kim, host):
    kim.open("/accounts/A-1001/tabs/erp-tabs/sales")
    assert host.asked_anew is False
    kim.headers = {"cache-control": "max-age=0"}
    kim.open("/accounts/A-1001/tabs/erp-tabs/sales")
    assert host.asked_anew is True


def test_figures_are_written_in_the_language_that_the_browser_asks_for(kim):
    kim.headers = {"accept-language": "de-AT,de;q=0.9"}
    html = kim.open("/accounts/A-1001/tabs/erp-tabs/sales")
    assert 'lang="de-AT"' in html
    kim.headers = {"accept-language": "en-US"}
    assert 'lang="en-GB"' in kim.open("/accounts/A-1001/tabs/erp-tabs/sales")


def test_a_table_is_a_file_and_nothing_else_is(kim):
    kim.open("/accounts/A-1001/tabs/erp-tabs/sales.csv?table=nothing", status=404)
    kim.open("/accounts/A-1001/tabs/erp-tabs/nothing.csv", status=404)
