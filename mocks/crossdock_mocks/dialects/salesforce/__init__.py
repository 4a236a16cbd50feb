"""Salesforce: `specs/salesforce.openapi.yaml` over the records of one organization."""
