"""Records of Sage CRM: what is wanted, kept, refused, shown beside, and what goes with what."""

from datetime import timedelta

import pytest

from crossdock_mocks.dialects import sage_crm
from crossdock_mocks.engine import Fault


def test_names_count_whatever_their_case_and_answers_have_them_in_small_letters(sage, rows):
    answer = sage.post("/Company", json={"Comp_Name": "Mixed Ltd", "COMP_WEBSITE": "http://x"})
    entry = answer.json()
    assert (answer.status_code, entry["comp_name"]) == (201, "Mixed Ltd")
    assert answer.headers["location"] == entry["$url"]
    (row,) = rows("company", key=entry["$key"])
    assert row["comp_website"] == "http://x"
    found = sage.get("/company", params={"where": "Comp_Name eq 'MIXED LTD'", "startindex": 1})
    assert found.json()["$totalResults"] == 1


def test_two_slashes_before_an_entity_are_one_as_the_vendors_own_client_writes_them(sage):
    base = f"{sage.base_url}/"
    assert sage.get(f"{base}/company('1001')").json()["$key"] == 1001
    answer = sage.put(f"{base}/Company('1001')", json={"Comp_Website": "x"})
    assert (answer.status_code, answer.json()["comp_website"]) == (200, "x")


def test_who_made_and_changed_a_record_and_when_is_kept_by_the_server(world, made, changed):
    entry = made("company", comp_name="A", comp_createddate="2001-01-01", comp_createdby=900)
    assert entry["comp_createdby"] == entry["comp_updatedby"] == 1
    assert entry["comp_createddate"] == entry["comp_updateddate"] == entry["$updated"]
    world.clock.advance(timedelta(seconds=60))
    after = changed("company", entry["$key"], comp_status="Inactive")
    assert after["comp_createddate"] == entry["comp_createddate"] < after["comp_updateddate"]


def test_what_has_to_be_there_is_told_all_at_once(sage):
    diagnoses = sage.post("/account", json={}).json()
    assert [each["payloadPath"] for each in diagnoses] == [
        "acc_name", "acc_companyid", "acc_erpsystem", "acc_customernumber",
    ]  # fmt: skip


WRONG = [
    ({"comp_name": "x", "comp_nothing": 1}, 400, "no property 'comp_nothing'"),
    ({"comp_name": "x" * 61}, 400, "60"),
    ({"comp_name": "x", "comp_type": "Alien"}, 400, "comp_type"),
    ({"comp_name": "x", "comp_primaryuserid": 12345}, 400, "User '12345' was not found"),
    ({"comp_name": "x", "comp_primaryuserid": "kim"}, 400, "comp_primaryuserid"),
    ({"comp_name": "x", "comp_primaryaccountid": 1}, 400, "not one of this company"),
]


@pytest.mark.parametrize(("body", "status", "says"), WRONG, ids=[each[2] for each in WRONG])
def test_a_company_that_cannot_be_is_refused(refused, rows, body, status, says):
    before = len(rows("company"))
    told = refused("POST", "/company", body)
    assert told[0] == status
    assert says in told[1]
    assert len(rows("company")) == before


def test_keys_that_people_make_up_are_nobody_elses(made, refused, changed):
    key = made("company", comp_name="A", comp_cdkey="k-1")["$key"]
    other = made("company", comp_name="B")["$key"]
    for told in (
        refused("POST", "/company", {"comp_name": "C", "comp_cdkey": "k-1"}),
        refused("PUT", f"/company('{other}')", {"comp_cdkey": "k-1"}),
    ):
        assert told == (409, f"Company '{key}' has comp_cdkey 'k-1' already.")
    changed("company", key, comp_cdkey="k-1", comp_name="A again")


def test_a_lost_answer_is_seen_by_its_key(sage, world, rows, refused):
    world.faults.add(Fault("status_after_commit", operation="createCompany", times=1))
    body = {"comp_name": "Once", "comp_cdkey": "only-once"}
    assert sage.post("/company", json=body).status_code == 503
    assert refused("POST", "/company", body)[0] == 409
    (row,) = rows("company", comp_cdkey="only-once")
    found = sage.get("/company", params={"where": "comp_cdkey eq 'only-once'"}).json()
    assert [each["$key"] for each in found["$resources"]] == [row["key"]]


def test_linked_entities_stand_beside_their_keys_and_open_when_asked(read):
    person = read("person", 1001)
    assert person["pers_companyid"] == person["Company"]["$key"] == 1001
    assert person["Company"]["$url"].endswith("/company('1001')")
    opened = read("person", 1001, include="Company/Account")["Company"]
    assert opened["comp_name"]
    assert [each["acc_erpsystem"] for each in opened["Account"]["$resources"]] == ["main"]
    few = read("company", 1001, select="comp_name,PrimaryAddress/addr_city")
    assert set(few) == {"$key", "$url", "$title", "$updated", "comp_name", "PrimaryAddress"}
    assert few["PrimaryAddress"]["addr_city"]


def test_what_goes_with_a_company_goes_and_what_needs_it_keeps_it(made, sage, rows, refused):
    company = made(
        "company", comp_name="Short-lived",
        Address={"$resources": [{"addr_city": "Linz"}]},
        Phone={"$resources": [{"phon_number": "1"}]},
        Email={"$resources": [{"emai_emailaddress": "a@b.example"}]},
        Account={"$resources": [
            {"acc_name": "S", "acc_erpsystem": "main", "acc_customernumber": "C-99"}]},
    )["$key"]  # fmt: skip
    person = made("person", pers_lastname="Left", pers_companyid=company)["$key"]
    order = made("orders", orde_companyid=company, orde_currency=1)["$key"]
    status, told = refused("DELETE", f"/company('{company}')")
    assert (status, told) == (400, f"Company '{company}' is in use by Order '{order}'.")
    assert len(rows("account", acc_companyid=company)) == 1
    assert sage.delete(f"/orders('{order}')").status_code == 200
    assert sage.delete(f"/company('{company}')").status_code == 200
    for entity, column in (
        ("address", "addr_companyid"), ("phone", "phon_companyid"), ("email", "emai_companyid"),
        ("account", "acc_companyid"),
    ):  # fmt: skip
        assert rows(entity, **{column: company}) == []
    assert rows("person", key=person)[0]["pers_companyid"] is None


def test_a_note_is_of_a_record_that_is_there(made, refused, read):
    note = {"note_note": "Called", "note_foreigntableid": 5, "note_foreignid": 1001}
    assert read("notes", made("notes", **note)["$key"])["note_note"] == "Called"
    assert "no table" in refused("POST", "/notes", {**note, "note_foreigntableid": 6})[1]
    assert "not found" in refused("POST", "/notes", {**note, "note_foreignid": 1})[1]


def test_what_is_over_has_an_end_and_what_goes_on_has_none(made, changed):
    deal = made("opportunity", oppo_description="D", oppo_primarycompanyid=1001)
    assert (deal["oppo_status"], deal["oppo_closed"]) == ("In Progress", None)
    assert deal["oppo_opened"]
    assert changed("opportunity", deal["$key"], oppo_status="Won")["oppo_closed"]
    again = changed("opportunity", deal["$key"], oppo_status="In Progress")
    assert again["oppo_closed"] is None
    case = made("cases", case_description="Broken")
    assert case["case_referenceid"] == f"0-{case['$key']}"
    assert changed("cases", case["$key"], case_status="Closed")["case_closed"]
    task = made("communication", comm_subject="Call", comm_status="Complete")
    assert task["comm_completedtime"] == task["comm_datetime"]


def test_only_administrators_keep_users_currencies_and_captions(sage):
    for entity in ("users", "currency", "custom_captions"):
        assert sage.get(f"/{entity}").status_code == 200
        assert sage.post(f"/{entity}", json={}).status_code == 405
        assert sage.delete(f"/{entity}('1')").status_code == 405
    captions = sage.get(
        "/custom_captions", params={"where": "capt_family eq 'oppo_stage'", "orderby": "capt_order"}
    ).json()["$resources"]
    assert [each["capt_us"] for each in captions][:2] == ["Prospecting", "Initiate"]


@pytest.mark.parametrize("auth", [None, ("crossdock", "x"), ("nobody", ""), ("reader", "")])
def test_who_nobody_knows_is_told_so_by_the_web_server(sage, auth):
    sage.auth = auth
    answer = sage.get("/company")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert answer.headers["content-type"] == "text/html"


def test_somebody_of_the_company_changes_in_his_own_name_until_he_leaves(sage, world, changed):
    sage.auth = ("Kim", sage_crm.PASSWORD)
    kim = world.table("sdata_users").first({"user_logon": "kim"})
    assert changed("company", 1001, comp_sector="Wood")["comp_updatedby"] == kim["key"]
    world.table("sdata_users").replace({**kim, "user_disabled": "Y"})
    assert sage.get("/company").status_code == 401


def test_a_reader_reads_and_changes_nothing(sage, rows):
    sage.auth = (sage_crm.READER, sage_crm.READER_PASSWORD)
    assert sage.get("/company('1001')").status_code == 200
    for answer in (
        sage.post("/company", json={"comp_name": "x"}),
        sage.put("/company('1001')", json={"comp_name": "x"}),
        sage.delete("/notes('1')"),
    ):
        assert answer.status_code == 403
        assert "no rights" in answer.json()[0]["message"]
    assert not rows("company", comp_name="x")


def test_prototypes_tell_what_the_vendors_client_asks_for(sage):
    listed = sage.get("/$prototypes").json()
    assert listed["$totalResults"] == len(listed["$resources"]) == 22
    told = sage.get("/$prototypes/Account").json()
    assert (told["$resourceKind"], told["$title"]) == ("account", "Trading account")
    assert isinstance(told["$resourceId"], int)
    assert told["$properties"]["acc_customernumber"] == {
        "$title": "acc_customernumber", "$type": "string", "$isMandatory": True,
        "$isHidden": False, "$isReadOnly": False,
    }  # fmt: skip
    assert told["$properties"]["acc_accountid"]["$isReadOnly"] is True
    assert sage.get("/$prototypes/spaceship").status_code == 404
