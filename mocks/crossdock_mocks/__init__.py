"""Mock CRM and ERP servers: stateful, described by OpenAPI documents, and breakable on purpose."""
