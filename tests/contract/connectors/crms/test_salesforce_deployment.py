"""The project of custom fields: what the connector needs, and what an organization then tells."""

import json
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock.connectors.salesforce.deployment import PERMISSION_SET, VERSION, project
from crossdock.connectors.salesforce.fields import OWN, wanted

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
# What describe calls the types of the Metadata API.
DESCRIBED = {
    "Text": "string",
    "Number": "double",
    "Date": "date",
    "DateTime": "datetime",
    "Checkbox": "boolean",
    "LongTextArea": "textarea",
}
FACES = {"Activity": ("Task", "Event")}


def read(text, kind):
    root = ET.fromstring(text)
    assert root.tag == f"{NAMESPACE}{kind}"
    return root


def values(element):
    return {each.tag.removeprefix(NAMESPACE): each.text for each in element}


@pytest.fixture
def deployed():
    """The fields of the project, by object and name."""
    found = {}
    for path, text in project().items():
        if path.endswith(".field-meta.xml"):
            *_, owner, folder, file = path.split("/")
            field = values(read(text, "CustomField"))
            assert (folder, file) == ("fields", f"{field['fullName']}.field-meta.xml")
            found[owner, field["fullName"]] = field
    return found


def test_the_project_has_each_field_that_the_connector_needs_and_no_other(deployed):
    faces = {owner: FACES.get(owner, (owner,)) for owner, _ in deployed}
    there = {(face, name) for owner, name in deployed for face in faces[owner]}
    needed = {
        (kind, field.name)
        for kind, fields in wanted(["ERP_Customer_Number__c"]).items()
        for field in fields
    }
    assert there == needed
    unique = {(owner, name) for (owner, name), field in deployed.items() if "unique" in field}
    assert unique == {
        (owner, "Crossdock_Key__c")
        for owner in ("Account", "Contact", "Opportunity", "Quote", "Order", "Activity")
    } | {("Account", "ERP_Customer_Number__c"), ("Order", "Crossdock_Erp_Order__c")}
    assert len({field.name for fields in OWN.values() for field in fields}) < len(deployed)


@pytest.mark.parametrize("house", ["salesforce"], indirect=True)
def test_an_organization_that_has_them_describes_them_as_they_were_written(house, deployed):
    person = house.person()
    told = {
        face: {
            each["name"]: each
            for each in person.get(f"/sobjects/{face}/describe").raise_for_status().json()["fields"]
        }
        for owner, _ in deployed
        for face in FACES.get(owner, (owner,))
    }
    for (owner, name), field in deployed.items():
        for face in FACES.get(owner, (owner,)):
            there = told[face][name]
            assert there["type"] == DESCRIBED[field["type"]], (face, name)
            assert there["custom"]
            if "length" in field and name.startswith("Crossdock_"):  # the number's is their choice
                assert there["length"] == int(field["length"]), (face, name)
            if "scale" in field:
                assert (there["precision"], there["scale"]) == (
                    int(field["precision"]),
                    int(field["scale"]),
                )
            for flag in ("unique", "externalId"):
                assert there[flag] == (field.get(flag) == "true"), (face, name)


def test_everybody_who_is_given_the_permission_set_sees_every_field(deployed):
    files = project()
    path = f"force-app/main/default/permissionsets/{PERMISSION_SET}.permissionset-meta.xml"
    permissions = [
        values(each)
        for each in read(files[path], "PermissionSet")
        if each.tag == f"{NAMESPACE}fieldPermissions"
    ]
    assert all((each["editable"], each["readable"]) == ("true", "true") for each in permissions)
    # Fields of activities are permitted on both of their faces, never on `Activity`.
    assert [each["field"] for each in permissions] == sorted(
        f"{face}.{name}" for owner, name in deployed for face in FACES.get(owner, (owner,))
    )


def test_the_manifest_names_what_is_deployed_and_nothing_else(deployed):
    root = read(project()["manifest/package.xml"], "Package")
    members = {
        kind.find(f"{NAMESPACE}name").text: [
            each.text for each in kind.findall(f"{NAMESPACE}members")
        ]
        for kind in root.findall(f"{NAMESPACE}types")
    }
    assert members == {
        "CustomField": sorted(f"{owner}.{name}" for owner, name in deployed),
        "PermissionSet": [PERMISSION_SET],
    }
    assert root.find(f"{NAMESPACE}version").text == VERSION
    assert json.loads(project()["sfdx-project.json"])["sourceApiVersion"] == VERSION


def test_a_field_of_the_organizations_own_is_permitted_and_not_deployed():
    files = project(["Number_In_UK__c"], {"Crossdock_Tax_Number__c": "VAT_Id__c"})
    account = {path.rpartition("/")[2] for path in files if "/objects/Account/" in path}
    assert "Number_In_UK__c.field-meta.xml" in account
    assert not {file for file in account if "VAT" in file or "Tax_Number" in file}
    permissions = next(text for path, text in files.items() if "permissionsets" in path)
    assert "<field>Account.VAT_Id__c</field>" in permissions
    assert "Crossdock_Tax_Number__c" not in permissions


def test_the_command_writes_the_project_that_the_configuration_asks_for(tmp_path):
    config, folder = tmp_path / "crossdock.toml", tmp_path / "fields"
    run = CliRunner().invoke
    told = run(main, ["salesforce", "fields", str(folder), "--config", str(config)])
    assert told.exit_code == 0, told.output
    written = {
        str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*.*") if p.is_file()
    }
    assert written == project()
    config.write_text(
        '[crm]\nsystem = "salesforce"\nurl = "https://acme.my.salesforce.com"\n'
        'client_id = "x"\nclient_secret = "y"\ncustomer_numbers = { uk = "Number_In_UK__c" }\n'
        '[erp.uk]\nsystem = "erp"\nurl = "http://127.0.0.1:1"\napi_key = "key"\n'
    )
    other = tmp_path / "other"
    told = run(main, ["salesforce", "fields", str(other), "--config", str(config)])
    assert told.exit_code == 0, told.output
    assert list(other.rglob("Number_In_UK__c.field-meta.xml"))
    assert not list(other.rglob("ERP_Customer_Number__c.field-meta.xml"))
