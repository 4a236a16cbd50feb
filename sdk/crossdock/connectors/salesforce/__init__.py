"""The connector to Salesforce, described by `specs/salesforce.openapi.yaml`."""
