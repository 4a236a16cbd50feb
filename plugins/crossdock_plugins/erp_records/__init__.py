"""The ERP's invoices, shipments and customers as records of the CRM that has a place for them."""
