"""Service cases: opened, closed, opened again, and gone with their account."""


def test_closing_a_case_is_kept_with_its_instant_and_opening_it_again_clears_that(crm):
    made = crm.post("/cases", json={"account_id": "A-1001", "subject": "It leaks"}).json()
    assert (made["status"], made["priority"], made["closed_at"]) == ("new", "normal", None)
    path, version = f"/cases/{made['id']}", made["version"]
    closed = crm.patch(path, json={"version": version, "status": "closed"}).json()
    assert closed["closed_at"] is not None
    again = crm.patch(path, json={"version": closed["version"], "priority": "low"}).json()
    assert again["closed_at"] == closed["closed_at"]
    opened = crm.patch(path, json={"version": again["version"], "status": "working"}).json()
    assert opened["closed_at"] is None


def test_a_case_told_after_the_fact_is_closed_from_the_beginning(crm):
    body = {"account_id": "A-1001", "subject": "It leaked", "status": "closed"}
    assert crm.post("/cases", json=body).json()["closed_at"] is not None


def test_the_contact_of_a_case_works_for_its_account(crm):
    body = {"account_id": "A-1001", "contact_id": "P-1002", "subject": "It leaks"}
    refused = crm.post("/cases", json=body)
    assert refused.status_code == 422
    assert refused.json()["error"]["fields"][0]["field"] == "contact_id"


def test_cases_go_with_their_account(crm):
    account = crm.post("/accounts", json={"name": "Short-lived"}).json()["id"]
    case = crm.post("/cases", json={"account_id": account, "subject": "It leaks"}).json()["id"]
    assert crm.delete(f"/accounts/{account}").status_code == 204
    assert crm.get(f"/cases/{case}").status_code == 404
