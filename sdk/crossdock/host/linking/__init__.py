"""Which CRM account is which ERP customer: found, proposed, decided by people, kept true."""
